"""Direct Connect: ports, gateways, virtual interfaces, and what they are associated with.

Limits and words: https://docs.aws.amazon.com/directconnect/latest/UserGuide/limits.html and
https://docs.aws.amazon.com/directconnect/latest/APIReference; all errors have one code there.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator

from ...provider.errors import CloudError
from ...provider.rules import Between, Cidr, OneOf, Pattern
from ...provider.store import Account, Record
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.typecheck import Failure
from ...provider.values import Object, text, texts, whole
from ..common.bgp import connect_line, is_private_asn
from . import vocabulary as v

_API = "https://docs.aws.amazon.com/directconnect/latest/APIReference"
_REFUSED = "DirectConnectClientException"
_ORDERED, _CONNECTED = "requested", "available"
_TAKES_INTERFACES = (_CONNECTED, "down")
_MOST_TRANSIT, _MOST_PRIVATE, _MOST_ON_GATEWAY = 4, 50, 30
_MOST_PREFIXES = {v.TRANSIT_GATEWAY: 200, v.VPN_GATEWAY: 20}
_BANDWIDTHS = ("1Gbps", "2Gbps", "5Gbps", "10Gbps", "100Gbps", "400Gbps", "50Mbps", "100Mbps", "200Mbps", "500Mbps")


def connect(account: Account, identifier: str) -> Record:
    """The cross-connect of a port; LookupError when there is no such port."""
    return connect_line(account, v.DX_CONNECTION, identifier, state=_CONNECTED)


def _short_id(prefix: str) -> Callable[[Call, Object], str]:
    def make(_call: Call, _inputs: Object) -> str:
        return f"{prefix}-{secrets.token_hex(4)}"

    return make


def _connection_computed(call: Call, inputs: Object) -> Object:
    return {
        "arn": v.arn(call, "directconnect", f"dxcon/{call.identifier}"),
        "awsDevice": f"{text(inputs, 'location')}-{secrets.token_hex(3)}",
        "ownerAccountId": v.owner(call),
        "jumboFrameCapable": True,
        "state": _ORDERED,
    }


CONNECTION = Kind(
    token=v.DX_CONNECTION,
    source=f"{v.REGISTRY}/dx_connection; {_API}/API_CreateConnection.html",
    service="Direct Connect",
    noun="Direct Connect Connection",
    operation="Connection",
    make_id=_short_id("dxcon"),
    properties={
        "name": Prop(allowed=Between(1, 200), fixed=True),
        "bandwidth": Prop(allowed=OneOf(*_BANDWIDTHS), fixed=True),
        "location": Prop(allowed=Pattern(r"[A-Za-z0-9-]{2,20}"), fixed=True),
        "requestMacsec": Prop(fixed=True, default=False),
        **v.TAGGED,
    },
    autoname="name",
    compute=_connection_computed,
    in_use=(_REFUSED, "Connection {id} cannot be deleted because it has virtual interfaces: {holder}"),
    missing=(_REFUSED, "Could not find Connection with ID {id}"),
)


GROUP = Kind(
    token=v.DX_GROUP,
    source=f"{v.REGISTRY}/dx_lag; {_API}/API_CreateLag.html",
    service="Direct Connect",
    noun="Direct Connect LAG",
    operation="Lag",
    make_id=_short_id("dxlag"),
    properties={
        "name": Prop(allowed=Between(1, 200)),
        **v.TAGGED,
    },
    autoname="name",
    compute=lambda call, _inputs: {"arn": v.arn(call, "directconnect", f"dxlag/{call.identifier}")},
    in_use=(_REFUSED, "LAG {id} cannot be deleted because it has virtual interfaces: {holder}"),
    missing=(_REFUSED, "Could not find Lag with ID {id}"),
)


def _own_asn(_call: Call, inputs: Object) -> None:
    asn = whole(inputs, "amazonSideAsn", 64_512)
    if not is_private_asn(asn):
        raise CloudError(_REFUSED, f"Invalid Amazon side ASN: {asn}. It must be in a private range.")


def _owned(call: Call, _inputs: Object) -> Object:
    return {"ownerAccountId": v.owner(call)}


GATEWAY = Kind(
    token=v.DX_GATEWAY,
    source=f"{v.REGISTRY}/dx_gateway; {_API}/API_CreateDirectConnectGateway.html",
    service="Direct Connect",
    noun="Direct Connect Gateway",
    operation="DirectConnectGateway",
    make_id=lambda _call, _inputs: str(uuid.uuid4()),
    properties={
        "name": Prop(allowed=Between(1, 100)),
        "amazonSideAsn": Prop(allowed=Pattern(r"\d{1,10}"), fixed=True, managed=True),
        **v.TAGGED,
    },
    autoname="name",
    on_create=(_own_asn,),
    compute=_owned,
    in_use=(_REFUSED, "Direct Connect Gateway {id} cannot be deleted because of {holder}"),
    missing=(_REFUSED, "Could not find Direct Connect Gateway with ID {id}"),
    minutes=0.2,
    delete_minutes=0.2,
)

_TO_GATEWAY = Prop(
    fixed=True,
    refers=Reference(
        kinds=(v.DX_GATEWAY,), code=_REFUSED, message="Could not find Direct Connect Gateway with ID {value}"
    ),
)


def _port_is_connected(call: Call, inputs: Object) -> None:
    port = call.account.get(v.DX_CONNECTION, text(inputs, "connectionId"))
    state = port.text("state") if port else ""
    if port and state not in _TAKES_INTERFACES:
        raise CloudError(_REFUSED, f"Connection {port.identifier} is in state {state}, which takes no interfaces")


def _port_has_room(call: Call, inputs: Object) -> None:
    port, gateway = text(inputs, "connectionId"), text(inputs, "dxGatewayId")
    for kind, most in ((v.TRANSIT_INTERFACE, _MOST_TRANSIT), (v.PRIVATE_INTERFACE, _MOST_PRIVATE)):
        on_port = call.account.where(kind, "connectionId", port)
        if any(interface.get("vlan") == inputs.get("vlan") for interface in on_port):
            raise CloudError(_REFUSED, f"VLAN {whole(inputs, 'vlan')} is already in use on {port}")
        if len(on_port) > most:
            raise CloudError(_REFUSED, f"Connection {port} has reached its limit of {most} virtual interfaces")
    attached = [
        interface
        for kind in (v.TRANSIT_INTERFACE, v.PRIVATE_INTERFACE)
        for interface in call.account.where(kind, "dxGatewayId", gateway)
    ]
    if len(attached) >= _MOST_ON_GATEWAY:
        raise CloudError(_REFUSED, f"Direct Connect Gateway {gateway} has reached its limit of {_MOST_ON_GATEWAY}")


def _asns_differ(call: Call, inputs: Object) -> None:
    gateway = call.account.get(v.DX_GATEWAY, text(inputs, "dxGatewayId"))
    if gateway and whole(gateway.properties, "amazonSideAsn") == whole(inputs, "bgpAsn", -1):
        raise CloudError(_REFUSED, "The customer ASN must differ from the Amazon side ASN")


def _both_addresses(inputs: Object) -> Iterator[Failure]:
    """Source: terraform-provider-aws, internal/service/directconnect, RequiredWith."""
    for one, other in (("amazonAddress", "customerAddress"), ("customerAddress", "amazonAddress")):
        if text(inputs, one) and not text(inputs, other):
            yield Failure(one, f"all of `{one},{other}` must be specified")


def _interface_computed(call: Call, inputs: Object) -> Object:
    port = call.account.get(v.DX_CONNECTION, text(inputs, "connectionId"))
    gateway = call.account.get(v.DX_GATEWAY, text(inputs, "dxGatewayId"))
    own: Object = {
        "arn": v.arn(call, "directconnect", f"dxvif/{call.identifier}"),
        "awsDevice": port.text("awsDevice") if port else "",
        "amazonSideAsn": gateway.text("amazonSideAsn") if gateway else "",
        "jumboFrameCapable": True,
    }
    # AWS hands out a pair of its own where the program gave none.
    third = whole({"vlan": inputs.get("vlan")}, "vlan") % 250
    chosen: Object = {"amazonAddress": f"169.254.{third}.1/30", "customerAddress": f"169.254.{third}.2/30"}
    return {**({} if text(inputs, "amazonAddress") else chosen), **own}


def _interface(token: str, page: str, noun: str, operation: str, *sizes: int) -> Kind:
    return Kind(
        token=token,
        source=f"{v.REGISTRY}/{page}; {_API}/API_{operation}.html",
        service="Direct Connect",
        noun=noun,
        operation=operation.removeprefix("Create"),
        make_id=_short_id("dxvif"),
        properties={
            "name": Prop(allowed=Between(1, 200), fixed=True),
            "addressFamily": v.one_of("ipv4", "ipv6", fixed=True),
            "connectionId": Prop(
                fixed=True,
                refers=Reference(
                    kinds=(v.DX_CONNECTION, v.DX_GROUP),
                    code=_REFUSED,
                    message="Could not find Connection with ID {value}",
                ),
            ),
            "dxGatewayId": _TO_GATEWAY,
            "vlan": Prop(allowed=Between(1, 4094), fixed=True),
            "bgpAsn": Prop(allowed=Between(1, 2_147_483_647), fixed=True),
            "bgpAuthKey": Prop(allowed=Between(6, 80), fixed=True, managed=True),
            "amazonAddress": Prop(allowed=Pattern(r"[\d.]+/\d{1,2}"), fixed=True, managed=True),
            "customerAddress": Prop(allowed=Pattern(r"[\d.]+/\d{1,2}"), fixed=True, managed=True),
            "mtu": v.one_of(*sizes, default=sizes[0]),
            **v.TAGGED,
        },
        autoname="name",
        checks=(_both_addresses,),
        on_create=(_port_is_connected, _port_has_room, _asns_differ),
        compute=_interface_computed,
        in_use=(_REFUSED, "Virtual Interface {id} is in use by {holder}"),
        missing=(_REFUSED, "Could not find Virtual Interface with ID {id}"),
        minutes=1,
        delete_minutes=1,
    )


TRANSIT_INTERFACE = _interface(
    v.TRANSIT_INTERFACE,
    "dx_transit_virtual_interface",
    "Direct Connect Transit Virtual Interface",
    "CreateTransitVirtualInterface",
    1500,
    8500,
)
PRIVATE_INTERFACE = _interface(
    v.PRIVATE_INTERFACE,
    "dx_private_virtual_interface",
    "Direct Connect Private Virtual Interface",
    "CreatePrivateVirtualInterface",
    1500,
    9001,
)


def _accepter(token: str, page: str, noun: str, operation: str) -> Kind:
    """Acceptance of an interface that another account offers, which the simulated one takes at its word."""
    return Kind(
        token=token,
        source=f"{v.REGISTRY}/{page}; {_API}/API_{operation}.html",
        service="Direct Connect",
        noun=noun,
        operation=operation,
        make_id=v.id_from("virtualInterfaceId"),
        properties={
            "virtualInterfaceId": Prop(allowed=Pattern(r"dxvif-[a-z0-9]{8}"), fixed=True),
            "dxGatewayId": _TO_GATEWAY,
            **v.TAGGED,
        },
        exists=(_REFUSED, "Virtual Interface {id} is confirmed already"),
        minutes=1,
    )


TRANSIT_ACCEPTOR = _accepter(
    v.TRANSIT_ACCEPTOR,
    "dx_hosted_transit_virtual_interface_accepter",
    "Direct Connect Hosted Transit Virtual Interface",
    "ConfirmTransitVirtualInterface",
)
PRIVATE_ACCEPTER = _accepter(
    v.PRIVATE_ACCEPTER,
    "dx_hosted_private_virtual_interface_accepter",
    "Direct Connect Hosted Private Virtual Interface",
    "ConfirmPrivateVirtualInterface",
)


def _associable(call: Call, inputs: Object) -> None:
    gateway = call.account.get(v.DX_GATEWAY, text(inputs, "dxGatewayId"))
    other = call.account.find(tuple(_MOST_PREFIXES), "id", text(inputs, "associatedGatewayId"))
    if gateway is None or other is None:
        return
    if whole(gateway.properties, "amazonSideAsn") == whole(other.properties, "amazonSideAsn"):
        raise CloudError(_REFUSED, f"The ASN of {other.identifier} must differ from the ASN of Direct Connect Gateway")
    prefixes, most = texts(inputs, "allowedPrefixes"), _MOST_PREFIXES[other.kind]
    if len(prefixes) > most:
        raise CloudError(_REFUSED, f"{len(prefixes)} allowed prefixes exceed the limit of {most}")
    if other.kind == v.TRANSIT_GATEWAY and not prefixes:
        raise CloudError(_REFUSED, "Allowed prefixes are required for associations with transit gateways")


def _associated(call: Call, inputs: Object) -> Object:
    other = call.account.find(tuple(_MOST_PREFIXES), "id", text(inputs, "associatedGatewayId"))
    transit = other is not None and other.kind == v.TRANSIT_GATEWAY
    return {
        "associatedGatewayType": "transitGateway" if transit else "virtualPrivateGateway",
        "associatedGatewayOwnerAccountId": v.owner(call),
        "dxGatewayAssociationId": str(uuid.uuid4()),
        "dxGatewayOwnerAccountId": v.owner(call),
    }


ASSOCIATION = Kind(
    token=v.DX_ASSOCIATION,
    source=f"{v.REGISTRY}/dx_gateway_association; {_API}/API_CreateDirectConnectGatewayAssociation.html",
    service="Direct Connect",
    noun="Direct Connect Gateway Association",
    operation="DirectConnectGatewayAssociation",
    make_id=lambda _call, inputs: f"ga-{text(inputs, 'dxGatewayId')}{text(inputs, 'associatedGatewayId')}",
    properties={
        "dxGatewayId": _TO_GATEWAY,
        "associatedGatewayId": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.TRANSIT_GATEWAY, v.VPN_GATEWAY), code=_REFUSED, message="Could not find gateway {value}"
            ),
        ),
        "allowedPrefixes": Prop(allowed=Cidr(), unordered=True, managed=True),
    },
    demands=(_associable,),
    compute=_associated,
    exists=(_REFUSED, "The gateways are associated already: {id}"),
    minutes=10,
    delete_minutes=10,
)

KINDS = (
    CONNECTION,
    GROUP,
    GATEWAY,
    TRANSIT_INTERFACE,
    PRIVATE_INTERFACE,
    TRANSIT_ACCEPTOR,
    PRIVATE_ACCEPTER,
    ASSOCIATION,
)
"""Every type of this file."""
