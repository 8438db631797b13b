"""AWS Direct Connect: ports, a Direct Connect gateway, virtual interfaces, and what they lead to.

Over a transit gateway or straight to the VPC's virtual private gateway. Ports are ordered once and
protected; interfaces are made when a port's cross-connect is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TypeAlias

import pulumi
import pulumi_aws as aws

from ...contracts.network_facts import AwsAttachment
from .keys import Gate, LinkEnds, Session
from .settings import (
    AdoptedConnection,
    AdoptedTransitGateway,
    CircuitState,
    CreatedTransitGateway,
    DirectConnectLink,
    DirectConnectPort,
    HostedInterface,
    OrderedConnection,
)
from .vpn_aws import AwsVpn, AwsVpnArgs

_READY = ("available", "down")
"""States of a port that takes interfaces; ``down`` is one whose remote side is under repair.

https://docs.aws.amazon.com/directconnect/latest/APIReference/API_Connection.html.
"""
_INTERFACE_MINUTES = "20m"
_ASSOCIATION_MINUTES = "40m"

_Interface: TypeAlias = (
    aws.directconnect.TransitVirtualInterface
    | aws.directconnect.PrivateVirtualInterface
    | aws.directconnect.HostedTransitVirtualInterfaceAcceptor
    | aws.directconnect.HostedPrivateVirtualInterfaceAccepter
)


@dataclass(frozen=True, kw_only=True)
class DirectConnectArgs:
    """A link to AWS.

    Attributes:
        link: Its settings.
        ends: What is at both ends.
        network: The VPC that it leads to.
    """

    link: DirectConnectLink
    ends: LinkEnds
    network: AwsAttachment


class DirectConnect(pulumi.ComponentResource):
    """A link between a VPC and a site.

    Attributes:
        sessions: Configuration that the site's routers need.
    """

    sessions: list[Session]

    def __init__(self, name: str, args: DirectConnectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:DirectConnect", name, None, opts)
        self._name, self._args = name, args
        self._account = aws.Provider(
            f"{name}-aws",
            region=args.ends.region,
            default_tags=aws.ProviderDefaultTagsArgs(tags={"strata.dev/link": name}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._inside = pulumi.ResourceOptions(parent=self, provider=self._account)
        self._gateway = self._direct_connect_gateway()
        associated, transit, private = self._gateways()
        self._associate(associated)
        self.sessions = []
        for port in args.link.ports:
            self._port(port)
        if args.link.vpn:
            vpn = AwsVpn(
                f"{name}-vpn",
                AwsVpnArgs(
                    vpn=args.link.vpn,
                    ends=args.ends,
                    cloud_asn=self._way_in_asn(),
                    transit_gateway=transit,
                    private_gateway=private,
                ),
                pulumi.ResourceOptions(parent=self, providers=[self._account]),
            )
            self.sessions += vpn.sessions
        self.register_outputs({"sessions": self.sessions})

    def _direct_connect_gateway(self) -> pulumi.Input[str]:
        link = self._args.link
        if link.adopt_gateway:
            return link.adopt_gateway
        return aws.directconnect.Gateway(
            self._name, name=self._name, amazon_side_asn=str(link.gateway_asn), opts=self._inside
        ).id

    def _way_in_asn(self) -> int:
        link = self._args.link
        return link.transit_gateway.asn if link.transit_gateway else link.private_asn or link.gateway_asn

    def _gateways(self) -> tuple[pulumi.Input[str], pulumi.Input[str] | None, pulumi.Input[str] | None]:
        """What the Direct Connect gateway leads to: its id, and the same id as a transit or as a private gateway."""
        match self._args.link.transit_gateway:
            case AdoptedTransitGateway(id=identifier):
                return identifier, identifier, None
            case CreatedTransitGateway() as settings:
                gateway = self._transit_gateway(settings)
                return gateway, gateway, None
            case None:
                private = self._private_gateway()
                return private, None, private

    def _transit_gateway(self, settings: CreatedTransitGateway) -> pulumi.Output[str]:
        network = self._args.network
        gateway = aws.ec2transitgateway.TransitGateway(
            self._name,
            amazon_side_asn=settings.asn,
            description=f"{self._args.link.environment} and {self._args.ends.site.name}",
            tags={"Name": self._name},
            opts=self._inside,
        )
        attachment = aws.ec2transitgateway.VpcAttachment(
            self._name,
            transit_gateway_id=gateway.id,
            vpc_id=network.vpc,
            subnet_ids=list(network.subnets),
            tags={"Name": self._name},
            opts=self._inside,
        )
        for number, table in enumerate(network.route_tables):
            for cidr in self._args.ends.site_ranges:
                aws.ec2.Route(
                    f"{self._name}-{number}-{cidr}",
                    route_table_id=table,
                    destination_cidr_block=cidr,
                    transit_gateway_id=gateway.id,
                    # A route to a gateway that the VPC is not attached to is refused.
                    opts=pulumi.ResourceOptions(parent=self, provider=self._account, depends_on=[attachment]),
                )
        return gateway.id

    def _private_gateway(self) -> pulumi.Output[str]:
        network, link = self._args.network, self._args.link
        gateway = aws.ec2.VpnGateway(
            self._name,
            vpc_id=network.vpc,
            amazon_side_asn=str(link.private_asn) if link.private_asn else None,
            tags={"Name": self._name},
            opts=self._inside,
        )
        for number, table in enumerate(network.route_tables):
            aws.ec2.VpnGatewayRoutePropagation(
                f"{self._name}-{number}", route_table_id=table, vpn_gateway_id=gateway.id, opts=self._inside
            )
        return gateway.id

    def _associate(self, associated: pulumi.Input[str]) -> None:
        aws.directconnect.GatewayAssociation(
            self._name,
            dx_gateway_id=self._gateway,
            associated_gateway_id=associated,
            allowed_prefixes=list(self._args.link.allowed_prefixes),
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=self._account,
                custom_timeouts=pulumi.CustomTimeouts(
                    create=_ASSOCIATION_MINUTES, update=_ASSOCIATION_MINUTES, delete=_ASSOCIATION_MINUTES
                ),
            ),
        )

    def _port(self, port: DirectConnectPort) -> None:
        name = f"{self._name}-{port.name}"
        gate = Gate(field=f"links {self._args.link.name}, port {port.name}: state", ready=_READY)
        match port.circuit:
            case OrderedConnection() as ordered:
                connection = self._order(name, port, ordered)
            case AdoptedConnection(id=identifier) if identifier.startswith("dxlag-"):
                group = aws.directconnect.LinkAggregationGroup.get(name, identifier, opts=self._inside)
                if port.state is CircuitState.PROVISIONED:
                    # A group tells no state of its own; AWS refuses an interface while none of its ports is up.
                    self.sessions.append(self._session(port, self._interface(name, port, group.id)))
                return
            case AdoptedConnection(id=identifier):
                connection = aws.directconnect.Connection.get(name, identifier, opts=self._inside)
            case HostedInterface(id=identifier):
                if port.state is CircuitState.PROVISIONED:
                    self._accept(name, identifier)
                return
        if port.state is CircuitState.PROVISIONED:
            made = self._interface(name, port, gate.open(connection.id, connection.state))
            self.sessions.append(self._session(port, made))

    def _order(self, name: str, port: DirectConnectPort, ordered: OrderedConnection) -> aws.directconnect.Connection:
        return aws.directconnect.Connection(
            name,
            name=name,
            bandwidth=ordered.bandwidth,
            location=port.location,
            request_macsec=ordered.macsec,
            tags={"Name": name},
            opts=pulumi.ResourceOptions(parent=self, provider=self._account, protect=self._args.ends.protect),
        )

    def _interface(self, name: str, port: DirectConnectPort, connection: pulumi.Output[str]) -> _Interface:
        link, ends = self._args.link, self._args.ends
        amazon, customer = _session_addresses(port.bgp_range)
        opts = pulumi.ResourceOptions(
            parent=self,
            provider=self._account,
            custom_timeouts=pulumi.CustomTimeouts(create=_INTERFACE_MINUTES, delete=_INTERFACE_MINUTES),
        )
        kind = (
            aws.directconnect.TransitVirtualInterface
            if link.transit_gateway
            else aws.directconnect.PrivateVirtualInterface
        )
        return kind(
            name,
            name=name,
            address_family="ipv4",
            connection_id=connection,
            dx_gateway_id=self._gateway,
            vlan=port.vlan,
            bgp_asn=ends.site.asn,
            bgp_auth_key=ends.bgp_key,
            amazon_address=amazon,
            customer_address=customer,
            mtu=link.mtu,
            tags={"Name": name},
            opts=opts,
        )

    def _accept(self, name: str, identifier: str) -> _Interface:
        # AWS spells one of them Acceptor and the other Accepter.
        kind = (
            aws.directconnect.HostedTransitVirtualInterfaceAcceptor
            if self._args.link.transit_gateway
            else aws.directconnect.HostedPrivateVirtualInterfaceAccepter
        )
        return kind(name, virtual_interface_id=identifier, dx_gateway_id=self._gateway, opts=self._inside)

    def _session(self, port: DirectConnectPort, interface: _Interface) -> Session:
        link, site = self._args.link, self._args.ends.site
        amazon, customer = _session_addresses(port.bgp_range)
        return {
            "over": port.name,
            "interface": interface.id,
            "vlan": port.vlan,
            "cloud_address": amazon or "chosen by AWS",
            "site_address": customer or "chosen by AWS",
            "cloud_asn": link.gateway_asn,
            "site_asn": site.asn,
            "priority": link.priority,
        }


def _session_addresses(cidr: str | None) -> tuple[str, str] | tuple[None, None]:
    """Amazon's and the customer's address with their prefix, as AWS writes them."""
    if cidr is None:
        return None, None
    network = IPv4Network(cidr)
    amazon, customer, *_ = network.hosts()
    return f"{amazon}/{network.prefixlen}", f"{customer}/{network.prefixlen}"
