from __future__ import annotations

from datetime import UTC, datetime

import pytest

from components.clusters.eks.purchase import CapacityType, Purchase, UpdateStrategy, purchase
from components.contracts.capacity import Capacity, CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from components.contracts.errors import StrataError

RESERVATION = "cr-0123456789abcdef0"
ENDS = datetime(2026, 12, 1, 11, 30, tzinfo=UTC)


def test_on_demand_leaves_everything_to_ec2() -> None:
    assert purchase(OnDemand()) == Purchase()


def test_spot_is_said_by_the_node_group_only() -> None:
    flags = purchase(Spot(kind="spot"))
    assert flags.capacity_type is CapacityType.SPOT
    assert flags.market_type is None, "EKS refuses launch templates with market options of spot"
    assert not flags.type_in_template


def test_a_reservation_is_used_or_nothing_starts() -> None:
    flags = purchase(Reservation(kind="reservation", id=RESERVATION))
    assert flags.capacity_type is CapacityType.ON_DEMAND
    assert (flags.reservation_id, flags.reservation_preference) == (RESERVATION, "capacity-reservations-only")
    assert flags.update_strategy is UpdateStrategy.MINIMAL, "a reservation has no machines to spare"


def test_a_capacity_block_sets_all_of_its_flags_together() -> None:
    assert purchase(CapacityBlock(kind="capacity-block", id=RESERVATION, ends=ENDS)) == Purchase(
        capacity_type=CapacityType.CAPACITY_BLOCK,
        type_in_template=True,
        market_type="capacity-block",
        reservation_id=RESERVATION,
        reservation_preference="capacity-reservations-only",
        update_strategy=UpdateStrategy.MINIMAL,
        max_unavailable=1,
        scale_in_at=datetime(2026, 12, 1, 10, 50, tzinfo=UTC),
    )


@pytest.mark.parametrize("capacity", [FlexStart(kind="flex-start"), Queued(kind="queued")], ids=["flex", "queued"])
def test_what_aws_does_not_sell_is_refused(capacity: Capacity) -> None:
    with pytest.raises(StrataError, match="not sold by AWS"):
        purchase(capacity)
