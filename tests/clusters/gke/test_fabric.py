from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from components.clusters.gke.fabric import (
    FABRICS,
    SUBNETS,
    DeviceMode,
    Placement,
    gpu_networks,
    network_range,
    placement,
    uses_dranet,
)
from components.clusters.gke.settings import GpuNetworks
from components.contracts.capacity import Capacity, FlexStart, OnDemand, Queued, Reservation, Spot
from components.contracts.fabric import Transport
from components.planner.catalogs.instances import instance, instances

GOLDEN = Path(__file__).with_name("gpu_networks.golden.txt")
GPU_TYPES = [machine for machine in instances() if machine.cloud == "gcp" and machine.gpus]
RESERVED = Reservation(kind="reservation", id="gpus")
# Networks besides the cluster's own, VPCs that they lie in, and MTU, from the blueprints, not computed.
KNOWN: dict[str, tuple[int, int, set[int]]] = {
    "a2-highgpu-8g": (0, 0, set()),
    "a2-ultragpu-8g": (0, 0, set()),
    "a3-highgpu-1g": (0, 0, set()),
    "a3-highgpu-8g": (4, 4, {8244}),
    "a3-megagpu-8g": (8, 8, {8244}),
    "a3-ultragpu-8g": (9, 2, {8896}),
    "a4-highgpu-8g": (9, 2, {8896}),
    "a4x-highgpu-4g": (5, 2, {8896}),
    "a4x-maxgpu-4g-metal": (0, 0, set()),
    "g2-standard-96": (0, 0, set()),
    "g4-standard-384": (0, 0, set()),
}


def rendered() -> str:
    return "".join(
        f"{machine.name}, {mode.value}{', dranet' if uses_dranet(machine.name, mode) else ''}\n"
        + "".join(
            f"  {network.name:8} {network.vpc:8} slot {network.slot:2}  {network.mode.value:9} mtu {network.mtu}"
            f"{f'  <zone>-{network.profile}' if network.profile else ''}\n"
            for network in gpu_networks(machine.name, mode)
        )
        for machine in GPU_TYPES
        for mode in GpuNetworks
    )


def test_the_networks_are_those_of_the_golden_file(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(rendered())
    assert rendered() == GOLDEN.read_text(), "networks changed; every node pool of such machines would be replaced"


def test_every_machine_with_gpu_cards_has_a_row_and_no_other() -> None:
    assert set(FABRICS) == {machine.name for machine in GPU_TYPES if machine.rdma is not Transport.NONE}


@pytest.mark.parametrize(("name", "expected"), KNOWN.items())
def test_known_networks(name: str, expected: tuple[int, int, set[int]]) -> None:
    networks = gpu_networks(name, GpuNetworks.MULTI_NETWORK)
    assert (
        len(networks),
        len({network.vpc for network in networks}),
        {network.mtu for network in networks},
    ) == expected


@pytest.mark.parametrize("name", [name for name in FABRICS if FABRICS[name].networks])
def test_each_card_of_the_catalog_is_one_network(name: str) -> None:
    networks = gpu_networks(name, GpuNetworks.MULTI_NETWORK)
    machine = instance(name)
    if machine.rdma is Transport.ROCE:
        networks = tuple(network for network in networks if network.mode is DeviceMode.RDMA)
        assert {network.profile for network in networks} == {"vpc-roce"}
    assert len(networks) == machine.rdma_nics


@pytest.mark.parametrize("name", FABRICS)
def test_networks_of_one_cluster_never_share_a_subnet(name: str) -> None:
    slots = [network.slot for network in FABRICS[name].networks]
    assert len(set(slots)) == len(slots)
    assert all(0 <= slot < SUBNETS for slot in slots)


def test_subnets_are_cut_in_order_and_meet_nowhere() -> None:
    ranges = [network_range("192.168.0.0/16", slot) for slot in range(SUBNETS)]
    assert str(ranges[0]) == "192.168.0.0/21"
    assert str(ranges[16]) == "192.168.128.0/21"
    assert not any(left.overlaps(right) for left, right in pairwise(ranges))


def test_dranet_leaves_all_networks_to_gke() -> None:
    for name in FABRICS:
        assert gpu_networks(name, GpuNetworks.DRANET) == ()
        assert uses_dranet(name, GpuNetworks.DRANET)
    assert not uses_dranet("g2-standard-96", GpuNetworks.DRANET), "it has no cards to claim"


@pytest.mark.parametrize(
    ("name", "capacity", "nodes", "expected"),
    [
        ("a3-megagpu-8g", OnDemand(), 2, Placement.COMPACT),
        ("a3-megagpu-8g", Spot(kind="spot"), 2, Placement.COMPACT),
        ("a3-megagpu-8g", OnDemand(), 1, Placement.ANYWHERE),
        ("a3-megagpu-8g", RESERVED, 2, Placement.ANYWHERE),
        ("a3-megagpu-8g", Queued(kind="queued"), 2, Placement.ANYWHERE),
        ("a3-megagpu-8g", FlexStart(kind="flex-start"), 2, Placement.ANYWHERE),
        ("a3-ultragpu-8g", FlexStart(kind="flex-start"), 2, Placement.COMPACT),
        ("a4-highgpu-8g", FlexStart(kind="flex-start"), 2, Placement.COMPACT),
        ("a4x-highgpu-4g", RESERVED, 18, Placement.NVLINK_DOMAIN),
        ("g2-standard-96", OnDemand(), 8, Placement.ANYWHERE),
    ],
)
def test_nodes_are_near_each_other_where_google_takes_that(
    name: str, capacity: Capacity, nodes: int, expected: Placement
) -> None:
    assert placement(instance(name), capacity, nodes) is expected
