"""How many circuits a promised availability needs, and where.

Sources: Google Cloud, "Establish 99.99% availability for Dedicated Interconnect"
(https://cloud.google.com/network-connectivity/docs/interconnect/tutorials/dedicated-creating-9999-availability)
and "… 99.9% …"; AWS Direct Connect Resiliency Toolkit, "Maximum resiliency" and "High resiliency"
(https://docs.aws.amazon.com/directconnect/latest/UserGuide/resiliency_toolkit.html); Azure, "Design and architect
ExpressRoute for resiliency" (https://learn.microsoft.com/azure/expressroute/design-architecture-for-resiliency).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...contracts.errors import StrataError
from .settings import Availability


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What an availability requires.

    Attributes:
        locations: Locations that fail independently: metropolitan areas on Google Cloud.
        circuits_per_location: Circuits in each of them, on devices or in domains of their own.
        regions: Regions that attachments end in.
        global_routing: Whether routes have to reach all regions of the network.
    """

    locations: int
    circuits_per_location: int
    regions: int = 1
    global_routing: bool = False

    @property
    def circuits(self) -> int:
        """Circuits in all."""
        return self.locations * self.circuits_per_location


_SINGLE = Layout(locations=1, circuits_per_location=1)
LAYOUTS: Mapping[str, Mapping[Availability, Layout]] = {
    "direct-connect": {
        Availability.HIGHEST: Layout(locations=2, circuits_per_location=2),
        Availability.HIGH: Layout(locations=2, circuits_per_location=1),
        Availability.NONE: _SINGLE,
    },
    "dedicated-interconnect": {
        Availability.HIGHEST: Layout(locations=2, circuits_per_location=2, regions=2, global_routing=True),
        Availability.HIGH: Layout(locations=1, circuits_per_location=2),
        Availability.NONE: _SINGLE,
    },
    # A circuit is a pair of links on two devices by itself, so that one of them is already redundant.
    "express-route": {
        Availability.HIGHEST: Layout(locations=2, circuits_per_location=1),
        Availability.HIGH: _SINGLE,
        Availability.NONE: _SINGLE,
    },
}
"""What each kind of link requires."""

_DOMAINS = ("zone1", "zone2")


@dataclass(frozen=True, kw_only=True)
class InterconnectSlot:
    """Where one VLAN attachment of Google Cloud belongs.

    Attributes:
        metro: Metropolitan area of its interconnect.
        domain: Edge availability domain in that area.
        region: Region of the attachment and its cloud router.
        router: Number of the cloud router, one in each region.
    """

    metro: str
    domain: str
    region: str
    router: int


def interconnect_layout(
    availability: Availability, metros: Sequence[str], regions: Sequence[str]
) -> tuple[InterconnectSlot, ...]:
    """The VLAN attachments that Google's service level asks for.

    Both domains of an area end in the same region, so that the loss of an area cuts the paths of one region
    and leaves those of the other.

    Args:
        availability: What is promised.
        metros: Metropolitan areas, such as ``iad``; as many as the layout takes.
        regions: Regions of the attachments.

    Raises:
        StrataError: when there are too few areas or regions, or one is named twice.
    """
    layout = LAYOUTS["dedicated-interconnect"][availability]
    for field, given, needed in (("metros", metros, layout.locations), ("regions", regions, layout.regions)):
        if len(set(given)) < needed:
            raise StrataError.of(
                field,
                cause=f"{len(set(given))} different ones ({', '.join(given) or 'none'}), where {needed} are needed",
                consequence=f"Google would not promise {availability.value} %",
                fix=f"name {needed} of them",
            )
    return tuple(
        InterconnectSlot(
            metro=metros[place], domain=domain, region=regions[place % layout.regions], router=place % layout.regions
        )
        for place in range(layout.locations)
        for domain in _DOMAINS[: layout.circuits_per_location]
    )
