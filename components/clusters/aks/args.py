"""An AKS cluster as a program asks for it.

Owns the arguments and how they relate to the settings of a stack: ``of`` makes arguments of settings, and
``settings`` makes settings of arguments, by which facts and rules see every cluster the same way. Ids of
existing things are inputs, so that they may be outputs of other resources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ...contracts.api_access import ApiAccess
from ...contracts.arguments import checked_arguments
from ...contracts.maintenance import Maintenance
from ...contracts.names import ObjectName
from ...contracts.pools import NodePool
from ...contracts.sources import ImageMirror, Sha256Digest
from ...networks.azure.args import ClusterRanges, ExistingVnet, NewVnet, vnet_of, vnet_settings
from ...networks.azure.settings import Uuid
from ...networks.inputs import text_or
from ..arguments import checked
from .settings import (
    Admin,
    AksTarget,
    DnsZones,
    FilesStorage,
    KeyVault,
    OsDisk,
    PrincipalType,
    SharedStorage,
    Support,
    SystemPool,
)

_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/not-known/providers"
_IDENTITIES = f"{_GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities"
_ZONE = f"{_GROUP}/Microsoft.Network/privateDnsZones/not-known"
_KEY = "https://not-known.vault.azure.net/keys/not-known/00000000000000000000000000000000"

NAMES: Mapping[str, str] = {
    "network.pods": "pod_cidr",
    "network.services": "service_cidr",
    "network.dns_service_ip": "dns_service_ip",
}
"""Name of an argument by the path of its setting, where they differ."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class AksAdmin:
    """Somebody with full rights in the cluster.

    Attributes:
        object_id: Object id in Entra, such as ``11111111-2222-3333-4444-555555555555``; of applications that of the
            service principal.
        type: What it is.
    """

    object_id: pulumi.Input[Uuid]
    type: PrincipalType


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class AksClusterArgs:
    """An AKS cluster.

    Attributes:
        subscription: Id of its subscription; that of the provider where the caller gives one.
        region: Azure region, such as ``eastus2``.
        resource_group: Name of the resource group of everything; made unless it is adopted.
        kubernetes_version: Minor version, such as ``1.34``; raise it one at a time.
        network: Its virtual network.
        api_access: From where the API server can be reached.
        admins: Users, groups and service principals with full rights, by a name that stays; the one that runs Pulumi
            has to be among them.
        system_pool: The nodes of AKS' own pods.
        pools: Its node pools.
        name: Name of the cluster; the component's where left out.
        adopt_resource_group: Whether the resource group exists, or the caller makes it.
        pod_cidr: Addresses of pods.
        service_cidr: Addresses of services.
        dns_service_ip: Address of cluster DNS, within the services'.
        private_dns_zone: Resource id of the zone of a private cluster; made and linked where left out.
        os_disk: The disks that nodes run from.
        maintenance: When AKS may give nodes newer images by itself.
        local_volumes: Whether Azure Container Storage makes volumes of the machines' own NVMe disks.
        adopt_cluster: Whether the control plane of that name exists and stays as it is; only node pools are made.
        cluster_identity: Resource id of the control plane's managed identity; made where left out.
        node_identity: Resource id of the nodes' managed identity; made where left out.
        kms_key: Version of the key that encrypts Kubernetes' data; Azure's own where left out.
        support: How long the Kubernetes version is supported.
        shared_storage: The file system that all nodes share.
        dns: Zones in which names of Services are written.
        secrets: Secrets that pods may ask for.
        apis: API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com``.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name, such as ``azurelustre-csi-noble``.
        protect: Whether cluster and shared storage refuse to be deleted.
        tags: Tags of everything that is made.
    """

    subscription: str
    region: str
    resource_group: pulumi.Input[str]
    kubernetes_version: str
    network: NewVnet | ExistingVnet
    api_access: ApiAccess
    admins: Mapping[str, AksAdmin]
    system_pool: SystemPool
    pools: Sequence[NodePool]
    name: ObjectName | None = None
    adopt_resource_group: bool = False
    pod_cidr: str = "10.244.0.0/16"
    service_cidr: str = "10.0.0.0/16"
    dns_service_ip: str = "10.0.0.10"
    private_dns_zone: pulumi.Input[str] | None = None
    os_disk: OsDisk = field(default_factory=OsDisk)
    maintenance: Maintenance = field(default_factory=Maintenance)
    local_volumes: bool = False
    adopt_cluster: bool = False
    cluster_identity: pulumi.Input[str] | None = None
    node_identity: pulumi.Input[str] | None = None
    kms_key: pulumi.Input[str] | None = None
    support: Support = Support.STANDARD
    shared_storage: SharedStorage = field(default_factory=FilesStorage)
    dns: DnsZones | None = None
    secrets: KeyVault | None = None
    apis: Sequence[str] = ()
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])
    protect: bool = False
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])

    @classmethod
    def of(cls, target: AksTarget, pools: Sequence[NodePool]) -> AksClusterArgs:
        """The cluster of a stack's settings."""
        return cls(
            subscription=target.subscription,
            region=target.region,
            resource_group=target.resource_group,
            kubernetes_version=target.kubernetes_version,
            network=vnet_of(target.network),
            api_access=target.api_access,
            # By their ids: role assignments of stacks that are up are called so.
            admins={admin.object_id: AksAdmin(object_id=admin.object_id, type=admin.type) for admin in target.admins},
            system_pool=target.system_pool,
            pools=pools,
            name=target.name,
            adopt_resource_group=target.adopt_resource_group,
            pod_cidr=target.pod_cidr,
            service_cidr=target.service_cidr,
            dns_service_ip=target.dns_service_ip,
            private_dns_zone=target.private_dns_zone,
            os_disk=target.os_disk,
            maintenance=target.maintenance,
            local_volumes=target.local_volumes,
            adopt_cluster=target.adopt_cluster,
            cluster_identity=target.cluster_identity,
            node_identity=target.node_identity,
            kms_key=target.kms_key,
            support=target.support,
            shared_storage=target.shared_storage,
            dns=target.dns,
            secrets=target.secrets,
            apis=target.apis,
            protect=target.protect,
            tags=target.tags,
        )

    def settings(self, component: str) -> AksTarget:
        """The cluster as settings; stand-ins take the place of ids that are not known yet.

        Args:
            component: Name of the component.

        Raises:
            StrataError: for every argument that does not have the form that settings have.
        """
        return checked(lambda: self._settings(component))

    def _settings(self, component: str) -> AksTarget:
        ranges = ClusterRanges(pods=self.pod_cidr, services=self.service_cidr, dns=self.dns_service_ip)
        return AksTarget(
            kind="aks",
            name=self.name or component,
            subscription=self.subscription,
            region=self.region,
            resource_group=text_or(self.resource_group, "not-known"),
            adopt_resource_group=self.adopt_resource_group,
            kubernetes_version=self.kubernetes_version,
            network=checked(lambda: vnet_settings(self.network, self.subscription, ranges), "network", NAMES),
            api_access=self.api_access,
            private_dns_zone=text_or(self.private_dns_zone, _ZONE),
            admins=tuple(
                Admin(
                    object_id=text_or(admin.object_id, f"00000000-0000-0000-0000-{index:012x}"),
                    type=admin.type,
                )
                for index, admin in enumerate(self.admins.values())
            ),
            system_pool=self.system_pool,
            os_disk=self.os_disk,
            maintenance=self.maintenance,
            local_volumes=self.local_volumes,
            adopt_cluster=self.adopt_cluster,
            cluster_identity=text_or(self.cluster_identity, f"{_IDENTITIES}/cluster"),
            node_identity=text_or(self.node_identity, f"{_IDENTITIES}/nodes"),
            kms_key=text_or(self.kms_key, _KEY),
            support=self.support,
            shared_storage=self.shared_storage,
            dns=self.dns,
            secrets=self.secrets,
            apis=tuple(self.apis),
            protect=self.protect,
            tags={key: text_or(value, "known-later") or "" for key, value in self.tags.items()},
        )
