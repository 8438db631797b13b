"""Regions and their zones, as far as the simulated subscription knows them."""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.tables import Call
from ..common.regions import Regions

_REGIONS = Regions(
    {
        "eastus": "123",
        "eastus2": "123",
        "southcentralus": "123",
        "westus2": "123",
        "westus3": "123",
        "canadacentral": "123",
        "northeurope": "123",
        "westeurope": "123",
        "swedencentral": "123",
        "uksouth": "123",
        "japaneast": "123",
        "northcentralus": "",
        "westus": "",
    },
    "{zone}",
)
"""Source: https://learn.microsoft.com/azure/reliability/regions-list."""

REGIONS = _REGIONS.names


def zones(region: str) -> tuple[str, ...]:
    """The numbers of a region's zones; none in regions without.

    Raises:
        CloudError: when there is no such region.
    """
    if region not in REGIONS:
        raise CloudError(
            "LocationNotAvailableForResourceType",
            f"The provided location '{region}' is not available for resource type. List of available regions for the "
            f"resource type is '{','.join(REGIONS)}'.",
        )
    return _REGIONS.zones_of(region)


def require_zones(call: Call, wanted: list[str], what: str) -> None:
    """Are the zones those of the region?

    Words: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-sku-not-available.

    Raises:
        CloudError: when one is not.
    """
    known = zones(call.region)
    wrong = [zone for zone in wanted if zone not in known]
    if wrong:
        raise CloudError(
            "InvalidAvailabilityZone",
            f"The zone(s) '{','.join(wrong)}' for resource '{what}' is not supported. The supported zones for location "
            f"'{call.region}' are '{','.join(known)}'",
        )
