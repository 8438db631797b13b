"""The virtual network of a cluster as a program passes it: one that Strata makes, or one that exists.

Owns the arguments and how they relate to settings. Ids are inputs, so that they may be outputs of other
resources; zones and ranges are plain, because subnets are cut and rules are checked at preview.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from ...contracts.arguments import checked_arguments
from ..inputs import text_or
from ..nat import NatGateways
from .settings import AdoptedVnet, CreatedVnet, Peering, VnetSettings

Egress = Literal["nat-gateway", "user-defined-routing"]


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class PeerNetwork:
    """A virtual network that is joined to the cluster's.

    Attributes:
        network: Its resource id.
        routes: Networks that are reached through it.
        use_gateways: Whether its VPN or ExpressRoute gateway serves the cluster's network as well.
    """

    network: pulumi.Input[str]
    routes: Sequence[str]
    use_gateways: bool = False


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class NewVnet:
    """A virtual network to make: a subnet in each zone, NAT, subnets for endpoints and Lustre.

    Attributes:
        cidr: Range of the network, /16 to /20.
        zones: Availability zones as nodes carry them, such as ``eastus2-1``; ``0`` in regions without zones.
        nat: How nodes reach the internet.
        peering: Virtual network that it is joined to.
    """

    cidr: str
    zones: Sequence[str]
    nat: NatGateways = NatGateways.PER_ZONE
    peering: PeerNetwork | None = None


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ExistingVnet:
    """A virtual network that exists, or that the caller makes, and that stays as it is.

    Attributes:
        id: Its resource id.
        cidr: Its range.
        private_subnets: Resource id of the nodes' subnet by zone; zones may share one.
        endpoints_subnet: Resource id of the subnet of private endpoints, which shared files on Azure Files need.
        lustre_subnet: Resource id of the subnet of Managed Lustre and of nothing else.
        egress: How the subnets reach the internet.
    """

    id: pulumi.Input[str]
    cidr: str
    private_subnets: Mapping[str, pulumi.Input[str]]
    endpoints_subnet: pulumi.Input[str] | None = None
    lustre_subnet: pulumi.Input[str] | None = None
    egress: Egress = "nat-gateway"


@dataclass(frozen=True, kw_only=True)
class ClusterRanges:
    """Addresses inside of a cluster, which settings have beside those of its network.

    Attributes:
        pods: Addresses of pods.
        services: Addresses of services.
        dns: Address of cluster DNS.
    """

    pods: str
    services: str
    dns: str


def vnet_of(settings: VnetSettings) -> NewVnet | ExistingVnet:
    """The network of a stack's settings."""
    match settings:
        case CreatedVnet(cidr=cidr, zones=zones, nat=nat, peering=peering):
            joined = (
                PeerNetwork(network=peering.network, routes=peering.routes, use_gateways=peering.use_gateways)
                if peering
                else None
            )
            return NewVnet(cidr=cidr, zones=zones, nat=nat, peering=joined)
        case AdoptedVnet():
            return ExistingVnet(
                id=settings.id,
                cidr=settings.cidr,
                private_subnets=dict(settings.private_subnets),
                endpoints_subnet=settings.endpoints_subnet,
                lustre_subnet=settings.lustre_subnet,
                egress=settings.egress,
            )


def vnet_settings(vnet: NewVnet | ExistingVnet, subscription: str, ranges: ClusterRanges) -> VnetSettings:
    """The same network as settings, which the rules check; placeholders replace ids that are not known yet.

    Args:
        vnet: The network.
        subscription: Subscription of the cluster; a network that is not known yet is assumed to be in it.
        ranges: Addresses inside of the cluster.

    Raises:
        StrataError: when a value does not have the form that settings require.
    """
    unknown = f"/subscriptions/{subscription}/resourceGroups/not-known/providers/Microsoft.Network/virtualNetworks/new"
    match vnet:
        case NewVnet(cidr=cidr, zones=zones, nat=nat, peering=peering):
            joined = (
                Peering(
                    network=text_or(peering.network, unknown),
                    routes=tuple(peering.routes),
                    use_gateways=peering.use_gateways,
                )
                if peering
                else None
            )
            return CreatedVnet(
                cidr=cidr,
                zones=tuple(zones),
                nat=nat,
                peering=joined,
                pods=ranges.pods,
                services=ranges.services,
                dns_service_ip=ranges.dns,
            )
        case ExistingVnet():
            return AdoptedVnet(
                id=text_or(vnet.id, unknown),
                cidr=vnet.cidr,
                private_subnets={
                    zone: text_or(subnet, f"{unknown}/subnets/private-{index}")
                    for index, (zone, subnet) in enumerate(vnet.private_subnets.items())
                },
                endpoints_subnet=text_or(vnet.endpoints_subnet, f"{unknown}/subnets/endpoints"),
                lustre_subnet=text_or(vnet.lustre_subnet, f"{unknown}/subnets/lustre"),
                egress=vnet.egress,
                pods=ranges.pods,
                services=ranges.services,
                dns_service_ip=ranges.dns,
            )
