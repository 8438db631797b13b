"""How machines are bought: what a cloud does not sell, what has ended, what cannot be protected."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...contracts.capacity import CapacityBlock, FlexStart, Queued, Reservation, Spot, has_ended
from ...contracts.errors import Problem
from .pool_view import PoolView

LONGEST_FLEX_START = timedelta(days=7)
"""Dynamic Workload Scheduler gives machines a week at most."""


@dataclass(frozen=True, kw_only=True)
class UnsoldCapacity:
    """What a user reads about a way to buy machines that an environment does not have.

    Attributes:
        cause: End of the sentence that begins with the kind of capacity.
        consequence: What would have happened.
        fix: What to use instead.
    """

    cause: str
    consequence: str
    fix: str


OWNED = UnsoldCapacity(
    cause="is a way to buy machines from a cloud",
    consequence="these machines are there already; nothing would be bought",
    fix="leave capacity out",
)
"""Of machines that nobody buys."""
ON_DEMAND_ONLY = frozenset({"on-demand"})
"""What a pool that says nothing of its capacity is."""


def unsold_problems(pools: Sequence[PoolView], sold: Collection[str], unsold: UnsoldCapacity) -> Iterator[Problem]:
    """Machines that are to be bought in a way that the environment does not have.

    Args:
        pools: The pools.
        sold: Kinds of capacity that it has, such as ``spot``.
        unsold: What to say of all others.
    """
    for view in pools:
        if view.pool.capacity.kind not in sold:
            yield view.problem(
                "capacity.kind",
                cause=f"{view.pool.capacity.kind!r} {unsold.cause}",
                consequence=unsold.consequence,
                fix=unsold.fix,
            )


def placement_group_problems(pools: Sequence[PoolView], environment: str) -> Iterator[Problem]:
    """Reservations with the placement group of another cloud."""
    for view in pools:
        capacity = view.pool.capacity
        if isinstance(capacity, Reservation) and capacity.placement_group is not None:
            yield view.problem(
                "capacity.placement_group",
                cause=f"{environment} knows no placement groups of reservations; AWS does",
                consequence="nothing would come of it",
                fix="leave it out",
            )


def protection_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Pools that may not be deleted, of machines that the cloud takes away."""
    for view in pools:
        if view.pool.protect and isinstance(view.pool.capacity, Spot | Queued | FlexStart):
            yield view.problem(
                "protect",
                cause=f"machines bought as {view.pool.capacity.kind!r} are taken away by the cloud",
                consequence="the pool could be neither relied upon nor removed",
                fix="remove protect, or buy the machines on demand or by a reservation",
            )


def ended_problems(pools: Sequence[PoolView], now: datetime, notice: timedelta) -> Iterator[Problem]:
    """Capacity whose time is up, or longer than it is sold for.

    Args:
        pools: The pools.
        now: The time.
        notice: How long before the end of a block its nodes have to be empty.
    """
    for view in pools:
        match view.pool.capacity:
            case CapacityBlock() as block if has_ended(block, now):
                yield view.problem(
                    "capacity.ends",
                    cause=f"the capacity block ended at {block.ends.isoformat()}",
                    consequence="its machines are gone, and the pool would wait for nodes for ever",
                    fix="take the id and end of a new block, or remove the pool",
                )
            case CapacityBlock() as block if has_ended(block, now + notice):
                yield view.problem(
                    "capacity.ends",
                    cause=f"the capacity block ends at {block.ends.isoformat()}, in less than "
                    f"{int(notice.total_seconds() // 60)} minutes",
                    consequence="its machines are being taken away; what starts now is cut off",
                    fix="take the id and end of a new block, or remove the pool",
                )
            case FlexStart(longest_run=longest) if longest > LONGEST_FLEX_START.total_seconds():
                yield view.problem(
                    "capacity.longest_run",
                    cause=f"{longest / 86_400:g} days",
                    consequence=f"such machines are given for {LONGEST_FLEX_START.days} days at most",
                    fix=f"use at most {LONGEST_FLEX_START.days} days, or a reservation",
                )
            case _:
                pass


def shared_reservation_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Reservations that several pools with different machines want; each holds machines of one type."""
    first: dict[str, PoolView] = {}
    for view in pools:
        pool = view.pool
        if not isinstance(pool.capacity, Reservation | CapacityBlock):
            continue
        other = first.setdefault(pool.capacity.id, view).pool
        if other.instance_type != pool.instance_type:
            yield view.problem(
                "capacity.id",
                cause=f"{pool.capacity.id} is taken by pool {other.name!r} with {other.instance_type}",
                consequence=f"it holds machines of one type, so one of both pools never gets any {pool.instance_type}",
                fix="name the reservation of this pool's machines",
            )


def reserved_zone_problems(view: PoolView, holder: str, environment: str) -> Iterator[Problem]:
    """A reservation, which holds machines in one zone, for a pool in several.

    Args:
        view: The pool.
        holder: What holds the machines, for people to read.
        environment: Who spreads the nodes, such as ``EKS``.
    """
    zones = len(set(view.pool.zones))
    if zones > 1:
        yield view.problem(
            "zones",
            cause=f"{holder} holds machines in one zone, the pool has {zones}",
            consequence=f"nodes that {environment} wants in another zone never start, and the pool is never complete",
            fix="name the zone of the reservation only",
        )
