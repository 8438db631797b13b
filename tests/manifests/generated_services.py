"""Objects of accelerators and services whose settings are made up; charts render some of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter, ValidationError

from components.accelerators import NAMESPACE, ComputeDomain, ComputeDomainArgs, deployments
from components.accelerators.gpu_operator import RELEASE, GpuOperator, gpu_operator_values
from components.accelerators.operator_rules import wanted_operator
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.local.cluster import local_facts
from components.contracts.api_groups import COMPUTE_DOMAINS
from components.contracts.customize import ObjectCustomize
from components.contracts.errors import StrataError
from components.contracts.gpu_sharing import MigStrategy
from components.contracts.pools import GpuPool
from components.contracts.quantities import ByteSize, Duration
from components.contracts.sources import ImageMirror, Sha256Digest
from components.contracts.versions import GPU_OPERATOR_CHART, IMAGES, KUBE_PROMETHEUS_STACK_CHART
from components.services.dcgm_exporter import DcgmExporter, DcgmExporterArgs
from components.services.prometheus import PrometheusArgs, prometheus_values
from components.services.service import ServiceSources
from components.workloads.charts import ChartValues
from stacks.chart_objects import CHART_TOKEN, with_chart_objects
from stacks.recording import Registered
from tests.clusters.kubeadm.site import site
from tests.registration import Registrations, registered

Body = dict[str, JsonValue]
BODY: TypeAdapter[Body] = TypeAdapter(Body)
_MIRROR: TypeAdapter[str] = TypeAdapter(ImageMirror)
_DIGEST: TypeAdapter[str] = TypeAdapter(Sha256Digest)
_LABELS: TypeAdapter[ObjectCustomize] = TypeAdapter(ObjectCustomize)
_TRAYS = GpuPool(kind="gpu", name="nvl72", instance_type="gb200-nvl72-tray", count=18, compute_domains=True)
_SITE = kubeadm_facts(*site())
_PLAIN = local_facts("dev", (GpuPool(kind="gpu", name="gpus", instance_type="p5.48xlarge", count=2),))
MADE_UP = settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _accepted(of: TypeAdapter[str]) -> Callable[[str], bool]:
    def takes(text: str) -> bool:
        try:
            of.validate_python(text)
        except (ValidationError, StrataError):
            return False
        return True

    return takes


_MIRRORS = st.one_of(
    st.none(), st.from_regex(r"[a-zA-Z0-9.-]{1,40}(:[0-9]{1,5})?(/[a-z0-9_.-]{1,9})?", fullmatch=True)
).filter(lambda text: text is None or _accepted(_MIRROR)(text))
_DIGESTS = st.dictionaries(
    st.sampled_from(sorted(IMAGES)), st.from_regex(r"sha256:[0-9a-fA-F]{64}", fullmatch=True).filter(_accepted(_DIGEST))
)
_SIZES = st.one_of(st.integers(1, 2**70), st.integers(1, 2**40).map(lambda gib: gib * 2**30)).map(ByteSize)
_TIMES = st.builds("{}{}".format, st.integers(0, 10**9), st.sampled_from(["s", "m", "h", "d"]))
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@st.composite
def labelled(draw: st.DrawFn) -> ObjectCustomize:
    key = draw(st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,30}[a-z0-9])?/[A-Za-z0-9]([A-Za-z0-9_.-]{0,60})?", fullmatch=True))
    try:
        return _LABELS.validate_python({"labels": {key: draw(_TEXT)}, "annotations": {key: draw(_TEXT)}})
    except (ValidationError, StrataError):
        return ObjectCustomize()


def policies(project: Path) -> list[Body]:
    """ClusterPolicies of every operator that our types describe."""
    wanted = wanted_operator(_SITE, deployments(_SITE).operator)
    found: list[ChartValues] = []

    @MADE_UP
    @given(st.tuples(*[st.booleans()] * 7), st.sampled_from(MigStrategy), _MIRRORS, _DIGESTS)
    def collect(choices: tuple[bool, ...], strategy: MigStrategy, mirror: str | None, digests: dict[str, str]) -> None:
        driver, advertises, discovers, monitored, toolkit, cuts, edits = choices
        operator: GpuOperator = dataclasses.replace(
            wanted,
            installs_driver=driver,
            advertises=advertises,
            discovers=discovers,
            monitored=monitored,
            installs_toolkit=toolkit,
            cuts=cuts,
            mig_strategy=strategy.value,
            containerd_config="/etc/containerd/config.toml" if edits else None,
            image_mirror=mirror,
            image_digests=digests,
        )
        found.append(gpu_operator_values(operator))

    collect()
    return _of_chart(project, GPU_OPERATOR_CHART.name, RELEASE, found, {"ClusterPolicy"})


def prometheuses(project: Path) -> list[Body]:
    """Prometheuses of every size and retention that our types accept, with their monitors."""
    found: list[ChartValues] = []

    @MADE_UP
    @given(_SIZES, _TIMES, _MIRRORS, _DIGESTS)
    def collect(volume: ByteSize, retention: str, mirror: str | None, digests: dict[str, str]) -> None:
        try:
            sources = ServiceSources(image_mirror=mirror, image_digests=digests)
            args = PrometheusArgs(facts=_SITE, volume=volume, retention=Duration(retention), sources=sources)
        except (StrataError, ValueError):
            return
        found.append(prometheus_values(args))

    collect()
    kinds = {"Prometheus", "ServiceMonitor"}
    return _of_chart(project, KUBE_PROMETHEUS_STACK_CHART.name, "monitoring", found, kinds)


def domains_and_monitors() -> list[Body]:
    """ComputeDomains and PodMonitors with labels and annotations that our types accept."""
    found: list[Body] = []
    facts = local_facts("dev", (_TRAYS,)).with_apis([COMPUTE_DOMAINS])

    @MADE_UP
    @given(st.integers(2, 18), labelled())
    def collect(nodes: int, customize: ObjectCustomize) -> None:
        def declare() -> None:
            domain = ComputeDomainArgs(facts=facts, pool="nvl72", nodes=nodes, namespace="models", customize=customize)
            ComputeDomain("kimi", domain)
            DcgmExporter("dcgm", DcgmExporterArgs(facts=_PLAIN, sources=ServiceSources(customize=customize)))

        try:
            made: Registrations = registered(declare)
        except StrataError:
            return
        bodies = (BODY.validate_python(resource.inputs) for resource in made.made if "apiVersion" in resource.inputs)
        found.extend(body for body in bodies if body["kind"] in {"ComputeDomain", "PodMonitor"})

    collect()
    return apart(found)


def _of_chart(project: Path, chart: str, release: str, values: Iterable[ChartValues], kinds: set[str]) -> list[Body]:
    folder = str(project / ".strata" / "charts" / chart)
    distinct = {json.dumps(one.rendered(), sort_keys=True): one for one in values}
    asked = [
        Registered(
            CHART_TOKEN,
            release,
            json.loads(
                json.dumps({"chart": folder, "name": release, "namespace": NAMESPACE, "values": one.rendered()})
            ),
            "provider",
        )
        for one in distinct.values()
    ]
    made = (BODY.validate_python(dict(found.inputs)) for found in with_chart_objects(asked))
    return apart(body for body in made if body["kind"] in kinds)


def apart(bodies: Iterable[Body]) -> list[Body]:
    """The distinct ones, each with a name of its own and in a namespace that is there."""
    distinct = {json.dumps(body, sort_keys=True): body for body in bodies}
    found: list[Body] = []
    for number, body in enumerate(distinct.values()):
        about = body["metadata"]
        assert isinstance(about, dict)
        space: Body = {"namespace": "models"} if "namespace" in about else {}
        found.append({**body, "metadata": {**about, "name": f"{about['name']}-{number}", **space}})
    return found
