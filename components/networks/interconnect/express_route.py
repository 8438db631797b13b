"""Azure ExpressRoute: circuits, their private peerings, a gateway, and its connections to them.

Circuits are ordered once and protected; peerings and connections are made when the provider has
connected them. Gateways take most of an hour to create and to delete.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import network

from ...contracts.network_facts import AzureAttachment
from .azure_gateway import GATEWAY_TIMES, ZONES, group_and_name, routing_weight
from .bandwidths import megabits
from .keys import Gate, LinkEnds, Session
from .rules.asns import MICROSOFT_ASN
from .settings import AdoptedCircuit, CircuitState, ExpressRouteLink, ExpressRoutePath, OrderedCircuit
from .vpn_azure import AzureVpn, AzureVpnArgs

_READY = ("Provisioned",)
"""https://learn.microsoft.com/azure/expressroute/expressroute-workflows, provider status."""
_PRIVATE_PEERING = "AzurePrivatePeering"
_GATEWAY_SUBNET = "GatewaySubnet"
"""The name by which Azure recognises it; with another name it is an ordinary subnet."""


@dataclass(frozen=True, kw_only=True)
class ExpressRouteArgs:
    """A link to Azure.

    Attributes:
        link: Its settings.
        ends: What is at both ends.
        subscription: Subscription of the virtual network.
        network: The virtual network that it leads to.
        gateway_subnet: Range of its ``GatewaySubnet``; needed unless the gateway is adopted.
    """

    link: ExpressRouteLink
    ends: LinkEnds
    subscription: str
    network: AzureAttachment
    gateway_subnet: str | None


class ExpressRoute(pulumi.ComponentResource):
    """A link between a virtual network and a site.

    Attributes:
        sessions: Configuration that the site's routers need.
    """

    sessions: list[Session]

    def __init__(self, name: str, args: ExpressRouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:ExpressRoute", name, None, opts)
        self._name, self._args = name, args
        self._group, self._vnet = group_and_name(args.network.virtual_network)
        self._account = azure.Provider(
            f"{name}-azure",
            subscription_id=args.subscription,
            location=args.ends.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._inside = pulumi.ResourceOptions(parent=self, provider=self._account)
        self.sessions = []
        circuits = {path.name: self._path(path) for path in args.link.paths}
        connected = {name: circuit for name, circuit in circuits.items() if circuit}
        gateway = self._gateways(has_circuits=bool(connected))
        for path in args.link.paths:
            if gateway and path.name in connected:
                self._connect(path, *connected[path.name], gateway)
        self.register_outputs({"sessions": self.sessions})

    def _path(self, path: ExpressRoutePath) -> tuple[pulumi.Output[str], list[pulumi.Resource]] | None:
        """The circuit's id and what has to exist before it is connected; None while it is only on order."""
        name = f"{self._name}-{path.name}"
        group, circuit_name = self._group, name
        match path.circuit:
            case OrderedCircuit() as ordered:
                circuit = self._order(name, path, ordered)
            case AdoptedCircuit(id=identifier):
                group, circuit_name = group_and_name(identifier)
                circuit = network.ExpressRouteCircuit.get(name, identifier, opts=self._inside)
        if path.state is not CircuitState.PROVISIONED:
            return None
        gate = Gate(field=f"links {self._args.link.name}, path {path.name}: state", ready=_READY)
        opened = gate.open(circuit.id, circuit.service_provider_provisioning_state)
        self.sessions += self._sessions(path)
        if isinstance(path.circuit, AdoptedCircuit) and path.circuit.peered:
            return opened, []
        # Its name is known without the gate, so it is taken from the gate's output to wait for it.
        named = opened.apply(lambda _: circuit_name)
        return opened, [self._peering(name, path, group, named)]

    def _order(self, name: str, path: ExpressRoutePath, ordered: OrderedCircuit) -> network.ExpressRouteCircuit:
        return network.ExpressRouteCircuit(
            name,
            circuit_name=name,
            resource_group_name=self._group,
            location=self._args.ends.region,
            sku=network.ExpressRouteCircuitSkuArgs(
                name=f"{ordered.tier}_{ordered.billing}", tier=ordered.tier, family=ordered.billing
            ),
            service_provider_properties=network.ExpressRouteCircuitServiceProviderPropertiesArgs(
                service_provider_name=ordered.provider,
                peering_location=path.location,
                bandwidth_in_mbps=megabits(ordered.bandwidth),
            ),
            opts=pulumi.ResourceOptions(parent=self, provider=self._account, protect=self._args.ends.protect),
        )

    def _peering(
        self, name: str, path: ExpressRoutePath, group: str, circuit: pulumi.Output[str]
    ) -> network.ExpressRouteCircuitPeering:
        return network.ExpressRouteCircuitPeering(
            name,
            peering_name=_PRIVATE_PEERING,
            circuit_name=circuit,
            resource_group_name=group,
            peering_type=_PRIVATE_PEERING,
            peer_asn=self._args.ends.site.asn,
            vlan_id=path.vlan,
            primary_peer_address_prefix=path.primary_prefix,
            secondary_peer_address_prefix=path.secondary_prefix,
            shared_key=self._args.ends.bgp_key,
            opts=self._inside,
        )

    def _sessions(self, path: ExpressRoutePath) -> list[Session]:
        return [
            {
                "over": f"{path.name}-{order}",
                "vlan": path.vlan,
                "range": prefix,
                "cloud_asn": MICROSOFT_ASN,
                "site_asn": self._args.ends.site.asn,
                "priority": self._args.link.priority,
            }
            for order, prefix in (("primary", path.primary_prefix), ("secondary", path.secondary_prefix))
        ]

    def _gateways(self, *, has_circuits: bool) -> pulumi.Output[str] | None:
        """The ExpressRoute gateway and the VPN gateway; both cost money, so each is made only where it is needed."""
        link = self._args.link
        makes_own = has_circuits and not link.gateway
        made: list[pulumi.Resource] = []
        gateway = pulumi.Output.from_input(str(link.gateway)) if link.gateway else None
        if makes_own or link.vpn:
            subnet, made = self._subnet()
            if makes_own:
                own = self._gateway(subnet)
                gateway, made = own.id, [*made, own]
            self._vpn(subnet, made)
        return gateway

    def _subnet(self) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
        if self._args.link.adopt_gateway_subnet:
            return f"{self._args.network.virtual_network}/subnets/{_GATEWAY_SUBNET}", []
        created = network.Subnet(
            f"{self._name}-gateways",
            subnet_name=_GATEWAY_SUBNET,
            resource_group_name=self._group,
            virtual_network_name=self._vnet,
            address_prefix=self._args.gateway_subnet,
            opts=self._inside,
        )
        return created.id, [created]

    def _vpn(self, subnet: pulumi.Input[str], after: list[pulumi.Resource]) -> None:
        if self._args.link.vpn is None:
            return
        vpn = AzureVpn(
            f"{self._name}-vpn",
            AzureVpnArgs(
                vpn=self._args.link.vpn, ends=self._args.ends, resource_group=self._group, subnet=subnet, after=after
            ),
            pulumi.ResourceOptions(parent=self, providers=[self._account]),
        )
        self.sessions += vpn.sessions

    def _gateway(self, subnet: pulumi.Input[str]) -> network.VirtualNetworkGateway:
        link, region = self._args.link, self._args.ends.region
        address = network.PublicIPAddress(
            self._name,
            public_ip_address_name=self._name,
            resource_group_name=self._group,
            location=region,
            sku=network.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
            public_ip_allocation_method="Static",
            zones=list(ZONES),
            opts=self._inside,
        )
        return network.VirtualNetworkGateway(
            self._name,
            virtual_network_gateway_name=self._name,
            resource_group_name=self._group,
            location=region,
            gateway_type="ExpressRoute",
            sku=network.VirtualNetworkGatewaySkuArgs(name=link.sku, tier=link.sku),
            ip_configurations=[
                network.VirtualNetworkGatewayIPConfigurationArgs(
                    name="gateway",
                    private_ip_allocation_method="Dynamic",
                    subnet=network.SubResourceArgs(id=subnet),
                    public_ip_address=network.SubResourceArgs(id=address.id),
                )
            ],
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=self._account,
                custom_timeouts=pulumi.CustomTimeouts(create=GATEWAY_TIMES, update=GATEWAY_TIMES, delete=GATEWAY_TIMES),
            ),
        )

    def _connect(
        self,
        path: ExpressRoutePath,
        circuit: pulumi.Output[str],
        peered: list[pulumi.Resource],
        gateway: pulumi.Output[str],
    ) -> None:
        name = f"{self._name}-{path.name}"
        network.VirtualNetworkGatewayConnection(
            name,
            virtual_network_gateway_connection_name=name,
            resource_group_name=self._group,
            location=self._args.ends.region,
            connection_type="ExpressRoute",
            virtual_network_gateway1=network.VirtualNetworkGatewayArgs(id=gateway),
            peer=network.SubResourceArgs(id=circuit),
            authorization_key=self._args.ends.authorization_key,
            express_route_gateway_bypass=self._args.link.fast_path,
            routing_weight=routing_weight(self._args.link.priority),
            opts=pulumi.ResourceOptions(parent=self, provider=self._account, depends_on=peered),
        )
