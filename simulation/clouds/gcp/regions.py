"""Regions and their zones, as far as the simulated project knows them."""

from __future__ import annotations

_ZONES = {
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
}
"""Source: https://cloud.google.com/compute/docs/regions-zones."""
REGIONS = tuple(_ZONES)


def zones(region: str) -> tuple[str, ...]:
    """The zones of a region; none when there is no such region."""
    return tuple(f"{region}-{letter}" for letter in _ZONES.get(region, ""))
