"""The VPN beside ExpressRoute: an active-active gateway with two tunnels to each router of the site.

Azure prefers ExpressRoute for equal prefixes; the worse weight decides among connections of one gateway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from .azure_gateway import GATEWAY_TIMES, ZONES, routing_weight
from .keys import LinkEnds, Session
from .rules.asns import AZURE_VPN_ASN
from .settings import EdgeRouter, VpnFallback

_INSTANCES = 2


@dataclass(frozen=True, kw_only=True)
class AzureVpnArgs:
    """A VPN to one site.

    Attributes:
        vpn: Its settings.
        ends: What is at both ends.
        resource_group: Resource group of the virtual network.
        subnet: Id of ``GatewaySubnet``.
        after: Resources to wait for: Azure applies one change of a gateway subnet at a time.
    """

    vpn: VpnFallback
    ends: LinkEnds
    resource_group: str
    subnet: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class AzureVpn(pulumi.ComponentResource):
    """VPN gateway and its connections.

    Attributes:
        sessions: Configuration that the site's routers need.
    """

    sessions: list[Session]

    def __init__(self, name: str, args: AzureVpnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:AzureVpn", name, None, opts)
        self._name, self._args = name, args
        self._inside = pulumi.ResourceOptions(parent=self)
        addresses = [self._address(number) for number in range(_INSTANCES)]
        gateway = self._gateway(addresses)
        self.sessions = [
            session for router in args.ends.site.routers for session in self._connection(router, gateway, addresses)
        ]
        self.register_outputs({"sessions": self.sessions})

    def _address(self, number: int) -> network.PublicIPAddress:
        name = f"{self._name}-{number}"
        return network.PublicIPAddress(
            name,
            public_ip_address_name=name,
            resource_group_name=self._args.resource_group,
            location=self._args.ends.region,
            sku=network.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
            public_ip_allocation_method="Static",
            zones=list(ZONES),
            opts=self._inside,
        )

    def _gateway(self, addresses: Sequence[network.PublicIPAddress]) -> network.VirtualNetworkGateway:
        args = self._args
        return network.VirtualNetworkGateway(
            self._name,
            virtual_network_gateway_name=self._name,
            resource_group_name=args.resource_group,
            location=args.ends.region,
            gateway_type="Vpn",
            vpn_type="RouteBased",
            sku=network.VirtualNetworkGatewaySkuArgs(name=args.vpn.sku, tier=args.vpn.sku),
            active_active=True,
            enable_bgp=True,
            bgp_settings=network.BgpSettingsArgs(asn=args.vpn.gateway_asn or AZURE_VPN_ASN),
            ip_configurations=[
                network.VirtualNetworkGatewayIPConfigurationArgs(
                    name=f"instance-{number}",
                    private_ip_allocation_method="Dynamic",
                    subnet=network.SubResourceArgs(id=args.subnet),
                    public_ip_address=network.SubResourceArgs(id=address.id),
                )
                for number, address in enumerate(addresses)
            ],
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                custom_timeouts=pulumi.CustomTimeouts(create=GATEWAY_TIMES, update=GATEWAY_TIMES, delete=GATEWAY_TIMES),
            ),
        )

    def _connection(
        self,
        router: EdgeRouter,
        gateway: network.VirtualNetworkGateway,
        addresses: Sequence[network.PublicIPAddress],
    ) -> list[Session]:
        args, name = self._args, f"{self._name}-{router.name}"
        there = network.LocalNetworkGateway(
            name,
            local_network_gateway_name=name,
            resource_group_name=args.resource_group,
            location=args.ends.region,
            gateway_ip_address=router.public_address,
            # Everything else is learned by BGP; the session itself needs a route first.
            local_network_address_space=network.AddressSpaceArgs(address_prefixes=[f"{router.bgp_address}/32"]),
            bgp_settings=network.BgpSettingsArgs(asn=args.ends.site.asn, bgp_peering_address=router.bgp_address),
            opts=self._inside,
        )
        network.VirtualNetworkGatewayConnection(
            name,
            virtual_network_gateway_connection_name=name,
            resource_group_name=args.resource_group,
            location=args.ends.region,
            connection_type="IPsec",
            connection_protocol="IKEv2",
            enable_bgp=True,
            shared_key=args.ends.pre_shared_key,
            routing_weight=routing_weight(args.vpn.priority),
            virtual_network_gateway1=network.VirtualNetworkGatewayArgs(id=gateway.id),
            local_network_gateway2=network.LocalNetworkGatewayArgs(id=there.id),
            opts=self._inside,
        )
        return [
            {
                "router": router.name,
                "over": "vpn",
                "cloud_endpoint": address.ip_address.apply(lambda known: known or ""),
                "site_address": router.bgp_address or "",
                "cloud_asn": args.vpn.gateway_asn or AZURE_VPN_ASN,
                "site_asn": args.ends.site.asn,
                "priority": args.vpn.priority,
            }
            for address in addresses
        ]
