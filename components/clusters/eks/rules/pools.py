"""Rules of node pools on EKS: what AWS sells how, and what a managed node group takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ....contracts.capacity import CapacityBlock, Reservation
from ....contracts.errors import Problem
from ....contracts.pools import DriverOwner
from ....contracts.shown_text import excerpt
from ....networks.aws.settings import network_zones
from ....planner.catalogs.instances import instances
from ...rules.capacity import UnsoldCapacity, reserved_zone_problems
from ...rules.pool_policy import PoolPolicy, bought_pool_problems, policy_problems
from ...rules.pool_view import PoolView, known_pools
from ..facts import DEFAULT_DRIVER
from ..purchase import BLOCK_DRAIN
from ..settings import EksTarget

# EKS API reference, Taint.
_LONGEST_TAINT_KEY = 63
_BLOCK = "capacity-block"
_BLOCK_ONLY = frozenset({_BLOCK})
# EC2 user guide, ec2-capacity-blocks: a block starts eight weeks from now at the latest and lasts 182 days at most.
_LATEST_END = timedelta(weeks=8, days=182)
# The same page.
_LARGEST_BLOCK = 64
_RESERVATION = re.compile(r"cr-([0-9a-f]{8}|[0-9a-f]{17})")
POLICY = PoolPolicy(
    cloud="aws",
    environment="EKS",
    needed_by="CoreDNS and the other add-ons",
    sold=frozenset({"on-demand", "spot", "reservation", "capacity-block"}),
    unsold=UnsoldCapacity(
        cause="is not sold by AWS",
        consequence="no node group can be declared",
        fix="use on-demand, spot, reservation or capacity-block",
    ),
    default_driver=DEFAULT_DRIVER,
    refused_drivers={
        # NVIDIA publishes no driver images for Amazon Linux 2023 (NVIDIA/gpu-operator issue 1492, closed 2026-09-11).
        DriverOwner.GPU_OPERATOR: "has no driver for Amazon Linux 2023, which all nodes run",
        DriverOwner.PLATFORM: "does not exist on EKS, which installs no driver by itself",
    },
    # EKS API: "Label cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]"
    # (eksctl issue 4007).
    reserved_prefixes=("eks.amazonaws.com",),
    owned_labels=("nvidia.com/gpu.present", "vpc.amazonaws.com/efa.present"),
    # EKS API reference, CreateNodegroup.
    most_taints=50,
    notice=BLOCK_DRAIN,
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-cpg.html
    reserves_in_groups=True,
    # EKS API, CreateNodegroup: a spot group takes up to twenty types.
    may_mix=True,
)
"""What AWS and EKS allow of node pools."""


def pool_problems(target: EksTarget, pools: Sequence[PoolView], now: datetime) -> Iterator[Problem]:
    """What is wrong with the node pools."""
    yield from policy_problems(
        POLICY, pools, kubernetes_version=target.kubernetes_version, needs_untainted=not target.adopt_cluster
    )
    form = rf"{re.escape(target.region)}[a-z]"
    yield from bought_pool_problems(POLICY, pools, zones=network_zones(target.network), now=now, zone_form=form)
    yield from _no_autoscaler(target, pools)
    yield from _long_taint_keys(pools)
    yield from _sold_in_blocks_only(pools)
    yield from _capacity(pools, now)


def _no_autoscaler(target: EksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    if target.has_autoscaler:
        return
    for view in pools:
        if view.pool.autoscaled is not None:
            yield view.problem(
                "autoscaled",
                cause="EKS does not scale node groups by itself, and target.has_autoscaler is not set",
                consequence="the pool never grows while pods wait, and changes of its count are ignored",
                fix="leave autoscaled out, or install a cluster autoscaler and write target.has_autoscaler: true",
            )


def _long_taint_keys(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        for place, taint in enumerate(view.pool.taints):
            if len(taint.key) > _LONGEST_TAINT_KEY:
                yield view.problem(
                    f"taints[{place}].key",
                    cause=f"{taint.key} has {len(taint.key)} characters",
                    consequence=f"EKS takes {_LONGEST_TAINT_KEY}, prefix included, and refuses the pool",
                    fix="use a shorter prefix",
                )


def _sold_in_blocks_only(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view, machine in known_pools(pools):
        if machine.sold_as == _BLOCK_ONLY and not isinstance(view.pool.capacity, CapacityBlock):
            yield view.problem(
                "capacity.kind",
                cause=f"{machine.name} is sold by capacity blocks only",
                consequence="not one node would ever start",
                fix="buy a block and write kind: capacity-block with its id and end",
            )


def _capacity(pools: Sequence[PoolView], now: datetime) -> Iterator[Problem]:
    for view in pools:
        match view.pool.capacity:
            case Reservation() as reservation:
                yield from _reservation(view, reservation)
            case CapacityBlock() as block:
                yield from _reservation(view, block)
                yield from _block(view, block, now)
            case _:
                pass


def _reservation(view: PoolView, reservation: Reservation | CapacityBlock) -> Iterator[Problem]:
    if not _RESERVATION.fullmatch(reservation.id):
        yield view.problem(
            "capacity.id",
            cause=f"{excerpt(reservation.id)!r} is not an EC2 capacity reservation",
            consequence="the launch template would be refused",
            fix="write its id, such as cr-0123456789abcdef0",
        )
    yield from reserved_zone_problems(view, reservation.id, "EKS")


def _block(view: PoolView, block: CapacityBlock, now: datetime) -> Iterator[Problem]:
    if view.machine and _BLOCK not in view.machine.sold_as:
        yield view.problem(
            "capacity.kind",
            cause=f"EC2 sells no capacity blocks of {view.machine.name}",
            consequence="the id belongs to machines of another type, and no node would ever start",
            fix=f"use one of {', '.join(_block_families())}, or kind: reservation",
        )
    if view.pool.most_nodes > _LARGEST_BLOCK:
        yield view.problem(
            "count",
            cause=f"{view.pool.most_nodes} nodes out of one capacity block",
            consequence=f"a block holds {_LARGEST_BLOCK} machines at most, and further ones never start",
            fix="make a pool for each block",
        )
    if block.ends > now + _LATEST_END:
        yield view.problem(
            "capacity.ends",
            cause=f"{block.ends.isoformat()} is more than {_LATEST_END.days} days away",
            consequence="no block lasts that long; nodes would be cut off without having been drained",
            fix="copy the end date of the reservation, as `aws ec2 describe-capacity-reservations` shows it",
        )
    if block.starts is not None and block.starts >= block.ends - BLOCK_DRAIN:
        yield view.problem(
            "capacity.starts",
            cause=f"{block.starts.isoformat()} is not before the block's nodes are drained, "
            f"{(block.ends - BLOCK_DRAIN).isoformat()}",
            consequence="the pool would be emptied before its machines start",
            fix="copy both dates of the reservation, as `aws ec2 describe-capacity-reservations` shows them",
        )


def _block_families() -> list[str]:
    sold = (machine.name for machine in instances() if machine.cloud == POLICY.cloud and _BLOCK in machine.sold_as)
    return sorted({name.partition(".")[0] for name in sold})
