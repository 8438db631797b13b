"""Regions and their zones, as far as the simulated account knows them."""

from __future__ import annotations

from ...provider.errors import CloudError
from ..common.regions import Regions

_REGIONS = Regions(
    {
        "us-east-1": "abcdef",
        "us-east-2": "abc",
        "us-west-1": "ac",
        "us-west-2": "abcd",
        "ca-central-1": "abd",
        "eu-west-1": "abc",
        "eu-west-2": "abc",
        "eu-central-1": "abc",
        "eu-north-1": "abc",
        "ap-northeast-1": "acd",
        "ap-south-1": "abc",
        "ap-southeast-1": "abc",
        "ap-southeast-2": "abc",
    },
    "{region}{zone}",
)
"""Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html."""

_IDS = {"us-east-1c": "use1-az5", "us-east-1e": "use1-az3", "us-west-1c": "usw1-az3", "ca-central-1d": "cac1-az4"}
"""Zones whose id does not follow their letter; every account has an assignment of its own.

That us-east-1e is the one without control planes is what most reports have: weaveworks/eksctl issue 817.
"""
REGIONS = _REGIONS.names


def zones(region: str) -> tuple[str, ...]:
    """The zones of a region.

    Raises:
        CloudError: when there is no such region.
    """
    if region not in REGIONS:
        raise CloudError("InvalidParameterValue", f"the region {region!r} is unknown to the simulated account")
    return _REGIONS.zones_of(region)


def zone_id(zone: str) -> str:
    """The id of a zone, which is the same in every account, such as ``use2-az1``."""
    if zone in _IDS:
        return _IDS[zone]
    region, letter = zone[:-1], zone[-1]
    area, direction, number = region.split("-")
    short = {"central": "c", "northeast": "ne", "southeast": "se"}.get(direction, direction[0])
    return f"{area}{short}{number}-az{zones(region).index(zone) + 1 if zone in zones(region) else letter}"
