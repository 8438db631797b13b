"""AKS clusters: the control plane, and what AKS makes beside it.

Codes and words: https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/create-upgrade-delete and
managedClusters.json; what has another source names it.
"""

from __future__ import annotations

import ipaddress
import uuid
from itertools import combinations

from ...provider.errors import CloudError
from ...provider.rules import Between, Cidr, Pattern
from ...provider.store import Account, Record
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.values import Object, Value, at, objects, text, texts, truth
from . import vocabulary as v
from .control_planes import cluster_effects, managed
from .identities import role_on
from .launches import inline_pools, require_machines
from .networks import network, range_of, vnet_of
from .pool_rules import POOL, require_pool, require_unchanged
from .versions import KUBERNETES, LONG_TERM_ONLY, PREVIEW, minor_of, newest_patch, number

_LEARN = "https://learn.microsoft.com/azure/aks"
_TYPE = "Microsoft.ContainerService/managedClusters"
_RESERVED = ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")
"""Source: https://learn.microsoft.com/azure/aks/configure-azure-cni, plan IP addressing."""
_MOST_RANGES = 200
_LARGEST_SERVICES = 12


def _version(_call: Call, inputs: Object) -> None:
    wanted, plan = text(inputs, "kubernetesVersion"), text(inputs, "supportPlan") or "KubernetesOfficial"
    minor = minor_of(wanted)
    if wanted and (minor not in KUBERNETES or minor == PREVIEW):
        raise CloudError(
            "K8sVersionNotSupported",
            f"Managed cluster is on version {wanted}, which is not supported in this region. Please use [az aks "
            "get-versions] command to get the supported version list in this region. For more information, please "
            "check "
            "https://aka.ms/supported-version-list",
        )
    if minor in LONG_TERM_ONLY and plan != "AKSLongTermSupport":
        raise CloudError(
            "K8sVersionNotSupported",
            f"Managed cluster is on version {wanted}, which is only available for Long-Term Support (LTS). If you "
            "intend to "
            "onboard to LTS, please ensure the cluster is in Premium tier and LTS support plan.",
        )
    if plan == "AKSLongTermSupport" and text(inputs, "sku.tier") != "Premium":
        raise v.invalid("Support plan AKSLongTermSupport requires the managed cluster SKU tier Premium.")


def _ranges(call: Call, inputs: Object) -> None:
    """Words: error-code-servicecidroverlapexistingsubnetscidr, error-code-invalidnetworkprofile."""
    profile = at(inputs, "networkProfile")
    services = network(text(profile, "serviceCidr") or "10.0.0.0/16")
    pods = network(text(profile, "podCidr") or "10.244.0.0/16")
    if services.prefixlen < _LARGEST_SERVICES:
        raise CloudError(
            "ServiceCidrTooLarge", f"The service CIDR {services} must be smaller than /{_LARGEST_SERVICES}."
        )
    for name, own in (("serviceCidr", services), ("podCidr", pods)):
        for reserved in _RESERVED:
            if own.overlaps(network(reserved)):
                raise v.invalid(f"networkProfile.{name} {own} overlaps with the reserved range {reserved}.")
    if services.overlaps(pods):
        raise CloudError("PodCidrOverlapServiceCidr", f"The pod CIDR {pods} overlaps with the service CIDR {services}.")
    _apart_from_subnets(call, inputs, services)
    address = text(profile, "dnsServiceIP")
    if address and ipaddress.IPv4Address(address) not in services:
        raise CloudError("InvalidNetworkProfile", f"The dnsServiceIP {address} is not in the service CIDR {services}.")
    if address and ipaddress.IPv4Address(address) in {services[0], services[1]}:
        raise CloudError(
            "InvalidNetworkProfile", f"The dnsServiceIP {address} must not be the first address of {services}."
        )


def _apart_from_subnets(call: Call, inputs: Object, services: ipaddress.IPv4Network) -> None:
    for subnet in texts(inputs, "agentPoolProfiles.vnetSubnetID"):
        addresses = range_of(call, subnet)
        vnet = call.account.get(v.VNET, vnet_of(subnet))
        spaces = [network(prefix) for prefix in texts(vnet.properties, "addressSpace.addressPrefixes")] if vnet else []
        for taken in (addresses, *spaces):
            if taken is not None and services.overlaps(taken):
                raise CloudError(
                    "ServiceCidrOverlapExistingSubnetsCidr",
                    f"The specified service CIDR {services} is conflicted with an existing subnet CIDR {taken}",
                )


def _network(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium and /azure/aks/egress-outboundtype."""
    profile = at(inputs, "networkProfile")
    plugin, mode, plane = (
        text(profile, setting) for setting in ("networkPlugin", "networkPluginMode", "networkDataplane")
    )
    if plane == "cilium" and plugin != "azure":
        raise v.invalid("networkDataplane cilium requires networkPlugin azure.", code="InvalidNetworkProfile")
    if mode == "overlay" and plugin != "azure":
        raise v.invalid("networkPluginMode overlay requires networkPlugin azure.", code="InvalidNetworkProfile")
    if plane == "cilium" and text(profile, "networkPolicy") not in {"", "cilium"}:
        raise v.invalid("networkDataplane cilium requires networkPolicy cilium.", code="InvalidNetworkProfile")
    if text(profile, "outboundType") == "userAssignedNATGateway":
        for subnet in texts(inputs, "agentPoolProfiles.vnetSubnetID"):
            found = call.account.get(v.SUBNET, subnet)
            if found is not None and not found.text("natGateway.id"):
                raise CloudError(
                    "InvalidUserAssignedNATGateway",
                    f"Subnet {subnet} is not associated with a NAT gateway, which outboundType "
                    "userAssignedNATGateway needs.",
                )


def _api_access(_call: Call, inputs: Object) -> None:
    """Words: Azure/AKS issue 2218; https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges."""
    profile = at(inputs, "apiServerAccessProfile")
    private, ranges = truth(profile, "enablePrivateCluster"), texts(profile, "authorizedIPRanges")
    if private and ranges:
        raise v.invalid(
            "Authorized IP ranges are not supported for private cluster.", code="AuthorizedIPRangesNotAllowed"
        )
    if len(ranges) > _MOST_RANGES:
        raise v.invalid(f"At most {_MOST_RANGES} authorized IP ranges are allowed, got {len(ranges)}.")
    inside = [address_range for address_range in ranges if _is_private(address_range)]
    if inside:
        raise CloudError("InvalidParameter", f"Authorized IP ranges {', '.join(inside)} are not public addresses.")
    zone = text(profile, "privateDNSZone")
    if zone and not private:
        raise v.invalid("privateDNSZone can only be set when enablePrivateCluster is true.")


def _is_private(cidr: str) -> bool:
    wanted = network(cidr)
    return any(
        wanted.subnet_of(network(private))
        for private in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
    )


def _private_zone(call: Call, inputs: Object) -> None:
    """Words: https://learn.microsoft.com/azure/aks/private-clusters, custom private DNS zone."""
    zone = text(inputs, "apiServerAccessProfile.privateDNSZone")
    if not zone.startswith("/subscriptions/"):
        if zone not in {"", "system", "none"}:
            raise CloudError(
                "InvalidPrivateDNSZone", f"privateDNSZone {zone!r} is not 'system', 'none' or a resource id."
            )
        return
    expected = f"privatelink.{call.region}.azmk8s.io"
    if not zone.endswith((f"/{expected}", f".{expected}")):
        raise CloudError(
            "CustomPrivateDNSZoneInvalidName",
            f"Custom private DNS zone name should match the pattern '{expected}' or '<subzone>.{expected}', got "
            f"'{zone.rpartition('/')[2]}'.",
        )
    if call.account.get(v.PRIVATE_ZONE, zone) is None:
        raise CloudError("ResourceNotFound", f"The Resource '{zone}' was not found.")


def _rights(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/aks/use-managed-identity; words: error-code-…-authorizationfailed.

    Only identities that this program made are looked into; those of other hands have their roles.
    """
    for identifier in texts(inputs, "identity.userAssignedIdentities"):
        own = call.account.get(v.IDENTITY, identifier)
        if own is None or own.seeded:
            continue
        principal = own.text("principalId")
        needed: list[tuple[str, str, str]] = [
            (subnet, "Network Contributor", "Microsoft.Network/virtualNetworks/subnets/join/action")
            for subnet in texts(inputs, "agentPoolProfiles.vnetSubnetID")
        ]
        needed += [
            (
                kubelet_identity,
                "Managed Identity Operator",
                "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
            )
            for kubelet_identity in texts(inputs, "identityProfile.kubeletidentity.resourceId")
        ]
        zone = text(inputs, "apiServerAccessProfile.privateDNSZone")
        if zone.startswith("/subscriptions/"):
            needed.append((zone, "Private DNS Zone Contributor", "Microsoft.Network/privateDnsZones/join/action"))
        for scope, role, action in needed:
            if not role_on(call, principal, role, scope):
                raise CloudError(
                    "CustomKubeletIdentityMissingPermissionError"
                    if "ManagedIdentity" in action
                    else "LinkedAuthorizationFailed",
                    f"The client '{own.text('clientId')}' with object id '{principal}' does not have permission "
                    "to perform "
                    f"action '{action}' on scope '{scope}'.",
                )


def _pools(call: Call, inputs: Object) -> None:
    pools = objects(inputs, "agentPoolProfiles")
    if not any(text(profile, "mode") == "System" for profile in pools):
        raise v.invalid("Must define at least one system pool.", code="MustDefineAtLeastOneSystemPool")
    for first, second in combinations(pools, 2):
        if text(first, "name") == text(second, "name"):
            raise v.invalid(f"Agent pool name {text(first, 'name')} is used twice.")
    for pool in pools:
        require_pool(call, pool, text(pool, "name"), f"{call.identifier}/agentPools/{text(pool, 'name')}")


def _kms(_call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption."""
    kms = at(inputs, "securityProfile.azureKeyVaultKms")
    if truth(kms, "enabled") and not text(kms, "keyId"):
        raise v.invalid("securityProfile.azureKeyVaultKms.keyId is required when it is enabled.")


def _upgrade(call: Call, old: Object, new: Object) -> None:
    """Words: https://learn.microsoft.com/azure/aks/upgrade-aks-cluster; pulumi-azure-native issues 1686 and 4264."""
    before, after = number(text(old, "kubernetesVersion")), number(text(new, "kubernetesVersion"))
    if after < before:
        raise CloudError(
            "OperationNotAllowed",
            f"Downgrading Kubernetes version {text(old, 'kubernetesVersion')} to {text(new, 'kubernetesVersion')} "
            "is not "
            "allowed.",
        )
    if after > before + 1:
        raise CloudError(
            "OperationNotAllowed",
            f"Upgrading Kubernetes version {text(old, 'kubernetesVersion')} to {text(new, 'kubernetesVersion')} is not "
            "allowed. Available upgrades: one minor version at a time. Please see https://aka.ms/aks-supported-k8s-ver",
        )
    for pool in call.account.where(v.AGENT_POOL, "resourceName", text(new, "resourceName")):
        if after - number(pool.text("orchestratorVersion")) > 3:  # noqa: PLR2004 - https://kubernetes.io/releases/version-skew-policy
            raise CloudError(
                "NodePoolMcVersionIncompatible",
                f"Node pool version {pool.text('orchestratorVersion')} and control plane version "
                f"{text(new, 'kubernetesVersion')} are incompatible. Minor version of node pool cannot be more than 3 "
                "versions less than control plane's version.",
            )
    known = {text(profile, "name"): profile for profile in objects(old, "agentPoolProfiles")}
    beside = {
        pool.text("agentPoolName")
        for pool in call.account.where(v.AGENT_POOL, "resourceName", text(new, "resourceName"))
    }
    for pool in objects(new, "agentPoolProfiles"):
        name = text(pool, "name")
        if name in beside:
            continue
        if name not in known:
            raise CloudError(
                "OperationNotAllowed",
                "A new agent pool was introduced. Adding agent pools to an existing cluster is not allowed "
                "through managed "
                f"cluster operations. For agent pool specific change, please use per agent pool operations: '{name}'.",
            )
        require_unchanged(known[name], pool, "properties.agentPoolProfiles")
    _frozen(old, new)


_FROZEN = (
    "dnsPrefix",
    "nodeResourceGroup",
    "networkProfile.serviceCidr",
    "networkProfile.dnsServiceIP",
    "networkProfile.networkPlugin",
    "networkProfile.loadBalancerSku",
    "apiServerAccessProfile.enablePrivateCluster",
    "apiServerAccessProfile.privateDNSZone",
    "enableRBAC",
)


def _frozen(old: Object, new: Object) -> None:
    for path in _FROZEN:
        if at(old, path) != at(new, path):
            raise CloudError("PropertyChangeNotAllowed", f"Changing property 'properties.{path}' is not allowed.")
    if truth(old, "oidcIssuerProfile.enabled") and not truth(new, "oidcIssuerProfile.enabled"):
        raise CloudError("OIDCIssuerFeatureCannotBeDisabled", "OIDC issuer feature cannot be disabled.")


def _all_pools(account: Account, record: Record) -> Object:
    """A cluster is answered with all its pools, those included that were made on their own.

    Seen in pulumi-azure-native issues 579, 1532, 2059 and 2719.
    """
    own: list[Value] = [*inline_pools(record)]
    beside: list[Value] = [
        {
            "name": pool.text("agentPoolName"),
            **{path: pool.inputs[path] for path in _ROOTS if path in pool.inputs},
        }
        for pool in account.where(v.AGENT_POOL, "resourceName", record.text("resourceName"))
    ]
    return {"agentPoolProfiles": [*own, *beside]} if beside else {}


_ROOTS = tuple(dict.fromkeys(path.split(".")[0] for path in POOL))


def _computed(call: Call, inputs: Object) -> Object:
    name = text(inputs, "resourceName")
    private = truth(inputs, "apiServerAccessProfile.enablePrivateCluster")
    tail = uuid.uuid5(uuid.UUID(v.TENANT), call.identifier).hex[:8]
    host = f"{text(inputs, 'dnsPrefix') or name}-{tail}"
    return {
        "fqdn": "" if private else f"{host}.hcp.{call.region}.azmk8s.io",
        "privateFQDN": f"{host}.privatelink.{call.region}.azmk8s.io" if private else "",
        "azurePortalFQDN": f"{host}.portal.hcp.{call.region}.azmk8s.io",
        "maxAgentPools": 100,
        "eTag": tail,
        "resourceUID": uuid.uuid5(uuid.UUID(v.TENANT), f"uid {call.identifier}").hex,
        "powerState": {"code": "Running"},
        "oidcIssuerProfile": {"issuerURL": f"https://{call.region}.oic.prod-aks.azure.com/{v.TENANT}/{tail}/"},
    }


def _recomputed(_call: Call, inputs: Object) -> Object:
    return {"currentKubernetesVersion": newest_patch(text(inputs, "kubernetesVersion") or KUBERNETES[-1])}


def _to_identity(code: str) -> Prop:
    return Prop(
        refers=Reference(kinds=(v.IDENTITY,), code=code, message="The identity '{value}' was not found.", holds=False),
        source=f"{_LEARN}/use-managed-identity",
    )


def cluster_name() -> Prop:
    """How AKS' other types name a cluster."""
    return Prop(
        fixed=True,
        refers=Reference(
            kinds=(v.CLUSTER,),
            by="name",
            code="ParentResourceNotFound",
            message="Can not perform requested operation on nested resource. Parent resource '{value}' not found.",
            holds=False,
        ),
    )


CLUSTER = Kind(
    token=v.CLUSTER,
    source=f"{v.SPECS}/containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2025-09-01/managedClusters.json",
    service="Microsoft.ContainerService",
    noun="managed cluster",
    operation="ManagedClusters",
    make_id=v.ResourceIds(_TYPE, "resourceName"),
    autoname="resourceName",
    properties={
        "resourceName": Prop(
            allowed=Pattern(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"), fixed=True, source=v.RESOURCE_NAMES
        ),
        "resourceGroupName": v.in_group(),
        "nodeResourceGroup": Prop(allowed=Pattern(r"[A-Za-z0-9_.()-]{1,80}"), managed=True),
        "dnsPrefix": Prop(allowed=Pattern(r"[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?")),
        "kubernetesVersion": Prop(allowed=Pattern(r"1\.\d{2}(\.\d{1,3})?"), managed=True),
        "sku": Prop(),
        "sku.name": v.one_of("Base", "Automatic"),
        "sku.tier": v.one_of("Free", "Standard", "Premium"),
        "supportPlan": v.one_of("KubernetesOfficial", "AKSLongTermSupport", default="KubernetesOfficial"),
        "identity": Prop(),
        "identity.type": v.one_of("SystemAssigned", "UserAssigned", "None"),
        "identity.userAssignedIdentities": Prop(
            length=(1, 1),
            refers=Reference(
                kinds=(v.IDENTITY,),
                code="IdentityNotFound",
                message="The identity '{value}' was not found.",
                holds=False,
            ),
        ),
        "identityProfile": Prop(),
        "identityProfile.kubeletidentity": Prop(),
        "identityProfile.kubeletidentity.resourceId": _to_identity("CustomKubeletIdentityNotFound"),
        "identityProfile.kubeletidentity.clientId": Prop(allowed=Pattern(v.UUID)),
        "identityProfile.kubeletidentity.objectId": Prop(allowed=Pattern(v.UUID)),
        "aadProfile": Prop(source=f"{_LEARN}/enable-authentication-microsoft-entra-id"),
        "aadProfile.managed": Prop(),
        "aadProfile.enableAzureRBAC": Prop(),
        "disableLocalAccounts": Prop(default=False),
        "enableRBAC": Prop(default=True),
        "agentPoolProfiles": Prop(length=(1, 100)),
        "agentPoolProfiles.name": Prop(allowed=Between(1, 63)),
        **{f"agentPoolProfiles.{path}": prop for path, prop in POOL.items()},
        "networkProfile": Prop(source=f"{_LEARN}/azure-cni-overlay"),
        "networkProfile.networkPlugin": v.one_of("azure", "kubenet", "none"),
        "networkProfile.networkPluginMode": v.one_of("overlay"),
        "networkProfile.networkDataplane": v.one_of("azure", "cilium"),
        "networkProfile.networkPolicy": v.one_of("none", "calico", "azure", "cilium"),
        "networkProfile.podCidr": Prop(allowed=Cidr()),
        "networkProfile.serviceCidr": Prop(allowed=Cidr()),
        "networkProfile.dnsServiceIP": Prop(allowed=Pattern(r"(\d{1,3}\.){3}\d{1,3}")),
        "networkProfile.loadBalancerSku": v.one_of("standard", "basic"),
        "networkProfile.outboundType": v.one_of(
            "loadBalancer", "userDefinedRouting", "managedNATGateway", "userAssignedNATGateway", "none"
        ),
        "apiServerAccessProfile": Prop(source=f"{_LEARN}/private-clusters"),
        "apiServerAccessProfile.authorizedIPRanges": Prop(allowed=Cidr(), unordered=True),
        "apiServerAccessProfile.enablePrivateCluster": Prop(),
        "apiServerAccessProfile.enablePrivateClusterPublicFQDN": Prop(),
        "apiServerAccessProfile.privateDNSZone": Prop(),
        "apiServerAccessProfile.disableRunCommand": Prop(),
        "oidcIssuerProfile": Prop(source=f"{_LEARN}/use-oidc-issuer"),
        "oidcIssuerProfile.enabled": Prop(),
        "securityProfile": Prop(),
        "securityProfile.workloadIdentity": Prop(source=f"{_LEARN}/workload-identity-overview"),
        "securityProfile.workloadIdentity.enabled": Prop(),
        "securityProfile.azureKeyVaultKms": Prop(source=f"{_LEARN}/use-kms-etcd-encryption"),
        "securityProfile.azureKeyVaultKms.enabled": Prop(),
        "securityProfile.azureKeyVaultKms.keyId": Prop(
            allowed=Pattern(r"https://[^/]+/keys/[A-Za-z0-9-]{1,127}/[0-9a-f]{32}")
        ),
        "securityProfile.azureKeyVaultKms.keyVaultNetworkAccess": v.one_of("Public", "Private"),
        "storageProfile": Prop(source=f"{_LEARN}/csi-storage-drivers"),
        **{
            path: Prop()
            for driver in ("diskCSIDriver", "fileCSIDriver", "blobCSIDriver", "snapshotController")
            for path in (f"storageProfile.{driver}", f"storageProfile.{driver}.enabled")
        },
        "autoUpgradeProfile": Prop(source=f"{_LEARN}/auto-upgrade-cluster"),
        "autoUpgradeProfile.upgradeChannel": v.one_of("rapid", "stable", "patch", "node-image", "none"),
        "autoUpgradeProfile.nodeOSUpgradeChannel": v.one_of("None", "Unmanaged", "NodeImage", "SecurityPatch"),
        "bootstrapProfile": Prop(source=f"{_LEARN}/network-isolated"),
        "bootstrapProfile.artifactSource": v.one_of("Direct", "Cache"),
        **v.PLACED,
    },
    demands=(_version, _ranges, _network, _api_access, _kms, _pools),
    on_create=(_private_zone, _rights),
    on_update=(_upgrade,),
    compute=v.described(_TYPE, _computed),
    recompute=_recomputed,
    listed=_all_pools,
    volatile=("currentKubernetesVersion",),
    in_use=("InUseResourceCannotBeDeleted", "Managed cluster {id} is in use by {holder}."),
    missing=("ResourceNotFound", "The Resource '{id}' was not found."),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
    chosen=("oidcIssuerProfile.issuerURL",),
    minutes=6,
    delete_minutes=5,
    comes_up_badly=frozenset({"AllocationFailed", "ZonalAllocationFailed", "OverconstrainedZonalAllocationRequest"}),
    effects=cluster_effects(managed, require_machines),
)

KINDS = (CLUSTER,)
"""Every type of this file."""
