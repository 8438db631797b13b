from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from components.clusters.eks.purchase import (
    CapacityType,
    Purchase,
    UpdateStrategy,
    purchase,
    shares_placement,
    update_strategy,
)
from components.contracts.capacity import Capacity, CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from components.contracts.errors import StrataError
from components.contracts.pools import NodePool, PoolRange
from components.planner.catalogs.instances import instance

from .pools import gpu_pool, system_pool

RESERVATION = "cr-0123456789abcdef0"
ENDS = datetime(2026, 12, 1, 11, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def test_on_demand_leaves_everything_to_ec2() -> None:
    assert purchase(OnDemand(), NOW) == Purchase()


def test_spot_is_said_by_the_node_group_only() -> None:
    flags = purchase(Spot(kind="spot"), NOW)
    assert flags.capacity_type is CapacityType.SPOT
    assert flags.market_type is None, "EKS refuses launch templates with market options of spot"
    assert not flags.type_in_template


def test_a_reservation_is_used_or_nothing_starts() -> None:
    flags = purchase(Reservation(kind="reservation", id=RESERVATION), NOW)
    assert flags.capacity_type is CapacityType.ON_DEMAND
    assert (flags.reservation_id, flags.reservation_preference) == (RESERVATION, "capacity-reservations-only")


def test_a_capacity_block_sets_all_of_its_flags_together() -> None:
    assert purchase(CapacityBlock(kind="capacity-block", id=RESERVATION, ends=ENDS), NOW) == Purchase(
        capacity_type=CapacityType.CAPACITY_BLOCK,
        type_in_template=True,
        market_type="capacity-block",
        reservation_id=RESERVATION,
        reservation_preference="capacity-reservations-only",
        max_unavailable=1,
        version_stays=True,
        scale_in_at=datetime(2026, 12, 1, 10, 50, tzinfo=UTC),
    )


@pytest.mark.parametrize(("days", "waits"), [(-1, False), (1, True)])
def test_b2_the_machines_of_a_block_start_when_it_does(days: int, *, waits: bool) -> None:
    starts = NOW + timedelta(days=days)
    flags = purchase(CapacityBlock(kind="capacity-block", id=RESERVATION, starts=starts, ends=ENDS), NOW)
    assert flags.scale_out_at == (starts if waits else None)


@pytest.mark.parametrize("capacity", [FlexStart(kind="flex-start"), Queued(kind="queued")], ids=["flex", "queued"])
def test_what_aws_does_not_sell_is_refused(capacity: Capacity) -> None:
    with pytest.raises(StrataError, match="not sold by AWS"):
        purchase(capacity, NOW)


def placed(pool: NodePool) -> bool:
    return shares_placement(pool, instance(pool.instance_type))


def strategy(pool: NodePool) -> UpdateStrategy:
    return update_strategy(pool, instance(pool.instance_type))


def test_machines_that_talk_over_efa_stand_close_together() -> None:
    pair = gpu_pool()
    alone = pair.model_copy(update={"count": 1})
    assert placed(pair)
    assert not placed(alone)
    assert placed(alone.model_copy(update={"autoscaled": PoolRange(minimum=1, maximum=2)})), "it can grow to two"
    assert not placed(gpu_pool("g6e.xlarge"))
    reserved = pair.model_copy(update={"capacity": Reservation(kind="reservation", id=RESERVATION)})
    assert not placed(reserved), "they were placed when they were reserved"


def test_nodes_are_replaced_old_ones_first_where_there_are_no_spare_ones() -> None:
    reserved = gpu_pool().model_copy(update={"capacity": Reservation(kind="reservation", id=RESERVATION)})
    assert strategy(reserved) is UpdateStrategy.MINIMAL
    assert strategy(gpu_pool()) is UpdateStrategy.MINIMAL, "a placement group may have no room for one more"
    assert strategy(gpu_pool("g6e.xlarge")) is UpdateStrategy.DEFAULT
    assert strategy(system_pool()) is UpdateStrategy.DEFAULT
