"""The GKE component as it is, made in a simulated project: Google Cloud takes every resource, in the order given."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.clusters.gke.account import require_account
from components.clusters.gke.args import GkeClusterArgs
from components.clusters.gke.settings import ApiEndpoint, GkeTarget, GpuNetworks, LustreStorage
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.capacity import FlexStart, OnDemand, Queued, Reservation, Spot
from components.contracts.errors import StrataError
from components.contracts.pools import CpuPool, DriverOwner, GpuPool, NodePool, PoolRange
from components.networks.gcp.settings import AdoptedVpc, CreatedVpc, NamedRange, Nat
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.account import (
    HUB,
    RESERVATION,
    seed_key,
    seed_network,
    seed_reservation,
    seed_subnet,
    set_offering,
    set_quota,
)
from simulation.clouds.gcp.cloud import GCP
from tests.simulation.clouds.gke_account import GcpProject, recorded, recorded_cluster

_A, _B = "us-central1-a", "us-central1-b"
_KEY = f"projects/{v.PROJECT}/locations/us-central1/keyRings/strata/cryptoKeys/gke"
_NETWORK = CreatedVpc(kind="create", nodes="10.30.0.0/20", pods="10.32.0.0/14", services="10.36.0.0/20", hub=HUB)
_ADOPTED = AdoptedVpc(
    kind="adopt",
    network="company",
    subnet="gke",
    nodes="10.30.0.0/20",
    pods=NamedRange(name="pods", cidr="10.32.0.0/14"),
    services=NamedRange(name="services", cidr="10.36.0.0/20"),
)
_SYSTEM = CpuPool(kind="cpu", name="system", instance_type="c3-standard-22", count=2, zones=(_A, _B))
_RESERVED = Reservation(kind="reservation", id=f"projects/{v.PROJECT}/reservations/{RESERVATION}")
_FROM_ZERO = PoolRange(minimum=0, maximum=4)


def _target(**changes: object) -> GkeTarget:
    target = GkeTarget(
        kind="gke",
        name="prod",
        project=v.PROJECT,
        region="us-central1",
        zones=(_A, _B),
        kubernetes_version="1.34",
        network=_NETWORK,
        api_access=PrivateAccess(kind="private", cidrs=("10.250.0.0/16",)),
        control_plane_cidr="10.37.0.0/28",
        admins=("group:platform@example.com",),
    )
    return target.model_copy(update=changes)


def _gpus(instance_type: str, **changes: object) -> GpuPool:
    pool = GpuPool(kind="gpu", name="gpus", instance_type=instance_type, count=2, zones=(_B,))
    return pool.model_copy(update=changes)


_CASES: dict[str, tuple[GkeTarget, tuple[NodePool, ...]]] = {
    "reserved A3 Ultra": (_target(), (_gpus("a3-ultragpu-8g", capacity=_RESERVED),)),
    "A3 Mega on demand": (_target(), (_gpus("a3-megagpu-8g"),)),
    "A3 High by spot": (_target(), (_gpus("a3-highgpu-8g", capacity=Spot(kind="spot")),)),
    "A3 Ultra on DRANET": (
        _target(gpu_networks=GpuNetworks.DRANET),
        (_gpus("a3-ultragpu-8g", capacity=_RESERVED),),
    ),
    "A4 by flex-start": (
        _target(),
        (_gpus("a4-highgpu-8g", capacity=FlexStart(kind="flex-start"), autoscaled=_FROM_ZERO),),
    ),
    "queued A3 High": (_target(), (_gpus("a3-highgpu-8g", capacity=Queued(kind="queued"), autoscaled=_FROM_ZERO),)),
    "L4 with the GPU operator's driver": (
        _target(),
        (_gpus("g2-standard-12", driver=DriverOwner.GPU_OPERATOR, autoscaled=PoolRange(minimum=1, maximum=4)),),
    ),
    "G4": (_target(), (_gpus("g4-standard-96"),)),
    "A4X": (
        _target(),
        (_gpus("a4x-highgpu-4g", zones=(_A,), count=1, capacity=Reservation(kind="reservation", id="gb200")),),
    ),
    "Lustre": (
        _target(shared_storage=LustreStorage(kind="lustre", zone=_B, capacity_gib=36_000, throughput=500)),
        (_gpus("g2-standard-48"),),
    ),
    "reached by name": (
        _target(api_endpoint=ApiEndpoint.DNS, api_access=PrivateAccess(kind="private"), control_plane_cidr=None),
        (),
    ),
    "reached from one public network": (
        _target(api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24",))),
        (),
    ),
    "no way to the internet": (_target(network=_NETWORK.model_copy(update={"nat": Nat.NONE})), ()),
    "an adopted network": (_target(network=_ADOPTED), ()),
    "a key of one's own": (_target(kms_key=_KEY), ()),
}


@pytest.fixture
def project(tmp_path: Path) -> GcpProject:
    made = GcpProject(tmp_path)
    with made.account.store.transaction() as account:
        seed_reservation(account, "gb200", machine="a4x-highgpu-4g", zone=_A, count=18)
        seed_network(account, "company")
        seed_subnet(
            account, "gke", "company", "10.30.0.0/20", "us-central1", pods="10.32.0.0/14", services="10.36.0.0/20"
        )
        seed_key(account, _KEY)
    return made


@pytest.mark.parametrize("name", _CASES)
def test_google_takes_all_of_it(project: GcpProject, name: str) -> None:
    target, pools = _CASES[name]
    recorder = recorded_cluster(project, target, [*pools, _SYSTEM])
    assert not recorder.problems, "\n".join(recorder.problems)
    assert project.plane.exists
    assert {each.zone for each in project.plane.groups["system"]} == {_A, _B}


def test_nodes_are_what_the_pools_ask_for(project: GcpProject) -> None:
    recorded_cluster(project, _target(), [_gpus("a3-ultragpu-8g", capacity=_RESERVED), _SYSTEM])
    gpus, system = project.plane.groups["gpus"], project.plane.groups["system"]
    assert len(gpus) == 2
    assert all(each.has_driver and each.zone == _B for each in gpus)
    assert {each.labels["cloud.google.com/gke-accelerator"] for each in gpus} == {"nvidia-h200-141gb"}
    assert [taint.key for taint in gpus[0].taints] == ["nvidia.com/gpu"], "GKE's own taint is not put on twice"
    assert not any(each.has_driver for each in system)
    assert set(project.plane.drivers) == {"pd.csi.storage.gke.io", "filestore.csi.storage.gke.io"}
    assert project.plane.definitions, "Kubernetes would not know the GPU networks"


def test_without_gkes_driver_nodes_have_no_gpus_yet(project: GcpProject) -> None:
    recorded_cluster(project, _target(), [_gpus("g2-standard-12", driver=DriverOwner.GPU_OPERATOR), _SYSTEM])
    assert not any(each.has_driver for each in project.plane.groups["gpus"])


def test_pools_from_zero_have_no_node_yet(project: GcpProject) -> None:
    pool = _gpus("a4-highgpu-8g", capacity=FlexStart(kind="flex-start"), autoscaled=_FROM_ZERO)
    recorded_cluster(project, _target(), [pool, _SYSTEM])
    assert project.plane.groups["gpus"] == ()


def test_what_the_program_asks_is_answered(project: GcpProject) -> None:
    pools = [_gpus("a3-ultragpu-8g", capacity=_RESERVED), _SYSTEM]
    recorder = recorded(project, lambda: require_account("prod", GkeClusterArgs.of(_target(network=_ADOPTED), pools)))
    assert recorder.asked == {
        token for token in GCP.functions if "getCluster" not in token and "getProject" not in token
    }


def test_the_project_is_asked_before_anything_is_made(project: GcpProject) -> None:
    found: list[str] = []

    def program() -> None:
        pools = [
            _gpus("a3-ultragpu-8g", capacity=_RESERVED, count=6),
            _gpus("g2-standard-96", name="l4", count=5, capacity=OnDemand()),
            _SYSTEM,
        ]
        target = _target(network=_ADOPTED.model_copy(update={"nodes": "10.30.0.0/16"}), kubernetes_version="1.99")
        try:
            require_account("prod", GkeClusterArgs.of(target, pools))
        except StrataError as error:
            found.extend(str(problem) for problem in error.problems)

    with project.account.store.transaction() as account:
        set_offering(account, "c3-standard-22", _A)
        set_quota(account, "NVIDIA-L4-GPUS-per-project-region", 8)
    recorded(project, program)
    text = "\n".join(found)
    for part in (
        "target.kubernetes_version: GKE offers no version 1.99",
        "node_pools: the pools need 40 of the quota NVIDIA-L4-GPUS-per-project-region in us-central1, which is 8",
        f"node_pools[2].zones[1]: Google Cloud has no c3-standard-22 in {_B}",
        "node_pools[0].capacity.id: h200 has 4 machines; the pool grows to 6",
        "target.network.nodes: gke has the range 10.30.0.0/20",
    ):
        assert part in text, text


def test_every_entry_of_a_table_is_a_property_of_the_sdk(project: GcpProject) -> None:
    """A table with a misspelled entry would refuse the right one."""
    for kind in GCP.kinds.values():
        wrong = [path for path in kind.properties if not project.account.knows(kind.token, path)]
        assert wrong == [], kind.token
