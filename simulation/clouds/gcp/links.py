"""Dedicated Interconnect: interconnects, attachments, the sessions of cloud routers; and HA VPN beside it.

Words of refusals are those of the Compute Engine API; what has another source names it.
"""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Iterator

from ...provider.errors import CloudError
from ...provider.rules import Between, Cidr, OneOf, Pattern
from ...provider.store import Account, Record
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.typecheck import Failure
from ...provider.values import Object, objects, text, texts, whole
from ..common.bgp import LINK_LOCAL, connect_line, is_link_local, is_private_asn, two_ends
from . import vocabulary as v

_INTERCONNECT_DOCS = "https://cloud.google.com/network-connectivity/docs/interconnect"
_ROUTER_DOCS = "https://cloud.google.com/network-connectivity/docs/router"
_VPN_DOCS = "https://cloud.google.com/network-connectivity/docs/vpn"
_SESSION = 29
_PARTNER_ASN = 16_550
_ACTIVE, _ORDERED = "ACTIVE", "UNPROVISIONED"
_BANDWIDTHS = (
    *("BPS_50M", "BPS_100M", "BPS_200M", "BPS_300M", "BPS_400M", "BPS_500M", "BPS_1G", "BPS_2G", "BPS_5G"),
    *("BPS_10G", "BPS_20G", "BPS_50G", "BPS_100G", "BPS_400G"),
)
_ENDS = {
    "SINGLE_IP_INTERNALLY_REDUNDANT": 1,
    "TWO_IPS_REDUNDANCY": 2,
    "FOUR_IPS_REDUNDANCY": 4,
}
_MISSING = ("notFound", "The resource '{id}' was not found")
_IN_USE = ("resourceInUseByAnotherResource", "The resource '{id}' is already being used by '{holder}'")
_EXISTS = ("alreadyExists", "The resource '{id}' already exists")


def connect(account: Account, identifier: str) -> Record:
    """The cross-connect of an interconnect; LookupError when there is no such interconnect."""
    return connect_line(account, v.INTERCONNECT, identifier, state=_ACTIVE, operationalStatus="OS_ACTIVE")


def router_asn(_call: Call, inputs: Object) -> None:
    """Cloud routers take private numbers, and Google's own for partners' interconnects."""
    asn = whole(inputs, "bgp.asn", _PARTNER_ASN)
    if asn != _PARTNER_ASN and not is_private_asn(asn):
        raise CloudError(
            "invalid",
            f"Invalid value for field 'resource.bgp.asn': '{asn}'. Must be a private ASN (RFC6996) or {_PARTNER_ASN}.",
        )


def _order_computed(call: Call, inputs: Object) -> Object:
    return {**v.linked(call, inputs), "state": _ORDERED, "operationalStatus": "OS_UNPROVISIONED"}


INTERCONNECT = Kind(
    token=v.INTERCONNECT,
    source=f"{v.REGISTRY}/compute_interconnect; {v.COMPUTE_API}/interconnects",
    service="compute",
    noun="Interconnect",
    operation="Interconnect",
    autoname="name",
    make_id=v.path_id("projects/{project}/global/interconnects/{name}"),
    properties={
        **v.NAMED,
        **v.DESCRIBED,
        "interconnectType": v.one_of("DEDICATED", "PARTNER", "IT_PRIVATE", fixed=True),
        "customerName": Prop(allowed=Between(1, 200), fixed=True),
        "nocContactEmail": Prop(allowed=Pattern(r"[^@\s]+@[^@\s]+")),
        "linkType": v.one_of(
            "LINK_TYPE_ETHERNET_10G_LR", "LINK_TYPE_ETHERNET_100G_LR", "LINK_TYPE_ETHERNET_400G_LR4", fixed=True
        ),
        "requestedLinkCount": Prop(allowed=Between(1, 8), fixed=True),
        "location": Prop(
            allowed=Pattern(rf"{v.SELF}/projects/[^/]+/global/interconnectLocations/[a-z]+-zone\d-\d+"), fixed=True
        ),
    },
    on_create=(v.COMPUTE,),
    compute=_order_computed,
    exists=_EXISTS,
    in_use=_IN_USE,
    missing=_MISSING,
    minutes=0.2,
    delete_minutes=0.2,
)


def _to(*kinds: str, by: str = "id", fixed: bool = True) -> Prop:
    return Prop(
        fixed=fixed,
        refers=Reference(kinds=kinds, by=by, code="notFound", message="The resource '{value}' was not found"),
    )


_IN_REGION = {"region": Prop(allowed=v.REGION, fixed=True, managed=True)}


def _router_is_near(call: Call, inputs: Object) -> None:
    router = call.account.get(v.ROUTER, text(inputs, "router"))
    region = text(inputs, "region") or call.region
    if router and router.text("region") != region:
        raise CloudError(
            "invalid", f"Invalid value for field 'resource.router': '{router.identifier}'. Cross region reference."
        )


def _vlan_is_free(call: Call, inputs: Object) -> None:
    interconnect, vlan = text(inputs, "interconnect"), whole(inputs, "vlanTag8021q")
    for other in call.account.where(v.ATTACHMENT, "interconnect", interconnect):
        if whole(other.properties, "vlanTag8021q", -1) == vlan:
            raise CloudError(
                "invalid",
                f"Invalid value for field 'resource.vlanTag8021q': '{vlan}'. VLAN tag is already in use on "
                f"interconnect '{interconnect}'.",
            )


def _candidates(_call: Call, inputs: Object) -> None:
    for cidr in texts(inputs, "candidateSubnets"):
        wanted = ipaddress.IPv4Network(cidr)
        if wanted.prefixlen > _SESSION or not is_link_local(wanted):
            raise CloudError(
                "invalid",
                f"Invalid value for field 'resource.candidateSubnets': '{cidr}'. Must be within {LINK_LOCAL} and "
                f"/{_SESSION} or larger.",
            )


def _attachment_computed(call: Call, inputs: Object) -> Object:
    chosen = f"169.254.{zlib.crc32(call.identifier.encode()) % 250}.0/{_SESSION}"
    given = texts(inputs, "candidateSubnets")
    cloud, site = two_ends(given[0] if given else chosen)
    return {
        **v.linked(call, inputs),
        "cloudRouterIpAddress": f"{cloud}/{_SESSION}",
        "customerRouterIpAddress": f"{site}/{_SESSION}",
        "state": _ACTIVE,
    }


ATTACHMENT = Kind(
    token=v.ATTACHMENT,
    source=f"{v.REGISTRY}/compute_interconnect_attachment; {v.COMPUTE_API}/interconnectAttachments",
    service="compute",
    noun="InterconnectAttachment",
    operation="InterconnectAttachment",
    autoname="name",
    make_id=v.path_id("projects/{project}/regions/{region}/interconnectAttachments/{name}"),
    properties={
        **v.NAMED,
        **v.DESCRIBED,
        **_IN_REGION,
        "type": v.one_of("DEDICATED", "PARTNER", "PARTNER_PROVIDER", fixed=True, managed=True),
        "interconnect": _to(v.INTERCONNECT),
        "router": _to(v.ROUTER),
        "bandwidth": v.one_of(*_BANDWIDTHS, managed=True),
        "mtu": v.one_of("1440", "1460", "1500", "8896", managed=True),
        "vlanTag8021q": Prop(allowed=Between(2, 4093), fixed=True, managed=True),
        "candidateSubnets": Prop(allowed=Cidr(), fixed=True),
    },
    on_create=(v.COMPUTE, _router_is_near, _vlan_is_free, _candidates),
    compute=_attachment_computed,
    exists=_EXISTS,
    in_use=_IN_USE,
    missing=_MISSING,
    minutes=1,
    delete_minutes=0.5,
)


def _group_holds(call: Call, inputs: Object) -> None:
    """The layout behind a promise: two areas, two domains in each, two regions, global routes."""
    made = [call.account.find(v.ATTACHMENT, "selfLink", text(member, "attachment")) for member in _members(inputs)]
    ports = [call.account.get(v.INTERCONNECT, attachment.text("interconnect")) for attachment in made if attachment]
    places = {port.text("location").rpartition("/")[2].rpartition("-")[0] for port in ports if port}
    metros = {place.partition("-")[0] for place in places}
    wanted = text(inputs, "intent.availabilitySla")
    regions = {attachment.text("region") for attachment in made if attachment}
    fits = {
        "PRODUCTION_CRITICAL": all(sum(place.startswith(f"{metro}-") for place in places) > 1 for metro in metros)
        and min(len(metros), len(regions)) > 1,
        "PRODUCTION_NON_CRITICAL": len(places) > 1,
    }
    if not fits.get(wanted, True):
        raise CloudError("invalid", f"The attachments do not satisfy the intended availability SLA {wanted}.")


def _members(inputs: Object) -> list[Object]:
    return objects(inputs, "attachments")


ATTACHMENT_GROUP = Kind(
    token=v.ATTACHMENT_GROUP,
    source=f"{v.REGISTRY}/compute_interconnect_attachment_group; {_INTERCONNECT_DOCS}/concepts/connection-groups",
    service="compute",
    noun="InterconnectAttachmentGroup",
    operation="InterconnectAttachmentGroup",
    autoname="name",
    make_id=v.path_id("projects/{project}/global/interconnectAttachmentGroups/{name}"),
    properties={
        **v.NAMED,
        **v.DESCRIBED,
        "intent": Prop(),
        "intent.availabilitySla": v.one_of(
            "PRODUCTION_CRITICAL", "PRODUCTION_NON_CRITICAL", "NO_SLA", "AVAILABILITY_SLA_UNSPECIFIED"
        ),
        "attachments": Prop(unordered=True),
        "attachments.name": Prop(allowed=v.NAME),
        "attachments.attachment": _to(v.ATTACHMENT, by="selfLink", fixed=False),
    },
    on_create=(v.COMPUTE,),
    demands=(_group_holds,),
    compute=v.linked,
    exists=_EXISTS,
    missing=_MISSING,
    minutes=0.2,
    delete_minutes=0.2,
)

_OF_ROUTER = {
    "name": Prop(allowed=v.NAME, fixed=True),
    **v.IN_PROJECT,
    **_IN_REGION,
    "router": _to(v.ROUTER, by="name"),
}


def _one_way(inputs: Object) -> Iterator[Failure]:
    """Source: terraform-provider-google, compute_router_interface, ExactlyOneOf."""
    if bool(text(inputs, "interconnectAttachment")) == bool(text(inputs, "vpnTunnel")):
        yield Failure("interconnectAttachment", "one of `interconnect_attachment,vpn_tunnel` must be specified")


ROUTER_INTERFACE = Kind(
    token=v.ROUTER_INTERFACE,
    source=f"{v.REGISTRY}/compute_router_interface; {v.COMPUTE_API}/routers",
    service="compute",
    noun="RouterInterface",
    operation="RouterInterface",
    autoname="name",
    make_id=v.path_id("{region}/{router}/{name}"),
    properties={
        **_OF_ROUTER,
        "ipRange": Prop(allowed=Pattern(r"[\d.]+/\d{1,2}"), fixed=True, managed=True),
        "interconnectAttachment": _to(v.ATTACHMENT, by="selfLink"),
        "vpnTunnel": _to(v.VPN_TUNNEL, by="name"),
    },
    checks=(_one_way,),
    on_create=(v.COMPUTE,),
    exists=_EXISTS,
    in_use=_IN_USE,
    missing=_MISSING,
    minutes=0.2,
    delete_minutes=0.2,
)


def _peers_differ(call: Call, inputs: Object) -> None:
    router = call.account.find(v.ROUTER, "name", text(inputs, "router"))
    asn = whole(inputs, "peerAsn")
    if router and whole(router.properties, "bgp.asn", -1) == asn:
        raise CloudError(
            "invalid", f"Invalid value for field 'resource.bgpPeers[0].peerAsn': '{asn}'. Same as the router's ASN."
        )


ROUTER_PEER = Kind(
    token=v.ROUTER_PEER,
    source=f"{v.REGISTRY}/compute_router_peer; {_ROUTER_DOCS}/concepts/bfd",
    service="compute",
    noun="RouterBgpPeer",
    operation="RouterBgpPeer",
    autoname="name",
    make_id=v.path_id("projects/{project}/regions/{region}/routers/{router}/{name}"),
    properties={
        **_OF_ROUTER,
        "interface": _to(v.ROUTER_INTERFACE, by="name"),
        "ipAddress": Prop(allowed=Pattern(r"[\d.]+"), managed=True),
        "peerIpAddress": Prop(allowed=Pattern(r"[\d.]+"), managed=True),
        "peerAsn": Prop(allowed=Between(1, 4_294_967_295)),
        "advertisedRoutePriority": Prop(allowed=Between(0, 65_535), managed=True),
        "bfd": Prop(managed=True),
        "bfd.sessionInitializationMode": v.one_of("ACTIVE", "DISABLED", "PASSIVE"),
        "bfd.minReceiveInterval": Prop(allowed=Between(1000, 30_000)),
        "bfd.minTransmitInterval": Prop(allowed=Between(1000, 30_000)),
        "bfd.multiplier": Prop(allowed=Between(5, 16)),
        "md5AuthenticationKey": Prop(),
        "md5AuthenticationKey.name": Prop(allowed=v.NAME),
        "md5AuthenticationKey.key": Prop(allowed=Between(1, 80)),
    },
    on_create=(v.COMPUTE,),
    demands=(_peers_differ,),
    exists=_EXISTS,
    missing=_MISSING,
    minutes=0.2,
    delete_minutes=0.2,
)


def _gateway_computed(call: Call, inputs: Object) -> Object:
    last = zlib.crc32(call.identifier.encode()) % 120
    ends: list[Object] = [{"id": end, "ipAddress": f"203.0.113.{2 * last + end}"} for end in (0, 1)]
    return {**v.linked(call, inputs), "vpnInterfaces": [*ends]}


HA_VPN_GATEWAY = Kind(
    token=v.HA_VPN_GATEWAY,
    source=f"{v.REGISTRY}/compute_ha_vpn_gateway; {v.COMPUTE_API}/vpnGateways",
    service="compute",
    noun="HaVpnGateway",
    operation="HaVpnGateway",
    autoname="name",
    make_id=v.path_id("projects/{project}/regions/{region}/vpnGateways/{name}"),
    properties={**v.NAMED, **v.DESCRIBED, **_IN_REGION, "network": v.to_network()},
    on_create=(v.COMPUTE,),
    compute=_gateway_computed,
    exists=_EXISTS,
    in_use=_IN_USE,
    missing=_MISSING,
    minutes=0.3,
    delete_minutes=0.3,
)


def _ends_fit(_call: Call, inputs: Object) -> None:
    kind, ends = text(inputs, "redundancyType"), objects(inputs, "interfaces")
    if kind in _ENDS and len(ends) != _ENDS[kind]:
        raise CloudError(
            "invalid",
            f"Invalid value for field 'resource.interfaces': {len(ends)} interfaces. {kind} takes {_ENDS[kind]}.",
        )


EXTERNAL_VPN_GATEWAY = Kind(
    token=v.EXTERNAL_VPN_GATEWAY,
    source=f"{v.REGISTRY}/compute_external_vpn_gateway; {v.COMPUTE_API}/externalVpnGateways",
    service="compute",
    noun="ExternalVpnGateway",
    operation="ExternalVpnGateway",
    autoname="name",
    make_id=v.path_id("projects/{project}/global/externalVpnGateways/{name}"),
    properties={
        **v.NAMED,
        **v.DESCRIBED,
        "redundancyType": v.one_of(*_ENDS, fixed=True),
        "interfaces": Prop(fixed=True),
        "interfaces.id": Prop(allowed=OneOf(0, 1, 2, 3)),
        "interfaces.ipAddress": Prop(allowed=Pattern(r"\d{1,3}(\.\d{1,3}){3}")),
    },
    on_create=(v.COMPUTE, _ends_fit),
    compute=v.linked,
    exists=_EXISTS,
    in_use=_IN_USE,
    missing=_MISSING,
    minutes=0.2,
    delete_minutes=0.2,
)

VPN_TUNNEL = Kind(
    token=v.VPN_TUNNEL,
    source=f"{v.REGISTRY}/compute_vpn_tunnel; {_VPN_DOCS}/how-to/generating-pre-shared-key",
    service="compute",
    noun="VpnTunnel",
    operation="VpnTunnel",
    autoname="name",
    make_id=v.path_id("projects/{project}/regions/{region}/vpnTunnels/{name}"),
    properties={
        **v.NAMED,
        **v.DESCRIBED,
        **_IN_REGION,
        "vpnGateway": _to(v.HA_VPN_GATEWAY),
        "vpnGatewayInterface": Prop(allowed=OneOf(0, 1), fixed=True),
        "peerExternalGateway": _to(v.EXTERNAL_VPN_GATEWAY),
        "peerExternalGatewayInterface": Prop(allowed=OneOf(0, 1, 2, 3), fixed=True),
        "sharedSecret": Prop(allowed=Between(1, 128), fixed=True),
        "ikeVersion": v.one_of(1, 2, fixed=True, default=2),
        "router": _to(v.ROUTER, by="name"),
    },
    on_create=(v.COMPUTE,),
    compute=v.linked,
    exists=_EXISTS,
    in_use=_IN_USE,
    missing=_MISSING,
    minutes=0.5,
    delete_minutes=0.3,
)

KINDS = (
    INTERCONNECT,
    ATTACHMENT,
    ATTACHMENT_GROUP,
    ROUTER_INTERFACE,
    ROUTER_PEER,
    HA_VPN_GATEWAY,
    EXTERNAL_VPN_GATEWAY,
    VPN_TUNNEL,
)
"""Every type of this file."""
