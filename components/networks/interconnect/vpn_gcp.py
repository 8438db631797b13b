"""The VPN beside Dedicated Interconnect: an HA VPN gateway with two tunnels to each router of the site.

Its BGP sessions run on the same cloud router as those of the attachments of its region, with a worse metric.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_gcp as gcp

from .keys import LinkEnds, Session
from .settings import VpnFallback

_REDUNDANCY: Mapping[int, str] = {
    1: "SINGLE_IP_INTERNALLY_REDUNDANT",
    2: "TWO_IPS_REDUNDANCY",
    4: "FOUR_IPS_REDUNDANCY",
}
"""https://cloud.google.com/compute/docs/reference/rest/v1/externalVpnGateways."""
_INTERFACES = 2


@dataclass(frozen=True, kw_only=True)
class GcpVpnArgs:
    """A VPN to one site.

    Attributes:
        vpn: Its settings.
        ends: What is at both ends.
        network: Path of the network.
        router: Name of the cloud router of the environment's region.
        router_asn: Its autonomous system.
    """

    vpn: VpnFallback
    ends: LinkEnds
    network: str
    router: pulumi.Input[str]
    router_asn: int


class GcpVpn(pulumi.ComponentResource):
    """HA VPN.

    Attributes:
        sessions: Configuration that the site's routers need.
    """

    sessions: list[Session]

    def __init__(self, name: str, args: GcpVpnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:GcpVpn", name, None, opts)
        self._name, self._args = name, args
        self._inside = pulumi.ResourceOptions(parent=self)
        routers = args.ends.site.routers
        self._gateway = gcp.compute.HaVpnGateway(
            name, name=name, network=args.network, region=args.ends.region, opts=self._inside
        )
        self._peer = gcp.compute.ExternalVpnGateway(
            name,
            name=name,
            redundancy_type=_REDUNDANCY[len(routers)],
            interfaces=[
                gcp.compute.ExternalVpnGatewayInterfaceArgs(id=index, ip_address=router.public_address)
                for index, router in enumerate(routers)
            ],
            opts=self._inside,
        )
        self.sessions = [
            self._tunnel(number, interface, router.name)
            for number, router in enumerate(routers)
            for interface in range(_INTERFACES)
        ]
        self.register_outputs({"sessions": self.sessions})

    def _tunnel(self, number: int, interface: int, router: str) -> Session:
        args, name = self._args, f"{self._name}-{router}-{interface}"
        inside = IPv4Network(args.vpn.inside_ranges[_INTERFACES * number + interface])
        cloud, site, *_ = inside.hosts()
        tunnel = gcp.compute.VPNTunnel(
            name,
            name=name,
            region=args.ends.region,
            vpn_gateway=self._gateway.id,
            vpn_gateway_interface=interface,
            peer_external_gateway=self._peer.id,
            peer_external_gateway_interface=number,
            shared_secret=args.ends.pre_shared_key,
            ike_version=2,
            router=args.router,
            opts=self._inside,
        )
        on_router = gcp.compute.RouterInterface(
            name,
            name=name,
            region=args.ends.region,
            router=args.router,
            ip_range=f"{cloud}/{inside.prefixlen}",
            vpn_tunnel=tunnel.name,
            opts=self._inside,
        )
        gcp.compute.RouterPeer(
            name,
            name=name,
            region=args.ends.region,
            router=args.router,
            interface=on_router.name,
            ip_address=str(cloud),
            peer_ip_address=str(site),
            peer_asn=args.ends.site.asn,
            advertised_route_priority=args.vpn.priority,
            opts=self._inside,
        )
        return {
            "router": router,
            "over": "vpn",
            "cloud_endpoint": self._gateway.vpn_interfaces.apply(lambda ends: _address_of(ends, interface)),
            "cloud_address": str(cloud),
            "site_address": str(site),
            "cloud_asn": args.router_asn,
            "site_asn": args.ends.site.asn,
            "priority": args.vpn.priority,
        }


def _address_of(ends: Sequence[gcp.compute.outputs.HaVpnGatewayVpnInterface], number: int) -> str:
    """Address of an interface; Google assigns the addresses when the gateway is made."""
    return next((end.ip_address or "" for end in ends if end.id == number), "")
