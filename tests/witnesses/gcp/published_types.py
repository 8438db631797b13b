"""Which published schema describes each type that the program declares, and where the provider words it otherwise.

A path that is in neither table has to be the published one: the provider's names are the API's but for these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .discovery import Path

PATH_PARAMETERS = frozenset({"project", "region", "zone", "location", "router", "cluster"})
"""Part of the URL of a request in place of its body."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """The schema of a type.

    Attributes:
        api: Document, such as ``container.v1``.
        schema: Name of its schema.
        renamed: Published path by the provider's, for a property and all that it holds.
        own: Properties that the API does not have, with the reason.
    """

    api: str
    schema: str
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    own: Mapping[str, str] = field(default_factory=dict[str, str])

    def path(self, provider_path: Path) -> Path:
        """The published path of a property."""
        for length in range(len(provider_path), 0, -1):
            published = self.renamed.get(".".join(provider_path[:length]))
            if published is not None:
                return (*published.split("."), *provider_path[length:])
        return provider_path

    def why_own(self, provider_path: Path) -> str | None:
        """Why the API has no such property; None where it has to have it."""
        if provider_path[0] in PATH_PARAMETERS:
            return "part of the URL"
        above = (".".join(provider_path[:length]) for length in range(1, len(provider_path) + 1))
        return next((self.own[path] for path in above if path in self.own), None)


_NODE_CONFIG = {
    "guestAccelerators": "accelerators",
    "guestAccelerators.type": "accelerators.acceleratorType",
    "guestAccelerators.count": "accelerators.acceleratorCount",
}
_WINDOW = "maintenancePolicy.window"
_COMPUTE, _CONTAINER = "compute.v1", "container.v1"
TYPES: Mapping[str, Published] = {
    "gcp:container/cluster:Cluster": Published(
        api=_CONTAINER,
        schema="Cluster",
        renamed={
            "nodeLocations": "locations",
            "minMasterVersion": "initialClusterVersion",
            "defaultMaxPodsPerNode": "defaultMaxPodsConstraint.maxPodsPerNode",
            "datapathProvider": "networkConfig.datapathProvider",
            "enableMultiNetworking": "networkConfig.enableMultiNetworking",
            "gatewayApiConfig": "networkConfig.gatewayApiConfig",
            "enableShieldedNodes": "shieldedNodes.enabled",
            "loggingConfig.enableComponents": "loggingConfig.componentConfig.enableComponents",
            "monitoringConfig.enableComponents": "monitoringConfig.componentConfig.enableComponents",
            "monitoringConfig.managedPrometheus": "monitoringConfig.managedPrometheusConfig",
            "maintenancePolicy": "maintenancePolicy.window",
            "maintenancePolicy.recurringWindow.startTime": f"{_WINDOW}.recurringWindow.window.startTime",
            "maintenancePolicy.recurringWindow.endTime": f"{_WINDOW}.recurringWindow.window.endTime",
            # A map by name, which the provider has as a list.
            "maintenancePolicy.maintenanceExclusions.startTime": f"{_WINDOW}.maintenanceExclusions.*.startTime",
            "maintenancePolicy.maintenanceExclusions.exclusionOptions": (
                f"{_WINDOW}.maintenanceExclusions.*.maintenanceExclusionOptions"
            ),
        },
        own={
            "deletionProtection": "the provider's own, which the API never sees",
            "removeDefaultNodePool": "the provider deletes the pool after it made the cluster",
            "maintenancePolicy.maintenanceExclusions.exclusionName": "key of the published map",
            "networkingMode": "the provider's word for ipAllocationPolicy.useIpAliases",
        },
    ),
    "gcp:container/nodePool:NodePool": Published(
        api=_CONTAINER,
        schema="NodePool",
        renamed={
            "nodeLocations": "locations",
            "nodeCount": "initialNodeCount",
            "maxPodsPerNode": "maxPodsConstraint.maxPodsPerNode",
            "nodeConfig": "config",
            **{f"nodeConfig.{path}": f"config.{published}" for path, published in _NODE_CONFIG.items()},
        },
    ),
    "gcp:compute/network:Network": Published(
        api=_COMPUTE, schema="Network", renamed={"routingMode": "routingConfig.routingMode"}
    ),
    "gcp:compute/subnetwork:Subnetwork": Published(api=_COMPUTE, schema="Subnetwork"),
    "gcp:compute/router:Router": Published(api=_COMPUTE, schema="Router"),
    "gcp:compute/routerNat:RouterNat": Published(api=_COMPUTE, schema="RouterNat"),
    "gcp:compute/firewall:Firewall": Published(
        api=_COMPUTE,
        schema="Firewall",
        renamed={"allows": "allowed", "allows.protocol": "allowed.IPProtocol"},
    ),
    "gcp:compute/globalAddress:GlobalAddress": Published(api=_COMPUTE, schema="Address"),
    "gcp:compute/resourcePolicy:ResourcePolicy": Published(api=_COMPUTE, schema="ResourcePolicy"),
    "gcp:compute/interconnect:Interconnect": Published(api=_COMPUTE, schema="Interconnect"),
    "gcp:compute/interconnectAttachment:InterconnectAttachment": Published(
        api=_COMPUTE, schema="InterconnectAttachment"
    ),
    "gcp:compute/interconnectAttachmentGroup:InterconnectAttachmentGroup": Published(
        api=_COMPUTE,
        schema="InterconnectAttachmentGroup",
        own={"attachments.name": "key of the published map, which the provider has as a list"},
    ),
    "gcp:compute/routerInterface:RouterInterface": Published(
        api=_COMPUTE,
        schema="RouterInterface",
        renamed={"interconnectAttachment": "linkedInterconnectAttachment", "vpnTunnel": "linkedVpnTunnel"},
    ),
    "gcp:compute/routerPeer:RouterPeer": Published(
        api=_COMPUTE,
        schema="RouterBgpPeer",
        renamed={"interface": "interfaceName", "md5AuthenticationKey.name": "md5AuthenticationKeyName"},
        own={"md5AuthenticationKey": "kept in the router (Router.md5AuthenticationKeys)"},
    ),
    "gcp:compute/haVpnGateway:HaVpnGateway": Published(api=_COMPUTE, schema="VpnGateway"),
    "gcp:compute/externalVpnGateway:ExternalVpnGateway": Published(api=_COMPUTE, schema="ExternalVpnGateway"),
    "gcp:compute/vPNTunnel:VPNTunnel": Published(api=_COMPUTE, schema="VpnTunnel"),
    "gcp:networkconnectivity/spoke:Spoke": Published(api="networkconnectivity.v1", schema="Spoke"),
    "gcp:servicenetworking/connection:Connection": Published(
        api="servicenetworking.v1",
        schema="Connection",
        own={"deletionPolicy": "what the provider does at a delete"},
    ),
    "gcp:filestore/instance:Instance": Published(api="file.v1", schema="Instance"),
    "gcp:storage/bucket:Bucket": Published(
        api="storage.v1",
        schema="Bucket",
        renamed={
            "uniformBucketLevelAccess": "iamConfiguration.uniformBucketLevelAccess.enabled",
            "publicAccessPrevention": "iamConfiguration.publicAccessPrevention",
        },
        own={"forceDestroy": "the provider deletes the objects first"},
    ),
    "gcp:storage/bucketIAMMember:BucketIAMMember": Published(
        api="storage.v1",
        schema="Policy",
        renamed={"role": "bindings.role", "member": "bindings.members"},
        own={"bucket": "part of the URL"},
    ),
    "gcp:projects/iAMMember:IAMMember": Published(
        api="cloudresourcemanager.v1", schema="Binding", renamed={"member": "members"}
    ),
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": Published(
        api="cloudkms.v1", schema="Binding", renamed={"member": "members"}, own={"cryptoKeyId": "part of the URL"}
    ),
    "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": Published(
        api="dns.v1",
        schema="GoogleIamV1Binding",
        renamed={"member": "members"},
        own={"managedZone": "part of the URL"},
    ),
    "gcp:serviceaccount/account:Account": Published(
        api="iam.v1",
        schema="CreateServiceAccountRequest",
        renamed={"displayName": "serviceAccount.displayName", "description": "serviceAccount.description"},
    ),
    "gcp:projects/service:Service": Published(
        api="serviceusage.v1",
        schema="GoogleApiServiceusageV1Service",
        renamed={"service": "name"},
        own={"disableOnDestroy": "what the provider does at a delete"},
    ),
}
"""The schema of each type by its token."""

UNPUBLISHED: Mapping[str, str] = {
    "gcp:lustre/instance:Instance": "google-api-python-client has no document of lustre.googleapis.com",
}
"""Types of which there is no document to judge by."""
