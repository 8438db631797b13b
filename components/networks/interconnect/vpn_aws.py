"""The VPN beside Direct Connect: a connection with two tunnels to each router of the site.

AWS prefers Direct Connect to VPN for equal prefixes, on transit gateways and on virtual private ones
(https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html, route evaluation order); the
site's routers get the worse metric for the other direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from .keys import LinkEnds, Session
from .settings import VpnFallback

_TYPE = "ipsec.1"
_TUNNELS = 2


@dataclass(frozen=True, kw_only=True)
class AwsVpnArgs:
    """A VPN to one site.

    Attributes:
        vpn: Its settings.
        ends: What is at both ends.
        cloud_asn: AWS' side of the BGP sessions.
        transit_gateway: Where it ends; None where it ends at the virtual private gateway.
        private_gateway: Where it ends otherwise.
    """

    vpn: VpnFallback
    ends: LinkEnds
    cloud_asn: int
    transit_gateway: pulumi.Input[str] | None = None
    private_gateway: pulumi.Input[str] | None = None


class AwsVpn(pulumi.ComponentResource):
    """Site-to-site VPN.

    Attributes:
        sessions: Configuration that the site's routers need.
    """

    sessions: list[Session]

    def __init__(self, name: str, args: AwsVpnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:networks:AwsVpn", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.sessions = []
        for index, router in enumerate(args.ends.site.routers):
            gateway = aws.ec2.CustomerGateway(
                f"{name}-{router.name}",
                type=_TYPE,
                bgp_asn=str(args.ends.site.asn),
                ip_address=router.public_address,
                device_name=router.name,
                tags={"Name": f"{name}-{router.name}"},
                opts=inside,
            )
            first, second = args.vpn.inside_ranges[_TUNNELS * index : _TUNNELS * (index + 1)]
            connection = aws.ec2.VpnConnection(
                f"{name}-{router.name}",
                type=_TYPE,
                customer_gateway_id=gateway.id,
                transit_gateway_id=args.transit_gateway,
                vpn_gateway_id=args.private_gateway,
                static_routes_only=False,
                tunnel1_inside_cidr=first,
                tunnel2_inside_cidr=second,
                tunnel1_preshared_key=args.ends.pre_shared_key,
                tunnel2_preshared_key=args.ends.pre_shared_key,
                # Version 1 has no protection against floods of half-open sessions.
                tunnel1_ike_versions=["ikev2"],
                tunnel2_ike_versions=["ikev2"],
                tags={"Name": f"{name}-{router.name}"},
                opts=inside,
            )
            self.sessions += [
                self._session(args, router.name, first, connection.tunnel1_address),
                self._session(args, router.name, second, connection.tunnel2_address),
            ]
        self.register_outputs({"sessions": self.sessions})

    def _session(self, args: AwsVpnArgs, router: str, inside: str, outside: pulumi.Output[str]) -> Session:
        cloud, site, *_ = IPv4Network(inside).hosts()
        return {
            "router": router,
            "over": "vpn",
            "cloud_endpoint": outside,
            "cloud_address": str(cloud),
            "site_address": str(site),
            "cloud_asn": args.cloud_asn,
            "site_asn": args.ends.site.asn,
            "priority": args.vpn.priority,
        }
