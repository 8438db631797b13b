"""Rules of node pools on EKS: what AWS sells how, and what a managed node group takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ....contracts.capacity import CapacityBlock, FlexStart, Queued, Reservation
from ....contracts.errors import Problem
from ....contracts.pools import DriverOwner, NodePool
from ....networks.aws.settings import AdoptedVpc, CreatedVpc
from ....planner.catalogs.instances import InstanceType
from ...rules_common import (
    advertiser_problems,
    architecture_problems,
    cloud_problems,
    driver_problems,
    ended_problems,
    fabric_problems,
    home_problems,
    known_machines,
    label_problems,
    protection_problems,
    range_problems,
    shared_reservation_problems,
    taint_problems,
    zone_problems,
)
from ..facts import DEFAULT_DRIVER
from ..purchase import BLOCK_DRAIN
from ..settings import EksTarget

# EKS API: "Label cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]" (eksctl issue 4007).
_RESERVED_PREFIXES = ("eks.amazonaws.com",)
_OWNED_LABELS = ("nvidia.com/gpu.present", "vpc.amazonaws.com/efa.present")
# EKS API reference, Taint and CreateNodegroup.
_MOST_TAINTS, _LONGEST_TAINT_KEY = 50, 63
# EC2 user guide, ec2-capacity-blocks, "Supported instance types".
_BLOCK_TYPES = ("p4d.", "p4de.", "p5.", "p5e.", "p5en.", "p6-b200.", "p6-b300.", "p6e-gb200.")
# The same page: UltraServers are sold in no other way.
_BLOCK_ONLY = ("p6e-gb200.",)
# The same page: a block starts eight weeks from now at the latest and lasts 182 days at most.
_LATEST_END = timedelta(weeks=8, days=182)
# The same page.
_LARGEST_BLOCK = 64
_RESERVATION = re.compile(r"cr-[0-9a-f]{8,17}")
_DRIVERS = {
    # NVIDIA publishes no driver images for Amazon Linux 2023 (NVIDIA/gpu-operator issue 1492, closed 2026-09-11).
    DriverOwner.GPU_OPERATOR: "has no driver for Amazon Linux 2023, which all nodes run",
    DriverOwner.PLATFORM: "does not exist on EKS, which installs no driver by itself",
}


def pool_problems(target: EksTarget, pools: Sequence[NodePool], now: datetime) -> Iterator[Problem]:
    """What is wrong with the node pools."""
    machines = known_machines(pools)
    yield from cloud_problems(machines, "aws", "EKS")
    yield from range_problems(pools)
    yield from _nobody_scales(target, pools)
    yield from zone_problems(pools, _network_zones(target))
    yield from label_problems(pools, _RESERVED_PREFIXES, _OWNED_LABELS)
    yield from taint_problems(pools, _RESERVED_PREFIXES, _MOST_TAINTS)
    yield from _long_taint_keys(pools)
    if not target.adopt_cluster:
        yield from home_problems(pools, "CoreDNS and the other add-ons")
    yield from architecture_problems(pools, machines)
    yield from protection_problems(pools)
    yield from ended_problems(pools, now, BLOCK_DRAIN)
    yield from fabric_problems(pools, machines)
    yield from advertiser_problems(pools, machines, target.kubernetes_version)
    yield from driver_problems(pools, _DRIVERS, DEFAULT_DRIVER)
    yield from shared_reservation_problems(pools)
    yield from _capacity(pools, machines, now)


def _network_zones(target: EksTarget) -> tuple[str, ...]:
    match target.network:
        case CreatedVpc(zones=zones):
            return zones
        case AdoptedVpc(private_subnets=subnets):
            return tuple(subnets)


def _nobody_scales(target: EksTarget, pools: Sequence[NodePool]) -> Iterator[Problem]:
    if target.has_autoscaler:
        return
    for index, pool in enumerate(pools):
        if pool.autoscaled is not None:
            yield Problem(
                field=f"node_pools[{index}].autoscaled",
                cause="EKS scales no node group by itself, and nobody is said to run a cluster autoscaler there",
                consequence="the pool stays as large as it is while pods wait, and its count is no longer looked after",
                fix="leave autoscaled out, or install a cluster autoscaler and write target.has_autoscaler: true",
            )


def _long_taint_keys(pools: Sequence[NodePool]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        for place, taint in enumerate(pool.taints):
            if len(taint.key) > _LONGEST_TAINT_KEY:
                yield Problem(
                    field=f"node_pools[{index}].taints[{place}].key",
                    cause=f"{taint.key} has {len(taint.key)} characters",
                    consequence=f"EKS takes {_LONGEST_TAINT_KEY}, prefix included, and refuses the pool",
                    fix="use a shorter prefix",
                )


def _capacity(pools: Sequence[NodePool], machines: Mapping[int, InstanceType], now: datetime) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        field = f"node_pools[{index}].capacity"
        machine = machines.get(index)
        if machine and machine.name.startswith(_BLOCK_ONLY) and not isinstance(pool.capacity, CapacityBlock):
            yield Problem(
                field=f"{field}.kind",
                cause=f"{machine.name} is sold by capacity blocks only",
                consequence="not one node would ever start",
                fix="buy a block and write kind: capacity-block with its id and end",
            )
        match pool.capacity:
            case FlexStart() | Queued():
                yield Problem(
                    field=f"{field}.kind",
                    cause=f"{pool.capacity.kind!r} is not sold by AWS",
                    consequence="there is no node group that could be declared",
                    fix="use on-demand, spot, reservation or capacity-block",
                )
            case Reservation() as reservation:
                yield from _reservation(index, pool, reservation)
            case CapacityBlock() as block:
                yield from _reservation(index, pool, block)
                yield from _block(index, pool, block, machine, now)
            case _:
                pass


def _reservation(index: int, pool: NodePool, reservation: Reservation | CapacityBlock) -> Iterator[Problem]:
    if not _RESERVATION.fullmatch(reservation.id):
        yield Problem(
            field=f"node_pools[{index}].capacity.id",
            cause=f"{reservation.id[:60]!r} is no capacity reservation of EC2",
            consequence="the launch template would be refused",
            fix="write its id, such as cr-0123456789abcdef0",
        )
    if len(set(pool.zones)) > 1:
        yield Problem(
            field=f"node_pools[{index}].zones",
            cause=f"{reservation.id} holds machines in one zone, the pool has {len(set(pool.zones))}",
            consequence="nodes that EKS wants in another zone never start, and the pool is never complete",
            fix="name the zone of the reservation only",
        )


def _block(
    index: int, pool: NodePool, block: CapacityBlock, machine: InstanceType | None, now: datetime
) -> Iterator[Problem]:
    if machine and not machine.name.startswith(_BLOCK_TYPES):
        yield Problem(
            field=f"node_pools[{index}].capacity.kind",
            cause=f"there are no capacity blocks of {machine.name}",
            consequence="the id belongs to machines of another type, and no node would ever start",
            fix=f"use one of {', '.join(each.rstrip('.') for each in _BLOCK_TYPES)}, or kind: reservation",
        )
    if pool.most_nodes > _LARGEST_BLOCK:
        yield Problem(
            field=f"node_pools[{index}].count",
            cause=f"{pool.most_nodes} nodes out of one capacity block",
            consequence=f"a block holds {_LARGEST_BLOCK} machines at most, and further ones never start",
            fix="make a pool for each block",
        )
    if block.ends > now + _LATEST_END:
        yield Problem(
            field=f"node_pools[{index}].capacity.ends",
            cause=f"{block.ends.isoformat()} is more than {_LATEST_END.days} days away",
            consequence="no block lasts that long; nodes would be cut off without having been drained",
            fix="copy the end date of the reservation, as `aws ec2 describe-capacity-reservations` shows it",
        )
