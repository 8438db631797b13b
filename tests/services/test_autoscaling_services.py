"""KEDA and Prometheus: where they are deployed, and what the charts make of our values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
import yaml

from components.contracts.autoscaling import HpaScaling, KedaScaling
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.quantities import ByteSize, Duration
from components.contracts.served_models import ServedModel
from components.contracts.versions import (
    KEDA_CHART,
    KEDA_METRICS,
    KEDA_OPERATOR,
    KUBE_PROMETHEUS_STACK_CHART,
    PROMETHEUS,
    PROMETHEUS_OPERATOR,
    PROMETHEUS_OPERATOR_CRDS_CHART,
)
from components.services import known
from components.services.keda import keda_values
from components.services.prometheus import DefinitionValues, PrometheusArgs, prometheus_values
from components.services.service import ServiceSources
from components.workloads.charts import ChartValues
from tests.planner.clusters import cluster
from tests.services.rendering import Rendered, rendered

MIRROR = ServiceSources(image_mirror="registry.example.com/mirror", image_digests={"keda": f"sha256:{'ab' * 32}"})
MODEL = ServedModel.model_validate(
    {
        "name": "chat",
        "model": "Qwen/Qwen2-7B-Instruct",
        "revision": "f2826a00ceef68f0f2b946d945ecc0477ce4450c",
        "replicas": 1,
    }
)
FACTS = cluster(h100=("p5.48xlarge", 1))


def values_of(chart: str) -> ChartValues:
    args = PrometheusArgs(facts=FACTS, volume=ByteSize.gib(100), retention=Duration("1d"))
    return keda_values(ServiceSources()) if chart == KEDA_CHART.name else prometheus_values(args)


def objects(project: Path, chart: str, values: ChartValues | None = None) -> Rendered:
    folder = project / ".strata" / "charts" / chart
    release = known.KEDA.name if chart == KEDA_CHART.name else known.PROMETHEUS_RELEASE
    return rendered(folder, values or values_of(chart), release, known.PROMETHEUS.namespace)


def scaled(prometheus: str | None = None) -> ServedModel:
    return MODEL.model_copy(update={"autoscaling": KedaScaling(kind="keda", max_replicas=2, prometheus=prometheus)})


@pytest.mark.parametrize(
    ("models", "keda", "prometheus"),
    [
        ((MODEL,), False, False),
        ((MODEL.model_copy(update={"autoscaling": HpaScaling(max_replicas=2)}),), False, False),
        ((scaled(),), True, True),
        ((scaled("http://prometheus.theirs:9090"),), True, False),
        ((), False, False),
    ],
    ids=["fixed", "hpa", "keda", "keda on a Prometheus of somebody else", "no models"],
)
def test_b3_they_come_with_the_first_model_that_needs_them(
    models: tuple[ServedModel, ...],
    keda: bool,  # noqa: FBT001 - what is expected
    prometheus: bool,  # noqa: FBT001 - likewise
) -> None:
    assert known.needs_keda(models, FACTS) is keda
    assert known.needs_prometheus(models, FACTS) is prometheus
    theirs: ClusterFacts = FACTS.model_copy(update={"existed": True})
    assert not known.needs_keda(models, theirs), "nothing is installed unasked on a cluster of somebody else"
    assert not known.needs_prometheus(models, theirs)


@pytest.mark.parametrize("chart", [KEDA_CHART, KUBE_PROMETHEUS_STACK_CHART], ids=lambda chart: chart.name)
def test_every_value_is_one_that_the_chart_knows(chart: object, project: Path) -> None:
    assert isinstance(chart, type(KEDA_CHART))
    folder = project / ".strata" / "charts" / chart.name
    about = yaml.safe_load((folder / "Chart.yaml").read_text())
    assert (about["name"], about["version"]) == (chart.name, chart.version)
    knows = yaml.safe_load((folder / "values.yaml").read_text())
    assert list(_unknown(values_of(chart.name).rendered(), knows, "")) == []


# Values that a chart passes on without listing what may be in them.
_FREE = ("resources", "storageSpec", "persistentVolumeClaimRetentionPolicy")


def _unknown(given: Mapping[str, object], knows: Mapping[str, object], path: str) -> list[str]:
    found: list[str] = []
    for key, value in given.items():
        if key not in knows and key not in _FREE:
            found.append(f"{path}{key}")
        elif isinstance(value, dict) and key not in _FREE:
            below = knows[key]
            assert isinstance(below, dict), f"{path}{key}"
            inner = cast("dict[str, object]", value)
            found += _unknown(inner, cast("dict[str, object]", below), f"{path}{key}.")
    return found


def test_names_that_others_rely_on_are_those_that_the_charts_make(project: Path) -> None:
    monitoring = objects(project, KUBE_PROMETHEUS_STACK_CHART.name)
    service = known.PROMETHEUS_ADDRESS.removeprefix("http://").partition(".")[0]
    spec = yaml.safe_dump(monitoring["Service", service])
    assert f"port: {known.PROMETHEUS_PORT}\n" in spec
    made = {name for kind, name in (*monitoring, *objects(project, KEDA_CHART.name)) if kind == "Deployment"}
    assert made == {*known.PROMETHEUS.deployments, *known.KEDA.deployments}, "what verify looks for"


def test_prometheus_takes_monitors_of_every_namespace_and_keeps_what_its_volume_holds(project: Path) -> None:
    spec = objects(project, KUBE_PROMETHEUS_STACK_CHART.name)["Prometheus", "monitoring-prometheus"]["spec"]
    assert isinstance(spec, dict)
    assert spec["podMonitorSelector"] == spec["podMonitorNamespaceSelector"] == {}
    assert (spec["retention"], spec["retentionSize"]) == ("86400s", "81920MB")
    claim = yaml.safe_dump(spec["storage"])
    assert "storage: 100Gi" in claim
    assert f"storageClassName: {FACTS.storage.read_write_once.name}" in claim
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Delete", "whenScaled": "Delete"}


def test_nothing_of_the_stack_runs_that_nobody_asks(project: Path) -> None:
    kinds = {kind for kind, _ in objects(project, KUBE_PROMETHEUS_STACK_CHART.name)}
    assert not kinds & {"DaemonSet", "Job", "ValidatingWebhookConfiguration", "Alertmanager", "PrometheusRule"}
    made = objects(project, KEDA_CHART.name)
    assert not [name for kind, name in made if "Webhook" in kind]
    role = yaml.safe_dump(made["ClusterRole", "keda-operator"]["rules"])
    assert "secrets" not in role, "secrets of other namespaces are not KEDA's to read"


def test_definitions_come_with_the_charts(project: Path) -> None:
    definitions = {name for kind, name in objects(project, KEDA_CHART.name) if kind == "CustomResourceDefinition"}
    assert "scaledobjects.keda.sh" in definitions
    found = (project / ".strata" / "charts" / PROMETHEUS_OPERATOR_CRDS_CHART.name / "crds").glob("*.yaml")
    kinds = {path.stem.partition("_")[2] for path in found}
    assert kinds == {"podmonitors", "servicemonitors", "probes", "scrapeconfigs", "prometheuses", "prometheusrules"}
    left_out = DefinitionValues().rendered()["crds"]
    assert isinstance(left_out, dict)
    assert not kinds & set(left_out), "what offline runs have is what the whole chart makes"


def test_images_come_from_the_mirror_with_their_digests(project: Path) -> None:
    made = objects(project, KEDA_CHART.name, keda_values(MIRROR))
    text = yaml.safe_dump([made["Deployment", name] for name in known.KEDA.deployments])
    assert f"image: {KEDA_OPERATOR.reference(MIRROR.image_mirror, MIRROR.image_digests['keda'])}" in text
    assert f"image: {KEDA_METRICS.reference(MIRROR.image_mirror)}" in text
    args = PrometheusArgs(facts=FACTS, sources=ServiceSources(image_digests={"prometheus": f"sha256:{'cd' * 32}"}))
    text = yaml.safe_dump(
        [
            found
            for (kind, _), found in objects(project, KUBE_PROMETHEUS_STACK_CHART.name, prometheus_values(args)).items()
            if kind in ("Deployment", "Prometheus")
        ]
    )
    assert f"image: {PROMETHEUS.reference(digest=args.sources.image_digests['prometheus'])}" in text
    assert f"image: {PROMETHEUS_OPERATOR.reference()}" in text
