"""The GPU operator completes the nodes of its pools and no others, and both charts know what it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from components.accelerators import deployments
from components.accelerators.gpu_operator import RELEASE, GpuOperator, gpu_operator_values
from components.accelerators.operator_rules import wanted_operator
from components.accelerators.operator_values import PodDeletionValues, UpgradePolicyValues
from components.clusters.gke.facts import gke_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.contracts.api_groups import MONITORING, NODE_DISCOVERY
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.pools import DriverOwner
from components.contracts.versions import GPU_OPERATOR, GPU_OPERATOR_CHART, NODE_FEATURE_DISCOVERY, NVIDIA_DRIVER
from stacks.chart_objects import with_chart_objects
from stacks.recording import Registered
from tests.accelerators.record_gpu_operator import RECORD, chart_keys, key_paths
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site

ON_SITE = kubeadm_facts(*site())
ON_GKE = gke_facts(
    gke.target(),
    (gke.system_pool(), gke.gpu_pool("g2-standard-48").model_copy(update={"driver": DriverOwner.GPU_OPERATOR})),
)
DIGEST = f"sha256:{'ab' * 32}"
# Of these the chart's values have only the empty default.
_FREE = (
    *(f"{name}.resources." for name in ("driver", "toolkit", "devicePlugin", "gfd", "migManager", "dcgmExporter")),
    "node-feature-discovery.worker.affinity.",
)


def operator(facts: ClusterFacts) -> GpuOperator:
    return wanted_operator(facts, deployments(facts).operator)


def upgrade_policy(most: float | str) -> UpgradePolicyValues:
    deletion = PodDeletionValues(force=False, timeout_seconds=300, delete_empty_dir=True)
    return UpgradePolicyValues.model_validate(
        {"autoUpgrade": True, "maxParallelUpgrades": 1, "maxUnavailable": most, "gpuPodDeletion": deletion}
    )


def values(facts: ClusterFacts) -> Mapping[str, object]:
    return dict(gpu_operator_values(operator(facts)).rendered())


def objects(chart: Path, facts: ClusterFacts) -> Mapping[str, Registered]:
    inputs = {
        "chart": str(chart),
        "name": RELEASE,
        "namespace": "strata-accelerators",
        "values": gpu_operator_values(operator(facts)).rendered(),
    }
    given = json.loads(json.dumps(inputs))
    made = with_chart_objects([Registered("kubernetes:helm.sh/v4:Chart", "operator", given, "provider")])
    return {
        f"{found.token.rpartition(':')[2]}/{found.name.rpartition(':')[2].rpartition('/')[2]}": found for found in made
    }


@pytest.fixture(scope="module")
def chart(project: Path) -> Path:
    return project / ".strata" / "charts" / GPU_OPERATOR_CHART.name


def set_keys(given: Mapping[str, object]) -> set[str]:
    return {path for path in key_paths(given) if not path.startswith(_FREE)}


@pytest.mark.parametrize("facts", [ON_SITE, ON_GKE], ids=["hosts", "gke"])
def test_every_key_is_one_of_the_pinned_chart_and_of_the_one_that_simulated_runs_take(
    facts: ClusterFacts, chart: Path
) -> None:
    record = json.loads(RECORD.read_text())
    assert GPU_OPERATOR_CHART.version in record["source"], "record the keys of the new release"
    ours = set_keys(values(facts))
    assert ours - set(record["keys"]) == set()
    assert ours - chart_keys(chart) == set(), "runs without a real cluster would not see what is set here"


def test_discovery_runs_on_the_pools_of_the_operator_alone(chart: Path) -> None:
    gpus = {pool.name for pool in ON_SITE.gpu_pools}
    worker = objects(chart, ON_SITE)["DaemonSet/gpu-operator-node-feature-discovery-worker"]
    (term,) = yaml.safe_load(json.dumps(worker.inputs["spec"]))["template"]["spec"]["affinity"]["nodeAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]["nodeSelectorTerms"]
    (expression,) = term["matchExpressions"]
    assert (expression["key"], set(expression["values"])) == ("strata.dev/pool", gpus)
    assert f"image: {NODE_FEATURE_DISCOVERY.reference()}" in yaml.safe_dump(worker.inputs["spec"])


def policy(chart: Path, facts: ClusterFacts) -> Mapping[str, Mapping[str, object]]:
    (found,) = (made for name, made in objects(chart, facts).items() if name.startswith("ClusterPolicy/"))
    return yaml.safe_load(json.dumps(found.inputs["spec"]))


def test_a_driver_that_hosts_have_is_not_installed_once_more(chart: Path) -> None:
    assert policy(chart, ON_SITE)["driver"]["enabled"] is False
    without = ON_GKE
    driver = policy(chart, without)["driver"]
    assert driver["enabled"] is True
    assert f"{driver['repository']}/{driver['image']}:{driver['version']}" == NVIDIA_DRIVER.reference()


def test_the_policy_brings_toolkit_plugin_and_discovery_with_cdi(chart: Path) -> None:
    spec = policy(chart, ON_SITE)
    assert spec["cdi"]["enabled"] is True
    assert all(spec[operand]["enabled"] for operand in ("toolkit", "devicePlugin", "gfd", "dcgmExporter", "migManager"))


def test_e_containerd_of_gke_is_edited_in_place(chart: Path) -> None:
    given: Sequence[Mapping[str, str]] = yaml.safe_load(json.dumps(policy(chart, ON_GKE)["toolkit"]["env"]))
    assert {found["name"]: found["value"] for found in given} == {
        "RUNTIME_CONFIG_SOURCE": "file",
        "CONTAINERD_CONFIG": "/etc/containerd/config.toml",
        "CONTAINERD_SOCKET": "/run/containerd/containerd.sock",
    }
    assert "env" not in policy(chart, ON_SITE)["toolkit"], "containerd of hosts takes the toolkit's own file"


def test_prometheus_is_told_of_the_exporter_only_where_it_is(chart: Path) -> None:
    monitored = ON_SITE.with_apis([MONITORING])
    found = {facts.apis: policy(chart, facts)["dcgmExporter"]["serviceMonitor"] for facts in (ON_SITE, monitored)}
    assert [yaml.safe_load(json.dumps(monitor))["enabled"] for monitor in found.values()] == [False, True]


def test_every_taint_of_its_pools_is_tolerated(chart: Path) -> None:
    taints = {(taint.key, "Exists", taint.effect.value) for pool in ON_SITE.gpu_pools for taint in pool.tolerations}
    given: Sequence[Mapping[str, str]] = yaml.safe_load(json.dumps(policy(chart, ON_SITE)["daemonsets"]["tolerations"]))
    assert {(found["key"], found["operator"], found["effect"]) for found in given} == taints


def test_a_discovery_that_runs_already_is_used() -> None:
    facts = ON_SITE.model_copy(update={"existed": True}).with_apis([NODE_DISCOVERY])
    wanted = wanted_operator(facts, deployments(facts, install=True).operator)
    assert gpu_operator_values(wanted).rendered()["nfd"] == {"enabled": False}


@pytest.mark.parametrize("most", [1, 40, "1%", "9%", "10%", "25%", "99%", "100%"])
def test_an_upgrade_takes_nodes_or_a_share_of_them(most: int | str) -> None:
    assert upgrade_policy(most).rendered()["maxUnavailable"] == most


@pytest.mark.parametrize("most", [0, -1, 2.5, True, "", "5", "many", "25 %", "0%", "00%", "101%", "-5%", "2.5%"])
def test_an_upgrade_takes_no_other_text_that_the_operator_could_not_read(most: float | str) -> None:
    with pytest.raises(ValidationError, match="maxUnavailable"):
        upgrade_policy(most)


def test_a_mirror_and_digests_reach_the_images() -> None:
    owned = deployments(ON_SITE).operator
    wanted = wanted_operator(ON_SITE, owned, "registry.example.com/mirror", {"gpu-operator": DIGEST})
    given = gpu_operator_values(wanted)
    expected = GPU_OPERATOR.reference("registry.example.com/mirror", DIGEST)
    assert f"{given.operator.repository}/{given.operator.image}:{given.operator.version}" == expected
    images = json.dumps(given.rendered())
    assert "nvcr.io" not in images
    assert "registry.k8s.io" not in images


def test_hooks_are_not_shown_as_no_run_makes_their_objects(chart: Path) -> None:
    assert "post-delete" in (chart / "charts/node-feature-discovery/templates/post-delete-job.yaml").read_text()
    assert not [name for name in objects(chart, ON_SITE) if name.startswith("Job/")]


def test_definitions_come_with_the_chart(chart: Path) -> None:
    found = objects(chart, ON_SITE)
    assert "CustomResourceDefinition/clusterpolicies.nvidia.com" in found
    assert "CustomResourceDefinition/nodefeatures.nfd.k8s-sigs.io" in found
