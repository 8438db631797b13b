from __future__ import annotations

import pytest

from components.contracts.errors import StrataError
from components.networks.interconnect.layout import LAYOUTS, InterconnectSlot, interconnect_layout
from components.networks.interconnect.settings import Availability

FOUR_ATTACHMENTS = (
    InterconnectSlot(metro="iad", domain="zone1", region="us-central1", router=0),
    InterconnectSlot(metro="iad", domain="zone2", region="us-central1", router=0),
    InterconnectSlot(metro="ord", domain="zone1", region="us-east4", router=1),
    InterconnectSlot(metro="ord", domain="zone2", region="us-east4", router=1),
)
"""Google's own drawing of 99.99 %: two areas, two domains in each, two regions with a router each."""


def test_four_attachments_in_two_areas_and_two_regions_carry_99_99_percent() -> None:
    assert interconnect_layout(Availability.HIGHEST, ["iad", "ord"], ["us-central1", "us-east4"]) == FOUR_ATTACHMENTS
    assert LAYOUTS["dedicated-interconnect"][Availability.HIGHEST].global_routing


def test_two_attachments_in_one_area_carry_99_9_percent() -> None:
    assert interconnect_layout(Availability.HIGH, ["iad"], ["us-central1"]) == FOUR_ATTACHMENTS[:2]
    assert not LAYOUTS["dedicated-interconnect"][Availability.HIGH].global_routing


@pytest.mark.parametrize(
    ("metros", "regions", "field"),
    [(["iad"], ["us-central1", "us-east4"], "metros"), (["iad", "ord"], ["us-east4", "us-east4"], "regions")],
)
def test_one_area_or_one_region_twice_is_refused(metros: list[str], regions: list[str], field: str) -> None:
    with pytest.raises(StrataError, match=field):
        interconnect_layout(Availability.HIGHEST, metros, regions)


@pytest.mark.parametrize(
    ("kind", "availability", "circuits"),
    [
        ("direct-connect", Availability.HIGHEST, 4),
        ("direct-connect", Availability.HIGH, 2),
        ("dedicated-interconnect", Availability.HIGHEST, 4),
        ("dedicated-interconnect", Availability.HIGH, 2),
        ("express-route", Availability.HIGHEST, 2),
        ("express-route", Availability.HIGH, 1),
    ],
)
def test_circuits_by_availability(kind: str, availability: Availability, circuits: int) -> None:
    assert LAYOUTS[kind][availability].circuits == circuits
