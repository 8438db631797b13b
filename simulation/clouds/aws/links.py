"""Gateways between networks and the VPNs that end at them."""

from __future__ import annotations

import ipaddress
import secrets

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.tables import Call, Kind, Prop, Reference, Unique
from ...provider.typecheck import Failure
from ...provider.values import Object, Value, text, whole
from ..common.bgp import is_link_local, is_private_asn, two_ends
from . import vocabulary as v

_VPN = "https://docs.aws.amazon.com/vpn/latest/s2svpn"
_TYPE = "ipsec.1"
_RESERVED_ASNS = {"*": 7224, "eu-west-1": 9059, "ap-northeast-1": 10124, "ap-southeast-1": 17943}
"""https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html."""
_RESERVED_INSIDE = {f"169.254.{third}.0/30" for third in range(6)} | {"169.254.169.252/30"}
"""https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html."""
_TUNNELS = (1, 2)


def _private_asn(_call: Call, inputs: Object) -> None:
    asn = whole(inputs, "amazonSideAsn", 64_512)
    if not is_private_asn(asn):
        raise CloudError("InvalidParameterValue", f"Value ({asn}) for parameter amazonSideAsn is invalid.")


def _transit_computed(call: Call, _inputs: Object) -> Object:
    return {
        "arn": v.arn(call, "ec2", f"transit-gateway/{call.identifier}"),
        "ownerId": v.owner(call),
        "associationDefaultRouteTableId": f"tgw-rtb-{secrets.token_hex(9)[:17]}",
        "propagationDefaultRouteTableId": f"tgw-rtb-{secrets.token_hex(9)[:17]}",
    }


TRANSIT_GATEWAY = Kind(
    token=v.TRANSIT_GATEWAY,
    source=f"{v.REGISTRY}/ec2_transit_gateway; {v.EC2_API}/API_CreateTransitGateway.html",
    service="EC2",
    noun="EC2 Transit Gateway",
    operation="TransitGateway",
    make_id=v.random_id("tgw"),
    properties={
        "amazonSideAsn": Prop(fixed=True, default=64_512),
        "description": Prop(allowed=Between(0, 255)),
        **v.TAGGED,
    },
    on_create=(_private_asn,),
    compute=_transit_computed,
    in_use=("IncorrectState", "{id} has non-deleted attachments: {holder}."),
    missing=("InvalidTransitGatewayID.NotFound", "Transit Gateway {id} was deleted or does not exist."),
    minutes=2,
    delete_minutes=1,
)


def _vpn_gateway_computed(call: Call, _inputs: Object) -> Object:
    return {"arn": v.arn(call, "ec2", f"vpn-gateway/{call.identifier}")}


VPN_GATEWAY = Kind(
    token=v.VPN_GATEWAY,
    source=f"{v.REGISTRY}/vpn_gateway; {v.EC2_API}/API_AttachVpnGateway.html",
    service="EC2",
    noun="EC2 VPN Gateway",
    operation="VpnGateway",
    make_id=v.random_id("vgw"),
    properties={
        "vpcId": v.to_vpc(fixed=False),
        "amazonSideAsn": Prop(allowed=Pattern(r"\d{1,10}"), fixed=True, default="64512"),
        **v.TAGGED,
    },
    unique=(
        Unique(
            paths=("vpcId",),
            code="VpcGatewayAlreadyAttached",
            message="The VPC {0} already has a VPN gateway attached",
        ),
    ),
    on_create=(_private_asn,),
    compute=_vpn_gateway_computed,
    in_use=("IncorrectState", "The vpnGateway ID '{id}' is in use by {holder}"),
    missing=("InvalidVpnGatewayID.NotFound", "The vpnGateway ID '{id}' does not exist"),
    minutes=0.5,
    delete_minutes=0.5,
)

_TO_VPN_GATEWAY = Reference(
    kinds=(v.VPN_GATEWAY,),
    code="InvalidVpnGatewayID.NotFound",
    message="The vpnGateway ID '{value}' does not exist",
)


def _gateway_of_the_vpc(call: Call, inputs: Object) -> None:
    gateway = call.account.get(v.VPN_GATEWAY, text(inputs, "vpnGatewayId"))
    table = call.account.get(v.ROUTE_TABLE, text(inputs, "routeTableId"))
    if gateway and table and gateway.text("vpcId") != table.text("vpcId"):
        raise CloudError(
            "Gateway.NotAttached", f"resource {gateway.identifier} is not attached to network {table.text('vpcId')}"
        )


PROPAGATION = Kind(
    token=v.VPN_PROPAGATION,
    source=f"{v.REGISTRY}/vpn_gateway_route_propagation",
    service="EC2",
    noun="VPN Gateway Route Propagation",
    operation="VgwRoutePropagation",
    make_id=v.id_from("vpnGatewayId", "routeTableId", between="_"),
    properties={
        "routeTableId": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.ROUTE_TABLE,),
                code="InvalidRouteTableID.NotFound",
                message="The routeTable ID '{value}' does not exist",
                holds=False,
            ),
        ),
        "vpnGatewayId": Prop(fixed=True, refers=_TO_VPN_GATEWAY),
    },
    on_create=(_gateway_of_the_vpc,),
)


def _customer_asn(call: Call, inputs: Object) -> None:
    asn = whole(inputs, "bgpAsn")
    if asn in {_RESERVED_ASNS["*"], _RESERVED_ASNS.get(call.region)}:
        raise CloudError("InvalidParameterValue", f"Value ({asn}) for parameter bgpAsn is invalid. It is reserved.")


def _customer_computed(call: Call, _inputs: Object) -> Object:
    return {"arn": v.arn(call, "ec2", f"customer-gateway/{call.identifier}")}


CUSTOMER_GATEWAY = Kind(
    token=v.CUSTOMER_GATEWAY,
    source=f"{v.REGISTRY}/customer_gateway; {_VPN}/cgw-options.html",
    service="EC2",
    noun="EC2 Customer Gateway",
    operation="CustomerGateway",
    make_id=v.random_id("cgw"),
    properties={
        "type": v.one_of(_TYPE, fixed=True),
        "bgpAsn": Prop(allowed=Pattern(r"\d{1,10}"), fixed=True),
        "ipAddress": Prop(allowed=Pattern(r"\d{1,3}(\.\d{1,3}){3}"), fixed=True),
        "deviceName": Prop(allowed=Between(0, 255), fixed=True),
        **v.TAGGED,
    },
    on_create=(_customer_asn,),
    compute=_customer_computed,
    in_use=("IncorrectState", "The customer gateway '{id}' is in use by {holder}."),
    missing=("InvalidCustomerGatewayID.NotFound", "The customerGateway ID '{id}' does not exist"),
)


class _InsideRange:
    """Source: terraform-provider-aws, internal/service/ec2/validate.go, validVPNConnectionTunnelInsideCIDR."""

    def problem(self, value: Value) -> str | None:
        try:
            network = ipaddress.IPv4Network(value if isinstance(value, str) else "")
        except ValueError:
            return f"{value!r} is not a valid IPv4 CIDR block"
        if network.prefixlen != 30 or not is_link_local(network):  # noqa: PLR2004 - in the words
            return f"must be /30 CIDR block from the 169.254.0.0/16 CIDR block, got {value}"
        return f"{value} is reserved" if str(network) in _RESERVED_INSIDE else None


def _tunnel_properties() -> dict[str, Prop]:
    found: dict[str, Prop] = {}
    for number in _TUNNELS:
        found[f"tunnel{number}InsideCidr"] = Prop(allowed=_InsideRange(), fixed=True, managed=True)
        # https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html, pre-shared key.
        found[f"tunnel{number}PresharedKey"] = Prop(allowed=Pattern(r"[A-Za-z1-9._][A-Za-z0-9._]{7,63}"), managed=True)
        found[f"tunnel{number}IkeVersions"] = Prop(allowed=OneOf("ikev1", "ikev2"), unordered=True)
    return found


def _one_end(inputs: Object) -> list[Failure]:
    """Source: terraform-provider-aws, vpn_connection, ConflictsWith."""
    both = text(inputs, "transitGatewayId") and text(inputs, "vpnGatewayId")
    return [Failure("transitGatewayId", "conflicts with vpn_gateway_id")] if both else []


def _asns_differ(call: Call, inputs: Object) -> None:
    customer = call.account.get(v.CUSTOMER_GATEWAY, text(inputs, "customerGatewayId"))
    own = call.account.find((v.TRANSIT_GATEWAY, v.VPN_GATEWAY), "id", _end(inputs))
    if customer and own and whole(customer.properties, "bgpAsn") == whole(own.properties, "amazonSideAsn", 64_512):
        raise CloudError("InvalidParameterValue", f"The ASN of {customer.identifier} is that of {own.identifier}.")


def _end(inputs: Object) -> str:
    return text(inputs, "transitGatewayId") or text(inputs, "vpnGatewayId")


def _inside_is_free(call: Call, inputs: Object) -> None:
    wanted = {text(inputs, f"tunnel{number}InsideCidr") for number in _TUNNELS} - {""}
    for other in call.account.records(v.VPN_CONNECTION):
        taken = {other.text(f"tunnel{number}InsideCidr") for number in _TUNNELS}
        if other.identifier != call.identifier and _end(other.inputs) == _end(inputs) and wanted & taken:
            raise CloudError(
                "InvalidParameterCombination", f"The inside CIDR {min(wanted & taken)} is used by {other.identifier}"
            )


def _connection_computed(call: Call, inputs: Object) -> Object:
    made = len(call.account.records(v.VPN_CONNECTION))
    found: Object = {"arn": v.arn(call, "ec2", f"vpn-connection/{call.identifier}")}
    if text(inputs, "transitGatewayId"):
        found["transitGatewayAttachmentId"] = f"tgw-attach-{secrets.token_hex(9)[:17]}"
    for number in _TUNNELS:
        cidr = text(inputs, f"tunnel{number}InsideCidr") or f"169.254.{100 + made}.{4 * number}/30"
        cloud, site = two_ends(cidr)
        found |= {
            f"tunnel{number}Address": f"203.0.113.{100 + 2 * made + number}",  # TEST-NET-3: nobody's
            f"tunnel{number}InsideCidr": cidr,
            f"tunnel{number}VgwInsideAddress": str(cloud),
            f"tunnel{number}CgwInsideAddress": str(site),
            f"tunnel{number}BgpAsn": "64512",
        }
    return found


VPN_CONNECTION = Kind(
    token=v.VPN_CONNECTION,
    source=f"{v.REGISTRY}/vpn_connection; {_VPN}/VPNTunnels.html",
    service="EC2",
    noun="EC2 VPN Connection",
    operation="VpnConnection",
    make_id=v.random_id("vpn"),
    properties={
        "type": v.one_of(_TYPE, fixed=True),
        "customerGatewayId": Prop(
            refers=Reference(
                kinds=(v.CUSTOMER_GATEWAY,),
                code="InvalidCustomerGatewayID.NotFound",
                message="The customerGateway ID '{value}' does not exist",
            )
        ),
        "transitGatewayId": Prop(
            refers=Reference(
                kinds=(v.TRANSIT_GATEWAY,),
                code="InvalidTransitGatewayID.NotFound",
                message="Transit Gateway {value} was deleted or does not exist.",
            )
        ),
        "vpnGatewayId": Prop(refers=_TO_VPN_GATEWAY),
        "staticRoutesOnly": Prop(fixed=True, managed=True),
        **_tunnel_properties(),
        **v.TAGGED,
    },
    checks=(_one_end,),
    on_create=(_asns_differ, _inside_is_free),
    compute=_connection_computed,
    in_use=("IncorrectState", "The vpnConnection ID '{id}' is in use by {holder}"),
    missing=("InvalidVpnConnectionID.NotFound", "The vpnConnection ID '{id}' does not exist"),
    minutes=4,
    delete_minutes=2,
)

KINDS = (TRANSIT_GATEWAY, VPN_GATEWAY, PROPAGATION, CUSTOMER_GATEWAY, VPN_CONNECTION)
"""Every type of this file."""
