"""A virtual network with a subnet in each zone, or one that exists.

Owns addresses, NAT and peering. Subnets are regional in Azure; one for each zone keeps a pool's outbound
traffic within its own zone. Private endpoints belong to the components that need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import network

from ...contracts.arguments import checked, checked_arguments
from ..addresses import zone_subnets
from ..nat import NatGateways
from .args import ExistingVnet, NewVnet, PeerNetwork
from .settings import zone_number

_ENDPOINTS, _LUSTRE = "endpoints", "lustre"
# Of a resource id, which begins with a slash: /subscriptions/<id>/resourceGroups/<name>/…/<name>.
_GROUP_STEP, _NAME_STEP = 4, -1


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class VnetArgs:
    """What the virtual network is made of.

    Attributes:
        resource_group: Resource group that it is made in.
        network: The network to make, or one that exists.
        lustre_zone: Zone of a Managed Lustre in the network that is made: its servers call Azure's own services
            (Microsoft Learn, Azure Managed Lustre prerequisites), so its subnet gets the way out of that zone.
        tags: Tags of all resources that support tags.
    """

    resource_group: pulumi.Input[str]
    network: NewVnet | ExistingVnet
    lustre_zone: str | None = None
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class Vnet(pulumi.ComponentResource):
    """The network of a cluster.

    Attributes:
        id: Id of the virtual network.
        cidr: Its range.
        private_subnets: Subnet of nodes by zone.
        endpoints: Subnet of private endpoints; None where an adopted network names none.
        lustre: Subnet of Managed Lustre; None where an adopted network names none.
        outbound_type: ``outboundType`` of clusters in it.
        public_addresses: Addresses from which its nodes reach the internet, as far as Strata makes them.
        routed: Resources that have to exist before a node can reach anything; depend on them.
    """

    id: pulumi.Output[str]
    cidr: str
    private_subnets: Mapping[str, pulumi.Output[str]]
    endpoints: pulumi.Output[str] | None
    lustre: pulumi.Output[str] | None
    outbound_type: str
    public_addresses: list[pulumi.Output[str]]
    routed: list[pulumi.Resource]

    @checked
    def __init__(self, name: str, args: VnetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:Vnet", name, None, opts)
        self._name = name
        self._group = args.resource_group
        self._inside = pulumi.ResourceOptions(parent=self)
        self._tags = dict(args.tags) or None
        self._lustre_zone = args.lustre_zone
        self.cidr = args.network.cidr
        self.public_addresses = []
        self.routed = []
        match args.network:
            case ExistingVnet() as existing:
                self._adopt(existing)
            case NewVnet() as new:
                self._create(new)
        self.register_outputs({"id": self.id, "private_subnets": dict(self.private_subnets)})

    def _adopt(self, settings: ExistingVnet) -> None:
        self.id = pulumi.Output.from_input(settings.id)
        self.private_subnets = {
            zone: pulumi.Output.from_input(subnet) for zone, subnet in settings.private_subnets.items()
        }
        self.endpoints = _existing(settings.endpoints_subnet)
        self.lustre = _existing(settings.lustre_subnet)
        self.outbound_type = "userAssignedNATGateway" if settings.egress == "nat-gateway" else "userDefinedRouting"

    def _create(self, settings: NewVnet) -> None:
        vnet = network.VirtualNetwork(
            self._name,
            virtual_network_name=self._name,
            resource_group_name=self._group,
            address_space=network.AddressSpaceArgs(address_prefixes=[settings.cidr]),
            tags=self._tags,
            opts=self._inside,
        )
        self.id = vnet.id
        # Azure's default rules allow the network inbound and the internet outbound; without a group there are no rules.
        guard = network.NetworkSecurityGroup(
            self._name,
            network_security_group_name=self._name,
            resource_group_name=self._group,
            tags=self._tags,
            opts=self._inside,
        )
        self._subnets = _Subnets(self._name, self._group, vnet, guard, self)
        gateways = self._nat(settings)
        self.private_subnets = {
            subnets.zone: self._subnets.add(
                f"private-{subnets.zone}", str(subnets.private), gateways.get(subnets.zone)
            ).id
            for subnets in zone_subnets(settings.cidr, settings.zones)
        }
        # Balancers need no subnet in Azure, so the ranges that other clouds keep for them are free for these two.
        endpoints, lustre = zone_subnets(settings.cidr, (_ENDPOINTS, _LUSTRE))
        self.endpoints = self._subnets.add(_ENDPOINTS, str(endpoints.public)).id
        self.lustre = self._subnets.add(_LUSTRE, str(lustre.public), gateways.get(self._lustre_zone or "")).id
        self.outbound_type = "none" if settings.nat is NatGateways.NONE else "userAssignedNATGateway"
        self.routed = self._subnets.made
        if settings.peering:
            self._peer(vnet, settings.peering)

    def _nat(self, settings: NewVnet) -> dict[str, network.NatGateway]:
        match settings.nat:
            case NatGateways.NONE:
                return {}
            case NatGateways.SINGLE:
                return dict.fromkeys(settings.zones, self._gateway(settings.zones[0]))
            case NatGateways.PER_ZONE:
                return {zone: self._gateway(zone) for zone in settings.zones}

    def _gateway(self, zone: str) -> network.NatGateway:
        number = zone_number(zone)
        zones = [number] if number else None
        name = f"{self._name}-nat-{zone}"
        address = network.PublicIPAddress(
            name,
            public_ip_address_name=name,
            resource_group_name=self._group,
            sku=network.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
            public_ip_allocation_method="Static",
            zones=zones,
            tags=self._tags,
            opts=self._inside,
        )
        # Known once the address exists; the SDK types it as optional because dynamic ones have none at first.
        self.public_addresses.append(address.ip_address.apply(lambda known: known or ""))
        return network.NatGateway(
            name,
            nat_gateway_name=name,
            resource_group_name=self._group,
            sku=network.NatGatewaySkuArgs(name="Standard"),
            public_ip_addresses=[network.SubResourceArgs(id=address.id)],
            zones=zones,
            tags=self._tags,
            opts=self._inside,
        )

    def _peer(self, vnet: network.VirtualNetwork, peering: PeerNetwork) -> None:
        """Peers in both directions: a single one stays ``Initiated`` and carries nothing."""
        other_group, other_name = _step(peering.network, _GROUP_STEP), _step(peering.network, _NAME_STEP)
        there = network.VirtualNetworkPeering(
            f"{self._name}-from-peer",
            virtual_network_peering_name=self._name,
            resource_group_name=other_group,
            virtual_network_name=other_name,
            remote_virtual_network=network.SubResourceArgs(id=vnet.id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=True,
            allow_gateway_transit=peering.use_gateways,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._subnets.made),
        )
        here = network.VirtualNetworkPeering(
            f"{self._name}-to-peer",
            virtual_network_peering_name=other_name,
            resource_group_name=self._group,
            virtual_network_name=vnet.name,
            remote_virtual_network=network.SubResourceArgs(id=peering.network),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=True,
            use_remote_gateways=peering.use_gateways,
            # Azure refuses to use a gateway before the other side shares it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[there]),
        )
        self.routed = [*self.routed, here]


class _Subnets:
    """The subnets of one network, made one after the other: Azure applies one change of a network at a time."""

    def __init__(
        self,
        name: str,
        group: pulumi.Input[str],
        vnet: network.VirtualNetwork,
        guard: network.NetworkSecurityGroup,
        parent: Vnet,
    ) -> None:
        self._name, self._group, self._vnet, self._guard, self._parent = name, group, vnet, guard, parent
        self.made: list[pulumi.Resource] = []

    def add(self, label: str, cidr: str, gateway: network.NatGateway | None = None) -> network.Subnet:
        subnet = network.Subnet(
            f"{self._name}-{label}",
            subnet_name=label,
            resource_group_name=self._group,
            virtual_network_name=self._vnet.name,
            address_prefix=cidr,
            network_security_group=network.NetworkSecurityGroupArgs(id=self._guard.id),
            nat_gateway=network.SubResourceArgs(id=gateway.id) if gateway else None,
            # Otherwise machines get an address of Azure's choice, which cannot be put on an allow list.
            default_outbound_access=False,
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=self.made[-1:]),
        )
        self.made.append(subnet)
        return subnet


def _existing(subnet: pulumi.Input[str] | None) -> pulumi.Output[str] | None:
    return None if subnet is None else pulumi.Output.from_input(subnet)


def _step(resource: pulumi.Input[str], step: int) -> pulumi.Output[str]:
    return pulumi.Output.from_input(resource).apply(lambda path: path.split("/")[step])
