"""Regions and their zones, as far as the simulated project knows them."""

from __future__ import annotations

from ..common.regions import Regions

_REGIONS = Regions(
    {
        "us-central1": "abcf",
        "us-east1": "bcd",
        "us-east4": "abc",
        "us-east5": "abc",
        "us-west1": "abc",
        "us-west4": "abc",
        "europe-west1": "bcd",
        "europe-west4": "abc",
        "asia-northeast1": "abc",
        "asia-southeast1": "abc",
    },
    "{region}-{zone}",
)
"""Source: https://cloud.google.com/compute/docs/regions-zones."""
REGIONS = _REGIONS.names


def zones(region: str) -> tuple[str, ...]:
    """The zones of a region; none when there is no such region."""
    return _REGIONS.zones_of(region)
