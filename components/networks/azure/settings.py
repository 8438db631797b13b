"""A virtual network as users write it: made by Strata, or one that exists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...contracts.api_access import Cidr
from ...contracts.forms import Form
from ...contracts.model import Contract
from ...contracts.names import LabelValue
from ..nat import NatGateways

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GROUP = rf"/subscriptions/{_UUID}/resourceGroups/[A-Za-z0-9_.()-]{{1,90}}"
_VNET = rf"{_GROUP}/providers/Microsoft\.Network/virtualNetworks/[A-Za-z0-9][A-Za-z0-9_.-]{{0,63}}"

_EXAMPLE_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/genai"
Uuid = Annotated[str, Form(_UUID, "00000000-0000-0000-0000-000000000001")]
"""An id of Azure or Entra, in lower case."""
ResourceId = Annotated[
    str,
    Form(
        rf"{_GROUP}/providers/[A-Za-z0-9.]+(/[A-Za-z0-9_.()-]+){{2,}}",
        f"{_EXAMPLE_GROUP}/providers/Microsoft.Network/virtualNetworks/hub",
    ),
]
"""A resource by its full path, ``/subscriptions/…/resourceGroups/…/providers/…``."""
VnetId = Annotated[
    str,
    Form(
        _VNET,
        f"{_EXAMPLE_GROUP}/providers/Microsoft.Network/virtualNetworks/nodes",
    ),
]
SubnetId = Annotated[
    str,
    Form(
        rf"{_VNET}/subnets/[A-Za-z0-9][A-Za-z0-9_.-]{{0,79}}",
        f"{_EXAMPLE_GROUP}/providers/Microsoft.Network/virtualNetworks/nodes/subnets/pods",
    ),
]

Ipv4 = Annotated[str, Form(r"(\d{1,3}\.){3}\d{1,3}", "10.0.0.10")]

NO_ZONE = "0"
"""Zone of machines without a zone, as their nodes' label ``topology.kubernetes.io/zone`` spells it."""


class Peering(Contract):
    """A virtual network that is joined to the cluster's, such as a hub with a VPN or ExpressRoute gateway."""

    network: VnetId
    """Resource id of the other network."""
    routes: Annotated[tuple[Cidr, ...], Field(min_length=1, max_length=100)]
    """Networks that are reached through it, such as the one Pulumi runs in."""
    use_gateways: bool = False
    """Whether its VPN or ExpressRoute gateway serves the cluster's network as well."""


class CreatedVnet(Contract):
    """A virtual network that Strata makes: a subnet in each zone, NAT, subnets for endpoints and Lustre."""

    kind: Literal["create"] = "create"
    cidr: Cidr
    """Range of the network, /16 to /20; nodes take an address each, and pods none."""
    zones: Annotated[tuple[LabelValue, ...], Field(min_length=1, max_length=3)]
    """Availability zones as nodes carry them, such as ``eastus2-1``; ``0`` in regions without zones."""
    nat: NatGateways = NatGateways.PER_ZONE
    """How nodes reach the internet."""
    pods: Cidr = "10.244.0.0/16"
    """Addresses of pods, on an overlay of their own; each node takes a /24."""
    services: Cidr = "10.0.0.0/16"
    """Addresses of services; nothing outside of the cluster sees them."""
    dns_service_ip: Ipv4 | None = None
    """Address of cluster DNS, within the services' and not their first; the tenth of them where left out."""
    peering: Peering | None = None
    """A network that the VNet is peered with, such as a hub."""


class AdoptedVnet(Contract):
    """A virtual network that exists and stays as it is."""

    kind: Literal["adopt"] = "adopt"
    id: VnetId
    """Resource id of the VNet."""
    cidr: Cidr
    """Its address range; further ones of the VNet are not used."""
    private_subnets: Annotated[dict[LabelValue, SubnetId], Field(min_length=1)]
    """Subnet of the nodes by zone, such as ``eastus2-1: /subscriptions/…``; zones may share one."""
    endpoints_subnet: SubnetId | None = None
    """Subnet of private endpoints, which shared files on Azure Files need."""
    lustre_subnet: SubnetId | None = None
    """Subnet of Managed Lustre and of nothing else, which shared files on Lustre need."""
    egress: Literal["nat-gateway", "user-defined-routing"] = "nat-gateway"
    """How the subnets reach the internet; with neither, there is no route to the internet."""
    pods: Cidr = "10.244.0.0/16"
    """Addresses of pods, on an overlay of their own; each node takes a /24."""
    services: Cidr = "10.0.0.0/16"
    """Addresses of services; nothing outside of the cluster sees them."""
    dns_service_ip: Ipv4 | None = None
    """Address of cluster DNS, within the services' and not their first; the tenth of them where left out."""


VnetSettings = Annotated[CreatedVnet | AdoptedVnet, Field(discriminator="kind")]
"""The network of an AKS cluster."""


def zone_number(zone: str) -> str | None:
    """The zone as Azure's resources spell it, ``1`` for ``eastus2-1``; None for machines in no zone."""
    return None if zone == NO_ZONE else zone.rpartition("-")[2]


def network_zones(network: CreatedVnet | AdoptedVnet) -> tuple[str, ...]:
    """Zones in which the network has a subnet of nodes."""
    return network.zones if isinstance(network, CreatedVnet) else tuple(network.private_subnets)
