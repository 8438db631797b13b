"""What happens to machines of node pools: those that never come up, and changes that replace them."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.account import RESERVATION, set_quota, set_stock
from simulation.provider.errors import PartialFailureError
from simulation.provider.faults import Fault, Moment
from simulation.provider.values import Object
from tests.simulation.clouds.gke_account import GcpProject

_RESERVED: Object = {
    "consumeReservationType": "SPECIFIC_RESERVATION",
    "key": "compute.googleapis.com/reservation-name",
    "values": [RESERVATION],
}
_H200: Object = {
    "machineType": "a3-ultragpu-8g",
    "diskType": "hyperdisk-balanced",
    "guestAccelerators": [{"type": "nvidia-h200-141gb", "count": 8}],
    "ephemeralStorageLocalSsdConfig": {"localSsdCount": 32},
}


@pytest.fixture
def gcp(tmp_path: Path) -> GcpProject:
    return GcpProject(tmp_path)


def test_a_zone_without_machines_is_told_after_the_pool_was_taken(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    with gcp.account.store.transaction() as account:
        set_stock(account, "g2-standard-48", 0)
    with pytest.raises(PartialFailureError, match=r"ZONE_RESOURCE_POOL_EXHAUSTED.* does not have enough resources"):
        gcp.pool(cluster)
    assert gcp.account.records(v.NODE_POOL), "the pool exists, and the next run finds it"


def test_a_quota_is_told_after_the_pool_was_taken(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    with gcp.account.store.transaction() as account:
        set_quota(account, "NVIDIA-L4-GPUS-per-project-region", 4)
    gcp.pool(cluster)
    with pytest.raises(PartialFailureError, match="QUOTA_EXCEEDED: Quota 'NVIDIA-L4-GPUS-per-project-region'"):
        gcp.pool(cluster, name="more")


def test_a_reservation_gives_no_more_than_it_holds(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    config: Object = {**_H200, "reservationAffinity": _RESERVED}
    with pytest.raises(PartialFailureError, match="does not have available resources"):
        gcp.pool(cluster, config, nodeCount=5)


def test_more_nodes_than_the_range_of_pods_has_slices(gcp: GcpProject) -> None:
    cluster = gcp.standing(defaultMaxPodsPerNode=256)
    with gcp.account.store.transaction() as account:
        for quota in ("NVIDIA-L4-GPUS-per-project-region", "GPUS-ALL-REGIONS-per-project"):
            set_quota(account, quota, 10_000)
    with pytest.raises(PartialFailureError, match="IP_SPACE_EXHAUSTED"):
        gcp.pool(cluster, nodeCount=600, maxPodsPerNode=256)


def test_a_stockout_that_a_test_asks_for_reads_like_a_real_one(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    fault = Fault(operation="create", kind=v.NODE_POOL, code="ZONE_RESOURCE_POOL_EXHAUSTED", moment=Moment.AFTER)
    gcp.account.will_fail(fault)
    with pytest.raises(PartialFailureError, match="Error waiting for creating GKE NodePool"):
        gcp.pool(cluster)


@pytest.mark.parametrize(
    ("change", "replaces"),
    [
        ({"nodeConfig": {"machineType": "g2-standard-96"}}, False),
        ({"nodeCount": 2}, False),
        ({"nodeConfig": {"taints": [{"key": "a", "value": "b", "effect": "NO_SCHEDULE"}]}}, True),
        ({"nodeConfig": {"spot": True}}, True),
        ({"placementPolicy": {"type": "COMPACT"}}, True),
        ({"maxPodsPerNode": 32}, True),
    ],
)
def test_a_change_of_a_pool_replaces_it_or_not(gcp: GcpProject, change: Object, replaces: bool) -> None:  # noqa: FBT001
    cluster = gcp.standing()
    pool = gcp.pool(cluster)
    config = change.get("nodeConfig")
    inputs = gcp.pool_inputs(cluster, config if isinstance(config, dict) else None)
    other = {key: value for key, value in change.items() if key != "nodeConfig"}
    assert bool(gcp.account.diff(pool, **{**inputs, **other}).replaces) is replaces


def test_a_change_of_the_driver_replaces_the_pool(gcp: GcpProject) -> None:
    cluster = gcp.standing()
    pool = gcp.pool(cluster)
    accelerator: Object = {
        "type": "nvidia-l4",
        "count": 4,
        "gpuDriverInstallationConfig": {"gpuDriverVersion": "LATEST"},
    }
    assert gcp.account.diff(pool, **gcp.pool_inputs(cluster, {"guestAccelerators": [accelerator]})).replaces
