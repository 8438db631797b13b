"""Slices are advertised by a plugin that is told of them, by the cloud, or by nobody, which is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from components.accelerators.accelerators import Accelerators, AcceleratorsArgs, refusals
from components.accelerators.device_plugin import RELEASE, SHARED_RELEASE, shared_plugin_values
from components.accelerators.ownership import Owner, deployments, ownership, unadvertised_notes
from components.accelerators.plugin_configuration import WHOLE, plugin_configurations
from components.clusters.aks.facts import aks_facts
from components.clusters.eks.facts import eks_facts
from components.clusters.gke.facts import gke_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.local.cluster import local_facts
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.errors import StrataError
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


def test_nobody_cuts_the_gpus_of_amazons_images_so_mig_is_refused_there() -> None:
    facts = on_eks(PARTITIONS)
    (problem,) = refusals(AcceleratorsArgs(facts=facts))
    assert problem.field == "node_pools[shared].sharing"
    assert "no MIG manager" in problem.cause
    assert "time-slicing or mps" in problem.fix
    assert deployments(facts).shared_plugin == (), "a plugin would advertise whole GPUs"
    with pytest.raises(StrataError, match="MIG manager"):
        run(lambda: Accelerators("devices", AcceleratorsArgs(facts=facts)))


def test_who_runs_the_operator_himself_says_so() -> None:
    assert list(refusals(AcceleratorsArgs(facts=on_eks(PARTITIONS), install=False))) == []


def test_hosts_without_the_toolkit_wait_for_the_operator_whatever_the_sharing() -> None:
    target, pools = site()
    mine = tuple(shared(pool, TURNS, pool.name) if isinstance(pool, GpuPool) else pool for pool in pools)
    (problem, *_) = refusals(AcceleratorsArgs(facts=kubeadm_facts(target, mine)))
    assert "container toolkit" in problem.cause


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
