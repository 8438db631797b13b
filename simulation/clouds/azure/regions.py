"""Regions and their zones, as far as the simulated subscription knows them."""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.tables import Call

_ZONES = {
    "eastus": 3,
    "eastus2": 3,
    "southcentralus": 3,
    "westus2": 3,
    "westus3": 3,
    "canadacentral": 3,
    "northeurope": 3,
    "westeurope": 3,
    "swedencentral": 3,
    "uksouth": 3,
    "japaneast": 3,
    "northcentralus": 0,
    "westus": 0,
}
"""Source: https://learn.microsoft.com/azure/reliability/regions-list."""

REGIONS = tuple(_ZONES)


def zones(region: str) -> tuple[str, ...]:
    """The numbers of a region's zones; none in regions without.

    Raises:
        CloudError: when there is no such region.
    """
    if region not in _ZONES:
        raise CloudError(
            "LocationNotAvailableForResourceType",
            f"The provided location '{region}' is not available for resource type. List of available regions for the "
            f"resource type is '{','.join(REGIONS)}'.",
        )
    return tuple(str(number + 1) for number in range(_ZONES[region]))


def require_zones(call: Call, wanted: list[str], what: str) -> None:
    """Are the zones those of the region?

    Words: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-sku-not-available.

    Raises:
        CloudError: when one is not.
    """
    known = zones(call.region)
    wrong = [each for each in wanted if each not in known]
    if wrong:
        raise CloudError(
            "InvalidAvailabilityZone",
            f"The zone(s) '{','.join(wrong)}' for resource '{what}' is not supported. The supported zones for location "
            f"'{call.region}' are '{','.join(known)}'",
        )
