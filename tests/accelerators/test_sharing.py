"""Slices are advertised by a plugin that is told of them, by the cloud, or by nobody, which is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from components.accelerators.accelerators import Accelerators, AcceleratorsArgs, refusals
from components.accelerators.device_plugin import RELEASE, SHARED_RELEASE, shared_plugin_values
from components.accelerators.gpu_operator import GpuOperator, gpu_operator_values
from components.accelerators.operator_rules import wanted_operator
from components.accelerators.operator_values import PluginConfigValues, Variable
from components.accelerators.ownership import Owner, deployments, ownership, unadvertised_notes
from components.accelerators.plugin_configuration import WHOLE, plugin_configurations
from components.clusters.aks.facts import aks_facts
from components.clusters.eks.facts import eks_facts
from components.clusters.gke.facts import gke_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.local.cluster import local_facts
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.containers import is_mapping
from components.contracts.gpu_sharing import GpuSharing, Mig, MigStrategy, Mps, TimeSlicing
from components.contracts.pools import GpuPool
from tests.accelerators.test_device_plugin import rendered
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site
from tests.conformance.engine import run

PARTITIONS, TURNS, TOGETHER = (
    Mig(profile="1g.10gb", strategy=MigStrategy.MIXED),
    TimeSlicing(replicas=4),
    Mps(replicas=2),
)


def shared(pool: GpuPool, sharing: GpuSharing, name: str = "shared") -> GpuPool:
    return pool.model_copy(update={"name": name, "sharing": sharing, "rdma": False})


def on_eks(sharing: GpuSharing, *, adopted: bool = False) -> ClusterFacts:
    target = eks.target().model_copy(update={"adopt_cluster": adopted})
    return eks_facts(target, (eks.system_pool(), eks.gpu_pool(), shared(eks.gpu_pool(), sharing)))


LOCAL = local_facts(
    "dev", [shared(eks.gpu_pool(), kind, name) for kind, name in ((PARTITIONS, "a"), (TURNS, "b"), (TOGETHER, "c"))]
)


def test_whole_and_shared_gpus_are_advertised_by_releases_of_their_own() -> None:
    wanted = deployments(on_eks(TURNS))
    assert [pool.name for pool in wanted.device_plugin] == ["h100"]
    assert [pool.name for pool in wanted.shared_plugin] == ["shared"]
    made = run(lambda: Accelerators("devices", AcceleratorsArgs(facts=on_eks(TURNS)))).made
    releases = {found.name: found.inputs["name"] for found in made if "device-plugin" in found.name}
    assert releases == {"devices-device-plugin": RELEASE, "devices-device-plugin-shared": SHARED_RELEASE}


def test_every_way_of_sharing_is_a_configuration_that_nodes_choose() -> None:
    texts = plugin_configurations(LOCAL.gpu_pools)
    assert list(texts) == [WHOLE, "mig-mixed", "mps-2", "time-slicing-4"]
    read = {name: yaml.safe_load(text) for name, text in texts.items()}
    assert {name: found["flags"]["migStrategy"] for name, found in read.items()} == {
        WHOLE: "none",
        "mig-mixed": "mixed",
        "mps-2": "none",
        "time-slicing-4": "none",
    }
    assert read["time-slicing-4"]["sharing"]["timeSlicing"]["resources"] == [{"name": "nvidia.com/gpu", "replicas": 4}]
    assert read["mps-2"]["sharing"] == {
        "mps": {"failRequestsGreaterThanOne": True, "resources": [{"name": "nvidia.com/gpu", "replicas": 2}]}
    }


def test_helm_renders_the_configurations_the_choice_by_label_and_the_daemon_of_mps(project: Path) -> None:
    chart = project / ".strata" / "charts" / RELEASE
    values = shared_plugin_values(LOCAL.gpu_pools)
    objects = {
        found.name.rpartition("/")[2]: found for found in rendered(chart, dict(values.rendered()), SHARED_RELEASE)
    }
    assert set(objects) >= {SHARED_RELEASE, f"{SHARED_RELEASE}-mps-control-daemon", f"{SHARED_RELEASE}-configs"}
    assert objects[f"{SHARED_RELEASE}-configs"].inputs["data"] == {
        name: text.rstrip("\n") for name, text in plugin_configurations(LOCAL.gpu_pools).items()
    }
    plugin = yaml.safe_dump(objects[SHARED_RELEASE].inputs["spec"])
    assert "value: nvidia.com/device-plugin.config" in plugin
    assert f"value: {WHOLE}" in plugin
    daemon = yaml.safe_dump(objects[f"{SHARED_RELEASE}-mps-control-daemon"].inputs["spec"])
    assert "nvidia.com/mps.capable: 'true'" in daemon


@pytest.mark.parametrize("sharing", [TURNS, TOGETHER], ids=["time-slicing", "mps"])
def test_images_with_driver_and_toolkit_need_only_the_plugin(sharing: GpuSharing) -> None:
    facts = on_eks(sharing)
    assert list(refusals(AcceleratorsArgs(facts=facts))) == []
    assert next(owned.gpus for owned in ownership(facts) if owned.pool.sharing) is Owner.DEVICE_PLUGIN


def mapping(value: object) -> Mapping[object, object]:
    assert is_mapping(value)
    return value


def on_hosts(*ways: GpuSharing) -> ClusterFacts:
    target, pools = site()
    gpus = next(pool for pool in pools if isinstance(pool, GpuPool))
    return kubeadm_facts(target, [shared(gpus, sharing, f"gpus-{index}") for index, sharing in enumerate(ways)])


def told(facts: ClusterFacts) -> GpuOperator:
    return wanted_operator(facts, deployments(facts).operator)


def test_the_operators_mig_manager_cuts_gpus_where_the_image_has_none() -> None:
    facts = on_eks(PARTITIONS)
    (owned,) = deployments(facts).operator
    assert (owned.pool.name, owned.driver, owned.toolkit, owned.gpus) == (
        "shared",
        Owner.NODES,
        Owner.NODES,
        Owner.GPU_OPERATOR,
    )
    assert list(refusals(AcceleratorsArgs(facts=facts))) == []
    assert deployments(facts).shared_plugin == (), "the operator's plugin advertises them"
    values = gpu_operator_values(told(facts))
    assert (values.driver.enabled, values.toolkit.enabled, values.mig.strategy) == (False, False, "mixed")
    assert values.mig_manager.env == (Variable(name="WITH_REBOOT", value="true"),)


def test_the_operators_plugin_reads_the_configurations_of_its_pools() -> None:
    facts = on_hosts(TURNS, TOGETHER)
    made = run(lambda: Accelerators("devices", AcceleratorsArgs(facts=facts))).made
    (config,) = [found for found in made if found.name == "devices-gpu-sharing"]
    assert set(mapping(config.inputs["data"])) == {WHOLE, "mps-2", "time-slicing-4"}
    values, name = gpu_operator_values(told(facts)), mapping(config.inputs["metadata"])["name"]
    assert values.device_plugin.config == PluginConfigValues(name=str(name), default=WHOLE)
    assert values.mig_manager.env is None, "nothing has to be cut, so no host is started anew"
    other = told(on_hosts(TimeSlicing(replicas=3), TOGETHER)).plugin_config
    assert other is not None
    assert other.name != name, "the operator watches no ConfigMap"


def test_whole_gpus_of_the_operator_need_no_configuration() -> None:
    target, pools = site()
    facts = kubeadm_facts(target, pools)
    assert told(facts).plugin_config is None
    made = run(lambda: Accelerators("devices", AcceleratorsArgs(facts=facts))).made
    assert not [found for found in made if found.name == "devices-gpu-sharing"]


def test_ways_that_one_policy_of_the_operator_cannot_say_are_refused() -> None:
    single = Mig(profile="1g.10gb")
    (problem,) = refusals(AcceleratorsArgs(facts=on_hosts(single, PARTITIONS)))
    assert problem.fix == "write the same strategy for every pool with MIG"
    (problem,) = refusals(AcceleratorsArgs(facts=on_hosts(PARTITIONS, TOGETHER)))
    assert "MPS meets strategy mixed" in problem.consequence
    assert list(refusals(AcceleratorsArgs(facts=on_hosts(single, TOGETHER, TURNS)))) == []


def test_azure_cuts_gpus_and_google_advertises_them_too() -> None:
    on_aks = aks_facts(aks.target(), (aks.cpu_pool(), shared(aks.gpu_pool(), PARTITIONS)))
    assert [owned.gpus for owned in ownership(on_aks)] == [Owner.DEVICE_PLUGIN]
    on_gke = gke_facts(gke.target(), (gke.system_pool(), shared(gke.gpu_pool(), Mig(profile="1g.10gb"))))
    assert [owned.gpus for owned in ownership(on_gke)] == [Owner.NODES]
    assert deployments(on_gke).pools == ()
    assert all(list(refusals(AcceleratorsArgs(facts=facts))) == [] for facts in (on_aks, on_gke))


def test_labels_that_nodes_of_others_need_are_said() -> None:
    (note,) = unadvertised_notes(on_eks(TOGETHER, adopted=True), install=True)
    assert "nvidia.com/device-plugin.config=mps-2 nvidia.com/mps.capable=true" in note
    assert list(unadvertised_notes(on_eks(TOGETHER))) == []
