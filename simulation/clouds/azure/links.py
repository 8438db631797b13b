"""ExpressRoute: circuits, peerings, gateways and connections; and VPN beside it.

Codes and words of refusals: Azure/azure-rest-api-specs, network, and the pages that each rule names.
"""

from __future__ import annotations

import ipaddress

from ...provider.errors import CloudError
from ...provider.rules import Between, Cidr, Pattern
from ...provider.store import Account, Record
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.values import Object, objects, text, truth, whole
from ..common.bgp import connect_line
from . import vocabulary as v

_SPEC = f"{v.SPECS}/network/resource-manager/Microsoft.Network"
_ROUTE = f"{v.LEARN}/expressroute"
_VPN = f"{v.LEARN}/vpn-gateway"
_EXISTS = ("ResourceExists", "cannot create already existing resource '{id}'")
_RESERVED_ASNS = {8074, 8075, 12076, 65515, 65517, 65518, 65519, 65520}
_GATEWAY_SUBNET, _SMALLEST_SUBNET = "GatewaySubnet", 29
_SMALLEST_BOTH = 27
_IPV4 = Pattern(r"\d{1,3}(\.\d{1,3}){3}")


def connect(account: Account, identifier: str) -> Record:
    """The provider's side of a circuit; LookupError when there is no such circuit."""
    return connect_line(account, v.CIRCUIT, identifier, serviceProviderProvisioningState="Provisioned")


def _circuit_computed(call: Call, _inputs: Object) -> Object:
    return {
        "circuitProvisioningState": "Enabled",
        "serviceProviderProvisioningState": "NotProvisioned",
        "serviceKey": f"00000000-0000-0000-0000-{len(call.identifier):012d}",
    }


CIRCUIT = Kind(
    token=v.CIRCUIT,
    source=f"{_SPEC}/expressRouteCircuit.json; {_ROUTE}/expressroute-workflows",
    service="Microsoft.Network",
    noun="ExpressRoute circuit",
    operation="ExpressRouteCircuits",
    make_id=v.ResourceIds("Microsoft.Network/expressRouteCircuits", "circuitName"),
    autoname="circuitName",
    properties={
        "circuitName": v.named(),
        "resourceGroupName": v.in_group(),
        "sku": Prop(),
        "sku.name": Prop(allowed=Pattern(r"(Basic|Local|Standard|Premium)_(MeteredData|UnlimitedData)")),
        "sku.tier": v.one_of("Basic", "Local", "Standard", "Premium"),
        "sku.family": v.one_of("MeteredData", "UnlimitedData"),
        "serviceProviderProperties": Prop(),
        "serviceProviderProperties.serviceProviderName": Prop(allowed=Between(1, 100), fixed=True),
        "serviceProviderProperties.peeringLocation": Prop(allowed=Between(1, 100), fixed=True),
        "serviceProviderProperties.bandwidthInMbps": v.one_of(50, 100, 200, 500, 1000, 2000, 5000, 10_000),
        **v.PLACED,
    },
    compute=v.described("Microsoft.Network/expressRouteCircuits", _circuit_computed),
    in_use=("CircuitHasConnections", "Circuit {id} cannot be deleted because it is used by {holder}."),
    exists=_EXISTS,
    minutes=1,
    delete_minutes=2,
)


def _circuit_of(call: Call, name: str) -> Record | None:
    return next(
        (circuit for circuit in call.account.records(v.CIRCUIT) if circuit.identifier.endswith(f"/{name}")), None
    )


def _is_connected(call: Call, circuit: Record | None) -> None:
    """https://learn.microsoft.com/azure/expressroute/expressroute-workflows."""
    del call
    state = circuit.text("serviceProviderProvisioningState") if circuit else "Provisioned"
    if circuit and state != "Provisioned":
        raise CloudError(
            "CircuitServiceProviderStateInvalid",
            f"The circuit {circuit.identifier} is in service provider state {state}, which does not allow this.",
        )


def _peering_fits(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/expressroute/expressroute-routing, IP addresses for private peering."""
    _is_connected(call, _circuit_of(call, text(inputs, "circuitName")))
    for name in ("primaryPeerAddressPrefix", "secondaryPeerAddressPrefix"):
        cidr = text(inputs, name)
        if cidr and ipaddress.IPv4Network(cidr).prefixlen != 30:  # noqa: PLR2004 - in the words
            raise CloudError("InvalidPeeringPrefix", f"{name} {cidr} must be a /30 subnet.")
    asn = whole(inputs, "peerASN")
    if asn in _RESERVED_ASNS:
        raise CloudError("InvalidPeerASN", f"PeerASN {asn} is reserved.")


PEERING = Kind(
    token=v.CIRCUIT_PEERING,
    source=f"{_SPEC}/expressRouteCircuit.json; {_ROUTE}/expressroute-routing",
    service="Microsoft.Network",
    noun="ExpressRoute circuit peering",
    operation="ExpressRouteCircuitPeerings",
    make_id=v.ResourceIds("Microsoft.Network/expressRouteCircuits/peerings", "circuitName", "peeringName"),
    autoname="peeringName",
    properties={
        "peeringName": v.one_of("AzurePrivatePeering", "MicrosoftPeering", fixed=True),
        "circuitName": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.CIRCUIT,), by="name", code="ParentResourceNotFound", message="Circuit {value} not found."
            ),
        ),
        "resourceGroupName": v.in_group(),
        "peeringType": v.one_of("AzurePrivatePeering", "MicrosoftPeering"),
        "peerASN": Prop(allowed=Between(1, 4_294_967_295)),
        "vlanId": Prop(allowed=Between(1, 4094)),
        "primaryPeerAddressPrefix": Prop(allowed=Cidr()),
        "secondaryPeerAddressPrefix": Prop(allowed=Cidr()),
        "sharedKey": Prop(allowed=Between(1, 25)),
    },
    demands=(_peering_fits,),
    compute=v.described(
        "Microsoft.Network/expressRouteCircuits/peerings",
        lambda _call, _inputs: {"state": "Enabled", "azureASN": 12076},
    ),
    exists=_EXISTS,
    minutes=1,
    delete_minutes=1,
)


def _gateways_in(call: Call, subnet: str) -> list[Record]:
    return [
        gateway
        for gateway in call.account.records(v.VNET_GATEWAY)
        if any(text(entry, "subnet.id") == subnet for entry in objects(gateway.inputs, "ipConfigurations"))
    ]


def _gateway_fits(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/expressroute/expressroute-howto-coexist-resource-manager, limits."""
    entries = objects(inputs, "ipConfigurations")
    for entry in entries:
        identifier = text(entry, "subnet.id")
        subnet = call.account.get(v.SUBNET, identifier)
        if subnet is None:
            continue
        if subnet.text("subnetName") != _GATEWAY_SUBNET:
            raise CloudError(
                "SubnetNameNotAllowed",
                f"The subnet {identifier} has to be named {_GATEWAY_SUBNET} to be used by a virtual network gateway.",
            )
        others = [gateway for gateway in _gateways_in(call, identifier) if gateway.identifier != call.identifier]
        if any(gateway.text("gatewayType") == text(inputs, "gatewayType") for gateway in others):
            raise CloudError(
                "VirtualNetworkGatewayAlreadyExists", f"There is a gateway of this type in {identifier} already."
            )
        prefix = ipaddress.IPv4Network(subnet.text("addressPrefix")).prefixlen
        if prefix > (_SMALLEST_BOTH if others else _SMALLEST_SUBNET):
            raise CloudError("GatewaySubnetTooSmall", f"The GatewaySubnet /{prefix} is too small for the gateways.")
    if truth(inputs, "activeActive") and len(entries) < 2:  # noqa: PLR2004 - two instances
        raise CloudError("ActiveActiveGatewayIpConfigCount", "Active-active gateways need two IP configurations.")


def _zonal_address(call: Call, inputs: Object) -> None:
    sku = text(inputs, "sku.name")
    for entry in objects(inputs, "ipConfigurations"):
        address = call.account.get(v.PUBLIC_ADDRESS, text(entry, "publicIPAddress.id"))
        if address and sku.endswith("AZ") and address.text("sku.name") != "Standard":
            raise CloudError("VmssVpnGatewayPublicIpsMustHaveZonesConfigured", f"{sku} needs a Standard address.")


GATEWAY = Kind(
    token=v.VNET_GATEWAY,
    source=f"{_SPEC}/virtualNetworkGateway.json; {_VPN}/vpn-gateway-bgp-overview",
    service="Microsoft.Network",
    noun="virtual network gateway",
    operation="VirtualNetworkGateways",
    make_id=v.ResourceIds("Microsoft.Network/virtualNetworkGateways", "virtualNetworkGatewayName"),
    autoname="virtualNetworkGatewayName",
    properties={
        "virtualNetworkGatewayName": v.named(),
        "resourceGroupName": v.in_group(),
        "gatewayType": v.one_of("ExpressRoute", "Vpn", fixed=True),
        "vpnType": v.one_of("RouteBased", "PolicyBased", fixed=True, managed=True),
        "sku": Prop(),
        "sku.name": Prop(allowed=Pattern(r"ErGw[123]AZ|ErGwScale|VpnGw[1-5]AZ")),
        "sku.tier": Prop(allowed=Pattern(r"ErGw[123]AZ|ErGwScale|VpnGw[1-5]AZ")),
        "activeActive": Prop(default=False),
        "enableBgp": Prop(default=False),
        "bgpSettings": Prop(managed=True),
        "bgpSettings.asn": Prop(allowed=Between(1, 4_294_967_295)),
        "ipConfigurations": Prop(),
        "ipConfigurations.name": v.named(),
        "ipConfigurations.privateIPAllocationMethod": v.one_of("Dynamic", "Static"),
        "ipConfigurations.subnet": Prop(),
        "ipConfigurations.subnet.id": v.to_id(v.SUBNET),
        "ipConfigurations.publicIPAddress": Prop(),
        "ipConfigurations.publicIPAddress.id": v.to_id(v.PUBLIC_ADDRESS),
        **v.PLACED,
    },
    demands=(_gateway_fits, _zonal_address),
    compute=v.described("Microsoft.Network/virtualNetworkGateways"),
    in_use=("VirtualNetworkGatewayCannotBeDeleted", "Virtual network gateway {id} is in use by {holder}."),
    exists=_EXISTS,
    minutes=35,
    delete_minutes=15,
)


_FAST_PATH = frozenset({"UltraPerformance", "ErGw3AZ", "ErGwScale"})


def _site_asn(_call: Call, inputs: Object) -> None:
    asn = whole(inputs, "bgpSettings.asn")
    if asn in _RESERVED_ASNS:
        raise CloudError("LocalNetworkGatewayBgpAsnReserved", f"ASN {asn} is reserved by Azure.")


LOCAL_GATEWAY = Kind(
    token=v.LOCAL_GATEWAY,
    source=f"{_SPEC}/virtualNetworkGateway.json; {_VPN}/vpn-gateway-bgp-overview",
    service="Microsoft.Network",
    noun="local network gateway",
    operation="LocalNetworkGateways",
    make_id=v.ResourceIds("Microsoft.Network/localNetworkGateways", "localNetworkGatewayName"),
    autoname="localNetworkGatewayName",
    properties={
        "localNetworkGatewayName": v.named(),
        "resourceGroupName": v.in_group(),
        "gatewayIpAddress": Prop(allowed=_IPV4),
        "localNetworkAddressSpace": Prop(),
        "localNetworkAddressSpace.addressPrefixes": Prop(allowed=Cidr(), unordered=True),
        "bgpSettings": Prop(),
        "bgpSettings.asn": Prop(allowed=Between(1, 4_294_967_295)),
        "bgpSettings.bgpPeeringAddress": Prop(allowed=_IPV4),
        **v.PLACED,
    },
    demands=(_site_asn,),
    compute=v.described("Microsoft.Network/localNetworkGateways"),
    in_use=("LocalNetworkGatewayInUse", "Local network gateway {id} is in use by {holder}."),
    exists=_EXISTS,
    minutes=0.3,
    delete_minutes=0.3,
)


def _fast_path(inputs: Object, gateway: Record | None) -> None:
    """https://learn.microsoft.com/azure/expressroute/expressroute-about-virtual-network-gateways#fastpath."""
    if truth(inputs, "expressRouteGatewayBypass") and gateway and gateway.text("sku.name") not in _FAST_PATH:
        raise CloudError(
            "ExpressRouteGatewayBypassNotSupported",
            f"ExpressRouteGatewayBypass is not supported on a gateway of SKU {gateway.text('sku.name')}.",
        )


def _ends_fit(call: Call, inputs: Object) -> None:
    kind = text(inputs, "connectionType")
    gateway = call.account.get(v.VNET_GATEWAY, text(inputs, "virtualNetworkGateway1.id"))
    circuit = call.account.get(v.CIRCUIT, text(inputs, "peer.id"))
    wanted = "ExpressRoute" if kind == "ExpressRoute" else "Vpn"
    if gateway and gateway.text("gatewayType") != wanted:
        raise CloudError(
            "ConnectionTypeInvalid", f"Connections of type {kind} need a gateway of type {wanted}: {gateway.identifier}"
        )
    if kind == "ExpressRoute":
        if not text(inputs, "peer.id"):
            raise CloudError("PeerIsRequired", "Connections of type ExpressRoute need a circuit as peer.")
        _is_connected(call, circuit)
        _fast_path(inputs, gateway)
    if kind == "IPsec" and not text(inputs, "sharedKey"):
        raise CloudError("SharedKeyRequired", "Connections of type IPsec need a shared key.")


CONNECTION = Kind(
    token=v.GATEWAY_CONNECTION,
    source=f"{_SPEC}/virtualNetworkGateway.json; {_ROUTE}/expressroute-howto-linkvnet-arm",
    service="Microsoft.Network",
    noun="gateway connection",
    operation="VirtualNetworkGatewayConnections",
    make_id=v.ResourceIds("Microsoft.Network/connections", "virtualNetworkGatewayConnectionName"),
    autoname="virtualNetworkGatewayConnectionName",
    properties={
        "virtualNetworkGatewayConnectionName": v.named(),
        "resourceGroupName": v.in_group(),
        "connectionType": v.one_of("ExpressRoute", "IPsec", "Vnet2Vnet", fixed=True),
        "connectionProtocol": v.one_of("IKEv2", "IKEv1", managed=True),
        "enableBgp": Prop(default=False),
        "sharedKey": Prop(allowed=Between(1, 128)),
        "authorizationKey": Prop(allowed=Between(1, 256)),
        "expressRouteGatewayBypass": Prop(default=False),
        "routingWeight": Prop(allowed=Between(0, 32_000), managed=True),
        "virtualNetworkGateway1": Prop(fixed=True),
        "virtualNetworkGateway1.id": v.to_id(v.VNET_GATEWAY),
        "localNetworkGateway2": Prop(fixed=True),
        "localNetworkGateway2.id": v.to_id(v.LOCAL_GATEWAY),
        "peer": Prop(fixed=True),
        "peer.id": v.to_id(v.CIRCUIT),
        **v.PLACED,
    },
    demands=(_ends_fit,),
    compute=v.described("Microsoft.Network/connections", lambda _call, _inputs: {"connectionStatus": "Connected"}),
    exists=_EXISTS,
    minutes=1,
    delete_minutes=1,
)

KINDS = (CIRCUIT, PEERING, GATEWAY, LOCAL_GATEWAY, CONNECTION)
"""Every type of this file."""
