"""Words that the tables of every Azure service use."""

from __future__ import annotations

from collections.abc import Mapping

from ...provider.errors import CloudError
from ...provider.rules import MapOf, OneOf, Pattern
from ...provider.store import Record
from ...provider.tables import Call, Compute, Prop, Reference
from ...provider.values import Object, Value, text

SUBSCRIPTION = "11112222-3333-4444-5555-666677778888"
"""The subscription of the example stack."""
TENANT = "99990000-1111-2222-3333-444455556666"
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""The form of ids of Entra."""

SPECS = "https://github.com/Azure/azure-rest-api-specs/tree/main/specification"
LEARN = "https://learn.microsoft.com/azure"
RESOURCE_NAMES = f"{LEARN}/azure-resource-manager/management/resource-name-rules"
NETWORK_ERRORS = f"{LEARN}/azure-resource-manager/troubleshooting/common-deployment-errors"

RESOURCE_GROUP = "azure-native:resources:ResourceGroup"
VNET = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
SECURITY_GROUP = "azure-native:network:NetworkSecurityGroup"
PUBLIC_ADDRESS = "azure-native:network:PublicIPAddress"
NAT_GATEWAY = "azure-native:network:NatGateway"
PEERING = "azure-native:network:VirtualNetworkPeering"
CIRCUIT = "azure-native:network:ExpressRouteCircuit"
CIRCUIT_PEERING = "azure-native:network:ExpressRouteCircuitPeering"
VNET_GATEWAY = "azure-native:network:VirtualNetworkGateway"
LOCAL_GATEWAY = "azure-native:network:LocalNetworkGateway"
GATEWAY_CONNECTION = "azure-native:network:VirtualNetworkGatewayConnection"
PRIVATE_ENDPOINT = "azure-native:network:PrivateEndpoint"
ZONE_GROUP = "azure-native:network:PrivateDnsZoneGroup"
PRIVATE_ZONE = "azure-native:privatedns:PrivateZone"
ZONE_LINK = "azure-native:privatedns:VirtualNetworkLink"
DNS_ZONE = "azure-native:dns:Zone"
"""Made by hand; no program declares one."""
VAULT = "azure-native:keyvault:Vault"
"""Made by hand; no program declares one."""
DNS_RECORD = "azure-native:dns:RecordSet"
"""Made by external-dns; no program declares one."""
FEDERATION = "azure-native:managedidentity:FederatedIdentityCredential"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
CLUSTER = "azure-native:containerservice:ManagedCluster"
MAINTENANCE = "azure-native:containerservice:MaintenanceConfiguration"
LOAD_BALANCER = "azure-native:network:LoadBalancer"
"""Made by clusters for their Services; no program declares one."""
AGENT_POOL = "azure-native:containerservice:AgentPool"
EXTENSION = "azure-native:kubernetesconfiguration:Extension"
WORKSPACE = "azure-native:operationalinsights:Workspace"
DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"
STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"
FILE_SHARE = "azure-native:storage:FileShare"
LUSTRE = "azure-native:storagecache:AmlFilesystem"
RESERVATION_GROUP = "azure-native:compute:CapacityReservationGroup"


HUB_GROUP = "hub"
"""Resource group of other hands, which holds the network that people sit in."""


_MOST_NAME, _MOST_VALUE = 512, 256


def _tag_problem(name: str, entry: Value) -> str | None:
    if not 1 <= len(name) <= _MOST_NAME or any(sign in name for sign in r"<>%&\?/"):
        return f"The tag name {name!r} is invalid: tag names can't contain <, >, %, &, \\, ?, /"
    if isinstance(entry, str) and len(entry) > _MOST_VALUE:
        return f"The value of tag {name!r} is longer than {_MOST_VALUE} characters"
    return None


TAGS = Prop(allowed=MapOf(_tag_problem, 50, "tag"), source=f"{LEARN}/azure-resource-manager/management/tag-resources")
LOCATION = Prop(
    allowed=Pattern(r"[a-z]{3,}[0-9]?"),
    fixed=True,
    managed=True,
    source=f"{LEARN}/azure-resource-manager/troubleshooting/error-invalid-template",
)
PLACED: Mapping[str, Prop] = {"location": LOCATION, "tags": TAGS}
"""Types that stand in a region and carry tags."""


def in_group(*, holds: bool = False) -> Prop:
    """The resource group that something lies in."""
    return Prop(
        fixed=True,
        refers=Reference(
            kinds=(RESOURCE_GROUP,),
            by="name",
            code="ResourceGroupNotFound",
            message="Resource group '{value}' could not be found.",
            holds=holds,
            outside=frozenset({HUB_GROUP}),
        ),
        source=f"{LEARN}/azure-resource-manager/troubleshooting/error-not-found",
    )


def named(form: str = r"[A-Za-z0-9][A-Za-z0-9_.-]*", longest: int = 80) -> Prop:
    """A resource's own name."""
    return Prop(allowed=Pattern(rf"(?=.{{1,{longest}}}$){form}"), fixed=True, source=RESOURCE_NAMES)


def one_of(*values: str | int, fixed: bool = False, default: Value = None, managed: bool = False) -> Prop:
    """A property with a closed list of values."""
    return Prop(allowed=OneOf(*values), fixed=fixed, default=default, managed=managed)


def to_id(*kinds: str, fixed: bool = False, holds: bool = True, code: str = "", message: str = "") -> Prop:
    """A property that names another resource by its id."""
    return Prop(
        fixed=fixed,
        refers=Reference(
            kinds=kinds,
            code=code or "InvalidResourceReference",
            message=message
            or "Resource {value} referenced by resource was not found. Please make sure that the referenced resource "
            "exists, and that both resources are in the same region.",
            holds=holds,
        ),
        source=f"{LEARN}/azure-resource-manager/troubleshooting/error-invalid-template",
    )


def by_name(kind: str, noun: str, *, holds: bool = False) -> Prop:
    """A property that names the parent of a resource."""
    return Prop(
        fixed=True,
        refers=Reference(
            kinds=(kind,),
            by="name",
            code="ParentResourceNotFound",
            message=f"Can not perform requested operation on nested resource. Parent resource '{{value}}' "
            f"of type {noun} not found.",
            holds=holds,
        ),
        source=f"{LEARN}/azure-resource-manager/troubleshooting/error-parent-resource",
    )


def subscription(call: Call) -> str:
    """The subscription that calls are for."""
    return call.account.fact("subscription") or SUBSCRIPTION


class ResourceIds:
    """Ids as Azure Resource Manager makes them.

    Args:
        provider: Such as ``Microsoft.Network/virtualNetworks/subnets``.
        *names: Properties with the name at each level.
    """

    def __init__(self, provider: str, *names: str) -> None:
        namespace, *types = provider.split("/")
        self.type = provider
        self._namespace, self._types, self._names = namespace, types, names

    def __call__(self, call: Call, inputs: Object) -> str:
        """The id of a new object."""
        group = f"/subscriptions/{subscription(call)}/resourceGroups/{text(inputs, 'resourceGroupName')}"
        pairs = zip(self._types, self._names, strict=True)
        steps = "".join(f"/{collection}/{text(inputs, name)}" for collection, name in pairs)
        return f"{group}/providers/{self._namespace}{steps}"


def described(provider: str, more: Compute | None = None) -> Compute:
    """Outputs that every resource has, and those of its own."""

    def compute(call: Call, inputs: Object) -> Object:
        own = more(call, inputs) if more else {}
        return {
            "name": call.identifier.rpartition("/")[2],
            "type": provider,
            "azureApiVersion": "",
            "provisioningState": "Succeeded",
            **own,
        }

    return compute


def group_of(record: Record) -> str:
    """Name of a resource's group."""
    return record.identifier.split("/")[4]


def invalid(message: str, *, code: str = "InvalidParameter") -> CloudError:
    """A refusal for a value that does not fit."""
    return CloudError(code, message)
