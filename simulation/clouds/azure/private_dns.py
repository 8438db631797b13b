"""Private endpoints, and the private names by which they are found."""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.rules import OneOf, Pattern
from ...provider.tables import Call, Kind, Prop, Unique
from ...provider.values import Object, objects, text, texts
from . import vocabulary as v

_ENDPOINTS = "Microsoft.Network/privateEndpoints"
_ZONES = "Microsoft.Network/privateDnsZones"
_SPEC = f"{v.SPECS}/network/resource-manager/Microsoft.Network/privateEndpoint.json"
_ZONE_SPEC = f"{v.SPECS}/privatedns/resource-manager/Microsoft.Network"
_PARTS = {v.STORAGE_ACCOUNT: ("blob", "dfs", "file", "queue", "table", "web"), v.CLUSTER: ("management",)}
"""Source: https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource."""


def _part_exists(call: Call, inputs: Object) -> None:
    for connection in objects(inputs, "privateLinkServiceConnections"):
        target = call.account.find(tuple(_PARTS), "id", text(connection, "privateLinkServiceId"))
        parts = _PARTS[target.kind] if target else ()
        wrong = [part for part in texts(connection, "groupIds") if target and part not in parts]
        if wrong or len(texts(connection, "groupIds")) > 1:
            raise CloudError(
                "PrivateEndpointGroupIdNotSupported" if wrong else "PrivateEndpointHasMultipleGroupIdsOnConnection",
                f"Private endpoint {text(inputs, 'privateEndpointName')} requests group id(s) "
                f"{', '.join(texts(connection, 'groupIds'))}; the resource offers one of {', '.join(parts)}.",
            )


PRIVATE_ENDPOINT = Kind(
    token=v.PRIVATE_ENDPOINT,
    source=_SPEC,
    service="Microsoft.Network",
    noun="private endpoint",
    operation="PrivateEndpoints",
    make_id=v.ResourceIds(_ENDPOINTS, "privateEndpointName"),
    autoname="privateEndpointName",
    properties={
        "privateEndpointName": v.named(longest=64),
        "resourceGroupName": v.in_group(),
        "subnet": Prop(fixed=True),
        "subnet.id": v.to_id(v.SUBNET),
        # The SDK's nested type sends these two with every reference; Azure looks at the id only.
        "subnet.privateEndpointNetworkPolicies": v.one_of("Disabled", "Enabled"),
        "subnet.privateLinkServiceNetworkPolicies": v.one_of("Disabled", "Enabled"),
        "privateLinkServiceConnections": Prop(length=(1, 1), fixed=True),
        "privateLinkServiceConnections.name": Prop(allowed=Pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")),
        "privateLinkServiceConnections.privateLinkServiceId": v.to_id(*_PARTS, holds=False),
        "privateLinkServiceConnections.groupIds": Prop(length=(1, 1)),
        **v.PLACED,
    },
    on_create=(_part_exists,),
    compute=v.described(_ENDPOINTS),
    minutes=1,
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)

ZONE_GROUP = Kind(
    token=v.ZONE_GROUP,
    source=_SPEC,
    service="Microsoft.Network",
    noun="private DNS zone group",
    operation="PrivateDnsZoneGroups",
    make_id=v.ResourceIds(f"{_ENDPOINTS}/privateDnsZoneGroups", "privateEndpointName", "privateDnsZoneGroupName"),
    autoname="privateDnsZoneGroupName",
    properties={
        "privateDnsZoneGroupName": v.named(),
        "resourceGroupName": v.in_group(),
        "privateEndpointName": v.by_name(v.PRIVATE_ENDPOINT, "privateEndpoints"),
        "privateDnsZoneConfigs": Prop(length=(1, 5)),
        "privateDnsZoneConfigs.name": Prop(),
        "privateDnsZoneConfigs.privateDnsZoneId": v.to_id(v.PRIVATE_ZONE, holds=False),
    },
    unique=(
        Unique(
            paths=("privateEndpointName",),
            code="MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed",
            message="Private endpoint {0} can have only one private DNS zone group: {id}.",
        ),
    ),
    compute=v.described(f"{_ENDPOINTS}/privateDnsZoneGroups"),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)

PRIVATE_ZONE = Kind(
    token=v.PRIVATE_ZONE,
    source=f"{_ZONE_SPEC}/privatedns.json; {v.LEARN}/dns/private-dns-overview",
    service="Microsoft.Network",
    noun="private DNS zone",
    operation="PrivateZones",
    make_id=v.ResourceIds(_ZONES, "privateZoneName"),
    autoname="privateZoneName",
    properties={
        "privateZoneName": Prop(allowed=Pattern(r"(?=.{1,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)+"), fixed=True),
        "resourceGroupName": v.in_group(),
        "location": Prop(allowed=OneOf("global", "Global"), fixed=True, source=f"{_ZONE_SPEC}/privatedns.json"),
        "tags": v.TAGS,
    },
    compute=v.described(_ZONES),
    in_use=(
        "CannotDeleteResource",
        (
            "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: "
            "'{holder}'. Please delete all nested resources before deleting this resource."
        ),
    ),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)


def _linked_once(call: Call, inputs: Object) -> None:
    """A network has one zone of a name: https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links."""
    zone, vnet = text(inputs, "privateZoneName"), text(inputs, "virtualNetwork.id")
    for other in call.account.where(v.ZONE_LINK, "virtualNetwork.id", vnet):
        if other.identifier != call.identifier and other.text("privateZoneName") == zone:
            raise CloudError(
                "BadRequest",
                "A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link "
                f"virtual network with '{zone}' and '{zone}' zones.",
            )


ZONE_LINK = Kind(
    token=v.ZONE_LINK,
    source=f"{_ZONE_SPEC}/privatedns.json",
    service="Microsoft.Network",
    noun="virtual network link",
    operation="VirtualNetworkLinks",
    make_id=v.ResourceIds(f"{_ZONES}/virtualNetworkLinks", "privateZoneName", "virtualNetworkLinkName"),
    autoname="virtualNetworkLinkName",
    properties={
        "virtualNetworkLinkName": v.named(),
        "resourceGroupName": v.in_group(),
        "privateZoneName": v.by_name(v.PRIVATE_ZONE, "privateDnsZones", holds=True),
        "location": Prop(allowed=OneOf("global", "Global"), fixed=True),
        "registrationEnabled": Prop(),
        "virtualNetwork": Prop(fixed=True),
        "virtualNetwork.id": v.to_id(v.VNET, holds=False),
        "tags": v.TAGS,
    },
    on_create=(_linked_once,),
    compute=v.described(f"{_ZONES}/virtualNetworkLinks"),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)

KINDS = (PRIVATE_ENDPOINT, ZONE_GROUP, PRIVATE_ZONE, ZONE_LINK)
"""Every type of this file."""
