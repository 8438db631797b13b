from __future__ import annotations

from datetime import UTC, datetime

import pytest

from components.clusters.gke.purchase import Affinity, LocationPolicy, Purchase, purchase
from components.contracts.capacity import CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from components.contracts.errors import StrataError
from components.contracts.quantities import Duration

PATH = "projects/acme-prod-1/reservations/gpus/reservationBlocks/block-1"


def test_on_demand_leaves_everything_to_compute_engine() -> None:
    assert purchase(OnDemand()) == Purchase()


def test_spot_uses_no_reservation_and_any_zone() -> None:
    flags = purchase(Spot(kind="spot"))
    assert flags.spot
    assert flags.affinity is Affinity.NONE, "GKE refuses spot machines with any other"
    assert flags.location_policy is LocationPolicy.ANY


def test_a_reservation_is_named_down_to_its_block() -> None:
    flags = purchase(Reservation(kind="reservation", id=PATH))
    assert (flags.affinity, flags.reservation) == (Affinity.SPECIFIC, PATH)
    assert (flags.max_surge, flags.max_unavailable) == (0, 1), "a reservation has no machines to spare"


def test_flex_start_sets_all_of_its_flags_together() -> None:
    assert purchase(FlexStart(kind="flex-start", longest_run=Duration(3600.5))) == Purchase(
        flex_start=True,
        longest_run="3601s",
        affinity=Affinity.NONE,
        auto_repair=False,
        from_zero=True,
        location_policy=LocationPolicy.ANY,
    )


def test_queued_machines_start_from_none_and_are_not_repaired() -> None:
    flags = purchase(Queued(kind="queued"))
    assert flags.queued
    assert not flags.flex_start
    assert flags.from_zero
    assert not flags.auto_repair


def test_what_google_does_not_sell_is_refused() -> None:
    block = CapacityBlock(kind="capacity-block", id="cr-0123456789abcdef0", ends=datetime(2026, 12, 1, tzinfo=UTC))
    with pytest.raises(StrataError, match="not sold by Google Cloud"):
        purchase(block)
