"""Zones of pools against those of the network: one wrong zone is one problem, and no wrong zone is proposed."""

from __future__ import annotations

from components.clusters.rules.zones import unattached_zone_problems

FORM = "us-east-2[a-z]"


def test_a_wrong_zone_of_the_network_is_not_blamed_on_pools() -> None:
    zones = ("us-east-2a", "us-west-2a")
    assert list(unattached_zone_problems("zones", ("us-east-2a", "us-east-2c"), zones, FORM)) == []


def test_a_wrong_zone_of_the_network_is_not_proposed() -> None:
    (problem,) = unattached_zone_problems("zones", ("us-north-1a",), ("us-east-2a", "us-west-2a"), FORM)
    assert problem.field == "zones[0]"
    assert problem.fix == "use us-east-2a, or add the zone to the network"


def test_a_zone_without_a_subnet_is_refused() -> None:
    (problem,) = unattached_zone_problems("zones", ("us-east-2d",), ("us-east-2a", "us-east-2b"), FORM)
    assert "use us-east-2a or us-east-2b" in problem.fix
