"""The GKE component as it is, made in a simulated project: Google Cloud takes every resource, in the order given."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.clusters.gke.account import require_account
from components.clusters.gke.args import GkeClusterArgs
from components.contracts.capacity import FlexStart, OnDemand
from components.contracts.errors import StrataError
from components.contracts.pools import DriverOwner
from simulation.clouds.gcp.account import (
    set_offering,
    set_quota,
)
from simulation.clouds.gcp.cloud import GCP
from simulation.control_plane.machines import ImageAdvertises
from tests.simulation.clouds.gke_account import GcpProject, recorded, recorded_cluster
from tests.simulation.clouds.gke_variants import (
    ADOPTED,
    CASES,
    FROM_ZERO,
    RESERVED,
    SYSTEM,
    A,
    B,
    company,
    gpus,
    target,
)


@pytest.fixture
def project(tmp_path: Path) -> GcpProject:
    return company(tmp_path)


@pytest.mark.parametrize("name", CASES)
def test_google_takes_all_of_it(project: GcpProject, name: str) -> None:
    cluster, pools = CASES[name]
    recorder = recorded_cluster(project, cluster, [*pools, SYSTEM])
    assert not recorder.problems, "\n".join(recorder.problems)
    assert project.plane.exists
    assert {machine.zone for machine in project.plane.groups["system"]} == {A, B}


def test_nodes_are_what_the_pools_ask_for(project: GcpProject) -> None:
    recorded_cluster(project, target(), [gpus("a3-ultragpu-8g", capacity=RESERVED), SYSTEM])
    machines, system = project.plane.groups["gpus"], project.plane.groups["system"]
    assert len(machines) == 2
    assert all(machine.has_driver and machine.zone == B for machine in machines)
    assert {machine.labels["cloud.google.com/gke-accelerator"] for machine in machines} == {"nvidia-h200-141gb"}
    assert [taint.key for taint in machines[0].taints] == ["nvidia.com/gpu"], "GKE's own taint is not put on twice"
    assert not any(machine.has_driver for machine in system)
    assert set(project.plane.drivers) == {"pd.csi.storage.gke.io", "filestore.csi.storage.gke.io"}
    assert project.plane.groups_known == {"networking.gke.io", "snapshot.storage.k8s.io"}
    assert {machine.image_advertises for machine in machines} == {ImageAdvertises.NOTHING}
    assert [path.rpartition("/")[2] for path in project.plane.objects] == ["nvidia-gpu-device-plugin"]


def test_without_gkes_driver_nodes_have_no_gpus_yet(project: GcpProject) -> None:
    recorded_cluster(project, target(), [gpus("g2-standard-12", driver=DriverOwner.GPU_OPERATOR), SYSTEM])
    assert not any(machine.has_driver for machine in project.plane.groups["gpus"])


def test_pools_from_zero_have_no_node_yet(project: GcpProject) -> None:
    pool = gpus("a4-highgpu-8g", capacity=FlexStart(kind="flex-start"), autoscaled=FROM_ZERO)
    recorded_cluster(project, target(), [pool, SYSTEM])
    assert project.plane.groups["gpus"] == ()


def test_what_the_program_asks_is_answered(project: GcpProject) -> None:
    pools = [gpus("a3-ultragpu-8g", capacity=RESERVED), SYSTEM]
    recorder = recorded(project, lambda: require_account("prod", GkeClusterArgs.of(target(network=ADOPTED), pools)))
    assert recorder.asked == {
        token
        for token in GCP.functions
        # Asked of clusters that exist, or of networks of another project.
        if not any(other in token for other in ("getCluster", "getProject", "IamPolicy"))
    }


def test_the_project_is_asked_before_anything_is_made(project: GcpProject) -> None:
    found: list[str] = []

    def program() -> None:
        pools = [
            gpus("a3-ultragpu-8g", capacity=RESERVED, count=6),
            gpus("g2-standard-96", name="l4", count=5, capacity=OnDemand()),
            SYSTEM,
        ]
        wrong = target(network=ADOPTED.model_copy(update={"nodes": "10.30.0.0/16"}), kubernetes_version="1.99")
        try:
            require_account("prod", GkeClusterArgs.of(wrong, pools))
        except StrataError as error:
            found.extend(str(problem) for problem in error.problems)

    with project.account.store.transaction() as account:
        set_offering(account, "c3-standard-22", A)
        set_quota(account, "NVIDIA-L4-GPUS-per-project-region", 8)
    recorded(project, program)
    text = "\n".join(found)
    for part in (
        "target.kubernetes_version: GKE offers no version 1.99",
        "node_pools: the pools need 40 of the quota NVIDIA-L4-GPUS-per-project-region in us-central1, which is 8",
        f"node_pools[2].zones[1]: Google Cloud has no c3-standard-22 in {B}",
        "node_pools[0].capacity.id: h200 has 4 machines; the pool grows to 6",
        "target.network.nodes: gke has the range 10.30.0.0/20",
    ):
        assert part in text, text


def test_every_entry_of_a_table_is_a_property_of_the_sdk(project: GcpProject) -> None:
    """A table with a misspelled entry would refuse the right one."""
    for kind in GCP.kinds.values():
        wrong = [path for path in kind.properties if not project.account.knows(kind.token, path)]
        assert wrong == [], kind.token
