"""Virtual networks, subnets and the ways out of them.

Codes and words of refusals: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
and, for subnets, /azure/virtual-network/virtual-network-manage-subnet; what has another source names it.
"""

from __future__ import annotations

import ipaddress
import zlib

from ...provider.errors import CloudError
from ...provider.rules import Cidr, OneOf
from ...provider.tables import Call, Kind, Prop, Unique
from ...provider.values import Object, leaves, objects, text, texts
from . import vocabulary as v
from .regions import require_zones

_LARGEST, _SMALLEST, _SMALLEST_SUBNET = 8, 29, 29
_NETWORK_SPEC = f"{v.SPECS}/network/resource-manager/Microsoft.Network"
_VNETS = "Microsoft.Network/virtualNetworks"


def network(cidr: str) -> ipaddress.IPv4Network:
    """A range of addresses."""
    return ipaddress.IPv4Network(cidr)


def _address_space(_call: Call, inputs: Object) -> None:
    prefixes = texts(inputs, "addressSpace.addressPrefixes")
    for place, prefix in enumerate(prefixes):
        for other in prefixes[:place]:
            if network(prefix).overlaps(network(other)):
                raise CloudError(
                    "NetcfgInvalidVirtualNetworkSite",
                    f"The address prefix {prefix} overlaps with {other} in the virtual network.",
                )


VNET = Kind(
    token=v.VNET,
    source=f"{_NETWORK_SPEC}/virtualNetwork.json; {v.LEARN}/virtual-network/virtual-networks-faq",
    service="Microsoft.Network",
    noun="virtual network",
    operation="VirtualNetworks",
    make_id=v.ResourceIds(_VNETS, "virtualNetworkName"),
    autoname="virtualNetworkName",
    properties={
        "virtualNetworkName": v.named(longest=64),
        "resourceGroupName": v.in_group(),
        "addressSpace": Prop(),
        "addressSpace.addressPrefixes": Prop(allowed=Cidr(_LARGEST, _SMALLEST), unordered=True),
        "enableDdosProtection": Prop(default=False),
        "enableVmProtection": Prop(default=False),
        **v.PLACED,
    },
    demands=(_address_space,),
    compute=v.described(_VNETS),
    in_use=(
        "InUseVirtualNetworkCannotBeDeleted",
        "Virtual network {id} is in use by {holder} and cannot be deleted.",
    ),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)


def subnets_of(call: Call, vnet: str) -> list[str]:
    """Ids of a virtual network's subnets."""
    return [subnet.identifier for subnet in call.account.where(v.SUBNET, "virtualNetworkName", vnet)]


def vnet_of(subnet: str) -> str:
    """Id of the virtual network of a subnet."""
    return subnet.partition("/subnets/")[0]


def range_of(call: Call, subnet: str) -> ipaddress.IPv4Network | None:
    """Addresses of a subnet; None when there is no such subnet."""
    found = call.account.get(v.SUBNET, subnet)
    return network(found.text("addressPrefix")) if found else None


def _subnet_fits(call: Call, inputs: Object) -> None:
    """Words: https://learn.microsoft.com/troubleshoot/azure/virtual-network/deployment-failed (NetcfgSubnetRange…)."""
    wanted, name = network(text(inputs, "addressPrefix")), text(inputs, "subnetName")
    vnet = call.account.find(v.VNET, "name", text(inputs, "virtualNetworkName"))
    ranges = texts(vnet.properties, "addressSpace.addressPrefixes") if vnet else []
    if wanted.prefixlen > _SMALLEST_SUBNET or not any(
        wanted.subnet_of(network(address_range)) for address_range in ranges
    ):
        raise CloudError(
            "NetcfgSubnetRangeOutsideVnet",
            f"Subnet '{name}' is not valid because its IP address range is outside the IP address range of virtual "
            f"network '{text(inputs, 'virtualNetworkName')}'.",
        )
    for other in call.account.where(v.SUBNET, "virtualNetworkName", text(inputs, "virtualNetworkName")):
        if other.text("subnetName") != name and network(other.text("addressPrefix")).overlaps(wanted):
            raise CloudError(
                "NetcfgSubnetRangesOverlap",
                f"Subnet '{name}' is not valid because its IP address range overlaps with that of an existing "
                f"subnet in virtual network '{text(inputs, 'virtualNetworkName')}'.",
            )


def _subnet_range_moves(call: Call, old: Object, new: Object) -> None:
    moved = text(old, "addressPrefix") != text(new, "addressPrefix")
    holders = [
        holder
        for kind in (v.CLUSTER, v.AGENT_POOL, v.PRIVATE_ENDPOINT, v.LUSTRE)
        for holder in call.account.records(kind)
        if any(value == call.identifier for path in _HOLDING for _, value in leaves(holder.inputs, path))
    ]
    if moved and holders:
        raise CloudError(
            "InUsePrefixCannotBeDeleted",
            f"IpPrefix {text(old, 'addressPrefix')} on Subnet {text(new, 'subnetName')} has active allocations and "
            "cannot be deleted.",
        )


_HOLDING = ("agentPoolProfiles.vnetSubnetID", "vnetSubnetID", "subnet.id", "filesystemSubnet")


SUBNET = Kind(
    token=v.SUBNET,
    source=f"{_NETWORK_SPEC}/virtualNetwork.json; {v.LEARN}/virtual-network/ip-services/default-outbound-access",
    service="Microsoft.Network",
    noun="subnet",
    operation="Subnets",
    make_id=v.ResourceIds(f"{_VNETS}/subnets", "virtualNetworkName", "subnetName"),
    autoname="subnetName",
    properties={
        "subnetName": v.named(),
        "resourceGroupName": v.in_group(),
        "virtualNetworkName": v.by_name(v.VNET, "virtualNetworks"),
        "addressPrefix": Prop(allowed=Cidr()),
        "networkSecurityGroup": Prop(),
        "networkSecurityGroup.id": v.to_id(v.SECURITY_GROUP),
        "natGateway": Prop(),
        "natGateway.id": v.to_id(v.NAT_GATEWAY),
        "defaultOutboundAccess": Prop(),
        "privateEndpointNetworkPolicies": v.one_of(
            "Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled", default="Disabled"
        ),
        "privateLinkServiceNetworkPolicies": v.one_of("Disabled", "Enabled", default="Enabled"),
    },
    demands=(_subnet_fits,),
    on_update=(_subnet_range_moves,),
    compute=v.described(f"{_VNETS}/subnets"),
    in_use=(
        "InUseSubnetCannotBeDeleted",
        (
            "Subnet {id} is in use by {holder} and cannot be deleted. In order to delete the subnet, delete all the "
            "resources within the subnet. See aka.ms/deletesubnet."
        ),
    ),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)

SECURITY_GROUP = Kind(
    token=v.SECURITY_GROUP,
    source=f"{_NETWORK_SPEC}/networkSecurityGroup.json",
    service="Microsoft.Network",
    noun="network security group",
    operation="NetworkSecurityGroups",
    make_id=v.ResourceIds("Microsoft.Network/networkSecurityGroups", "networkSecurityGroupName"),
    autoname="networkSecurityGroupName",
    properties={"networkSecurityGroupName": v.named(), "resourceGroupName": v.in_group(), **v.PLACED},
    compute=v.described("Microsoft.Network/networkSecurityGroups"),
    in_use=(
        "InUseNetworkSecurityGroupCannotBeDeleted",
        (
            "Network security group {id} cannot be deleted because it is in use by the following resources: {holder}. "
            "In order to delete the Network security group, remove the association with the resource(s)."
        ),
    ),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)


def _address_zones(call: Call, inputs: Object) -> None:
    require_zones(call, texts(inputs, "zones"), text(inputs, "publicIpAddressName"))
    if text(inputs, "sku.name") == "Standard" and text(inputs, "publicIPAllocationMethod") != "Static":
        raise CloudError(
            "PublicIPAddressWithStandardSkuMustBeStatic",
            f"Public IP address {text(inputs, 'publicIpAddressName')} with Standard SKU must have static allocation.",
        )


def _address_computed(call: Call, _inputs: Object) -> Object:
    return {"ipAddress": f"20.7.{zlib.crc32(call.identifier.encode()) % 256}.{len(call.identifier) % 250 + 1}"}


PUBLIC_ADDRESS = Kind(
    token=v.PUBLIC_ADDRESS,
    source=f"{_NETWORK_SPEC}/publicIpAddress.json; {v.LEARN}/virtual-network/ip-services/public-ip-addresses",
    service="Microsoft.Network",
    noun="public IP address",
    operation="PublicIPAddresses",
    make_id=v.ResourceIds("Microsoft.Network/publicIPAddresses", "publicIpAddressName"),
    autoname="publicIpAddressName",
    properties={
        "publicIpAddressName": v.named(),
        "resourceGroupName": v.in_group(),
        "sku": Prop(fixed=True),
        "sku.name": v.one_of("Basic", "Standard"),
        "sku.tier": v.one_of("Regional", "Global"),
        "publicIPAllocationMethod": v.one_of("Static", "Dynamic"),
        "zones": Prop(allowed=OneOf("1", "2", "3"), fixed=True, unordered=True),
        **v.PLACED,
    },
    on_create=(_address_zones,),
    compute=v.described("Microsoft.Network/publicIPAddresses", _address_computed),
    in_use=(
        "PublicIPAddressCannotBeDeleted",
        (
            "Public IP address {id} can not be deleted since it is still allocated to resource {holder}. In order "
            "to delete the public IP, disassociate/detach the Public IP address from the resource."
        ),
    ),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)


def _nat_fits(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/nat-gateway/nat-availability-zones: addresses of another zone are refused."""
    zones = texts(inputs, "zones")
    require_zones(call, zones, text(inputs, "natGatewayName"))
    if len(zones) > 1:
        raise CloudError(
            "ResourceCannotHaveMultipleZones",
            f"Resource {text(inputs, 'natGatewayName')} has multiple zones specified. Only one zone can be specified.",
        )
    for reference in objects(inputs, "publicIpAddresses"):
        address = call.account.get(v.PUBLIC_ADDRESS, text(reference, "id"))
        if address is None:
            continue
        if address.text("sku.name") != "Standard":
            raise CloudError(
                "NatGatewayCannotUseBasicSkuPublicIp",
                f"Nat Gateway {text(inputs, 'natGatewayName')} cannot use the Basic SKU public IP "
                f"{text(reference, 'id')}.",
            )
        own = texts(address.properties, "zones")
        if own and zones and own != zones and len(own) == 1:
            raise CloudError(
                "PublicIPAddressZonesMismatch",
                f"Public IP address {text(reference, 'id')} is in zone {','.join(own)}, which does not match the zone "
                f"{','.join(zones)} of NAT gateway {text(inputs, 'natGatewayName')}.",
            )


NAT_GATEWAY = Kind(
    token=v.NAT_GATEWAY,
    source=f"{_NETWORK_SPEC}/natGateway.json; {v.LEARN}/nat-gateway/nat-gateway-resource",
    service="Microsoft.Network",
    noun="NAT gateway",
    operation="NatGateways",
    make_id=v.ResourceIds("Microsoft.Network/natGateways", "natGatewayName"),
    autoname="natGatewayName",
    properties={
        "natGatewayName": v.named(),
        "resourceGroupName": v.in_group(),
        "sku": Prop(fixed=True),
        "sku.name": v.one_of("Standard"),
        "publicIpAddresses": Prop(length=(1, 16)),
        "publicIpAddresses.id": v.to_id(v.PUBLIC_ADDRESS),
        "zones": Prop(allowed=OneOf("1", "2", "3"), fixed=True),
        **v.PLACED,
    },
    demands=(_nat_fits,),
    compute=v.described("Microsoft.Network/natGateways"),
    in_use=(
        "InUseNatGatewayCannotBeDeleted",
        "Nat Gateway {id} is in use by {holder} and cannot be deleted.",
    ),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)


def _peers_fit(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-peering, its constraints."""
    here = call.account.find(v.VNET, "name", text(inputs, "virtualNetworkName"))
    there = call.account.get(v.VNET, text(inputs, "remoteVirtualNetwork.id"))
    if here is None or there is None:
        return
    if here.identifier == there.identifier:
        raise CloudError("InvalidResourceReference", f"Virtual network {here.identifier} cannot be peered with itself.")
    for own in texts(here.properties, "addressSpace.addressPrefixes"):
        for other in texts(there.properties, "addressSpace.addressPrefixes"):
            if network(own).overlaps(network(other)):
                raise CloudError(
                    "VnetAddressSpacesOverlap",
                    f"Cannot create or update peering {text(inputs, 'virtualNetworkPeeringName')}. Virtual networks "
                    f"{here.identifier} and {there.identifier} cannot be peered because their address spaces overlap. "
                    f"Overlapping address prefixes: {own}",
                )
    if inputs.get("useRemoteGateways") is True and not _offers_gateway(call, here.identifier, there.identifier):
        raise CloudError(
            "PeeringUseRemoteGatewaysNotAllowed",
            f"Peering {text(inputs, 'virtualNetworkPeeringName')} cannot have UseRemoteGateways flag set to true, "
            f"because remote virtual network {there.identifier} referenced by the peering does not have any gateways "
            "or its peering does not allow gateway transit.",
        )


def _offers_gateway(call: Call, here: str, there: str) -> bool:
    return any(
        peering.text("remoteVirtualNetwork.id") == here and peering.get("allowGatewayTransit") is True
        for peering in call.account.records(v.PEERING)
        if peering.identifier.startswith(f"{there}/")
    )


PEERING = Kind(
    token=v.PEERING,
    source=f"{_NETWORK_SPEC}/virtualNetwork.json",
    service="Microsoft.Network",
    noun="virtual network peering",
    operation="VirtualNetworkPeerings",
    make_id=v.ResourceIds(f"{_VNETS}/virtualNetworkPeerings", "virtualNetworkName", "virtualNetworkPeeringName"),
    autoname="virtualNetworkPeeringName",
    properties={
        "virtualNetworkPeeringName": v.named(),
        "resourceGroupName": v.in_group(),
        "virtualNetworkName": v.by_name(v.VNET, "virtualNetworks"),
        "remoteVirtualNetwork": Prop(fixed=True),
        "remoteVirtualNetwork.id": v.to_id(v.VNET, holds=False),
        "allowVirtualNetworkAccess": Prop(),
        "allowForwardedTraffic": Prop(default=False),
        "allowGatewayTransit": Prop(default=False),
        "useRemoteGateways": Prop(default=False),
    },
    unique=(
        Unique(
            paths=("virtualNetworkName", "remoteVirtualNetwork.id"),
            code="AnotherPeeringAlreadyReferencesRemoteVnet",
            message="Peering {id} already references remote virtual network {1}.",
        ),
    ),
    demands=(_peers_fit,),
    compute=v.described(f"{_VNETS}/virtualNetworkPeerings"),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)

KINDS = (VNET, SUBNET, SECURITY_GROUP, PUBLIC_ADDRESS, NAT_GATEWAY, PEERING)
"""Every type of this file."""
