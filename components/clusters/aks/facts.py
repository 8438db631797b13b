"""The facts of an AKS cluster, all of them known before it exists.

Owns what pods and the planner may count on: nodes, storage classes, load balancers, identities. Names that
Azure chooses, such as the share's server, are added to the storage class by the cluster's component.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ...contracts.api_groups import RESOURCE_METRICS, VOLUME_SNAPSHOTS
from ...contracts.cluster_facts import Authentication, ClusterFacts, NodeRepair, PoolFacts, StorageFacts, VolumeClass
from ...contracts.devices import DevicePart
from ...contracts.dns import DnsFacts, ZoneFacts
from ...contracts.pools import DriverOwner, NodePool
from ...contracts.quantities import ByteSize
from ...contracts.secret_stores import SecretStoreFacts
from ...networks.azure.settings import CreatedVnet
from ...networks.nat import EVERYWHERE, NatGateways
from ...planner.catalogs.described import machine_of
from ...planner.shapes import pool_facts
from ..volume_classes import block_class, shared_class
from .disks import ephemeral_storage
from .purchase import purchase
from .settings import AksTarget, FilesStorage, LustreStorage

DEFAULT_DRIVER = DriverOwner.PLATFORM
"""AKS installs a driver that it tests with its own images, and the only one that drives vGPUs."""
# https://learn.microsoft.com/azure/aks/use-nvidia-gpu: the plugin is the user's, unless a pool is of the preview
# "managed", which the API version in use lacks.
PROVIDED: Mapping[DriverOwner, Sequence[DevicePart]] = {
    # https://learn.microsoft.com/azure/aks/gpu-multi-instance: AKS cuts the GPUs, by the pool's GPU instance profile.
    DriverOwner.PLATFORM: (DevicePart.DRIVER, DevicePart.TOOLKIT, DevicePart.MIG_LAYOUT)
}
"""What GPU nodes come with, by the owner of their driver."""
LOCAL_CLASS = "strata-local"
DISK_DRIVER = "disk.csi.azure.com"
FILES_DRIVER = "file.csi.azure.com"
LUSTRE_DRIVER = "azurelustre.csi.azure.com"
LOCAL_DRIVER = "localdisk.csi.acstor.io"
WORKLOAD_IDENTITY = "azure-workload-identity"
# https://learn.microsoft.com/azure/aks/workload-identity-overview: its webhook gives such pods tokens of Entra's.
_TAKES_IDENTITY = {"azure.workload.identity/use": "true"}
# https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer.
INTERNAL_BALANCER = {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}
"""Inside the virtual network only."""

_MIB = 2**20
# Premium SSD v2 includes 125 MB/s and 3,000 operations per second (Azure Disks, disk types).
_DISK_READ = 125e6
# Provisioned shares read 100 MiB/s and a tenth more for each GiB, up to 10,340 MiB/s (Azure Files, billing).
_FILES_BASE, _FILES_PER_GIB, _FILES_MOST = 100, 0.1, 10_340
# One TCP connection of an NFS client, which is all that mounts without nconnect get (Azure Files, NFS performance).
_NFS_CONNECTION_READ = 1500 * _MIB
# One Lustre client over Ethernet with accelerated networking, measured on D-series (Managed Lustre, optimize).
_LUSTRE_CLIENT_READ = 4e9
# One local NVMe disk of an ND or NC machine (Azure size pages: 28 GB/s over eight disks).
_NVME_READ = 3.5e9


def aks_facts(target: AksTarget, pools: Sequence[NodePool]) -> ClusterFacts:
    """The facts of an AKS cluster with these pools.

    Raises:
        StrataError: when a pool's machine type is unknown or does not suit its kind.
    """
    return ClusterFacts(
        name=target.name,
        environment="aks",
        # AKS documentation, "Core concepts": metrics-server is among the managed components of every cluster. The
        # snapshot controller can be switched off (learn.microsoft.com/azure/aks/csi-storage-drivers,
        # --disable-snapshot-controller); clusters made here have it on.
        apis=(RESOURCE_METRICS, *(() if target.adopt_cluster else (VOLUME_SNAPSHOTS,)), *target.apis),
        kubernetes_version=target.kubernetes_version,
        pools=tuple(_pool(target, pool) for pool in pools),
        storage=StorageFacts(
            read_write_once=_block_class(), read_write_many=_shared_class(target), scratch=_local_class(target, pools)
        ),
        load_balancer_annotations=INTERNAL_BALANCER,
        pod_ranges=(target.pod_cidr, target.service_cidr),
        authentication=Authentication.ENTRA,
        workload_identity=WORKLOAD_IDENTITY,
        internet=_reaches_internet(target),
        dns=_dns(target),
        secrets=_secrets(target),
        # learn.microsoft.com/azure/aks/node-auto-repair (2026-11-27): nodes that are not ready or tell nothing for ten
        # minutes are rebooted, then reimaged, then redeployed. XIDErrors is a condition that AKS only shows
        # (learn.microsoft.com/azure/aks/gpu-health-monitoring, 2026-11-27).
        node_repair=NodeRepair.UNREADY,
        existed=target.adopt_cluster,
    )


def _dns(target: AksTarget) -> DnsFacts | None:
    """Azure's API; its webhook of workload identity tells pods with the label the rest."""
    if target.dns is None:
        return None
    account = {
        "subscriptionId": target.subscription,
        "resourceGroup": target.dns.resource_group,
        "useWorkloadIdentityExtension": True,
    }
    return DnsFacts(
        provider="azure-private-dns" if target.dns.private else "azure",
        zones=tuple(ZoneFacts(domain=domain) for domain in target.dns.zones),
        files={"azure.json": json.dumps(account)},
        pod_labels=_TAKES_IDENTITY,
    )


def _secrets(target: AksTarget) -> SecretStoreFacts | None:
    """Key Vault, asked as the pods' own identity (external-secrets v2.9.0, ``azure/keyvault/keyvault.go``)."""
    if target.secrets is None:
        return None
    return SecretStoreFacts(
        provider="azurekv",
        # With a service account named here it would make tokens of that one, which it may not.
        settings={"authType": "WorkloadIdentity", "vaultUrl": f"https://{target.secrets.name}.vault.azure.net"},
        about=f"all secrets of the vault {target.secrets.name}",
        pod_labels=_TAKES_IDENTITY,
    )


def _reaches_internet(target: AksTarget) -> bool:
    """Not without NAT, unless a peered network leads everywhere; of an adopted VNet nothing is known."""
    match target.network:
        case CreatedVnet() as vnet if vnet.nat is NatGateways.NONE:
            return vnet.peering is not None and EVERYWHERE in vnet.peering.routes
        case _:
            return True


def _pool(target: AksTarget, pool: NodePool) -> PoolFacts:
    known = pool_facts(pool, DEFAULT_DRIVER, PROVIDED)
    return known.model_copy(
        update={
            "tolerations": (*known.tolerations, *purchase(pool.capacity).taints),
            # The catalog counts local disks, which AKS leaves raw.
            "ephemeral_storage_per_node": ephemeral_storage(pool, target.os_disk),
        }
    )


def _block_class() -> VolumeClass:
    # Version 2 takes no host cache, and refuses volumes that ask for one.
    parameters = {"skuName": "PremiumV2_LRS", "cachingMode": "None"}
    return block_class(DISK_DRIVER, _DISK_READ, parameters=parameters)


def _shared_class(target: AksTarget) -> VolumeClass:
    match target.shared_storage:
        case FilesStorage() as files:
            return shared_class(FILES_DRIVER, files_read(files), capacity=ByteSize.gib(files.capacity_gib))
        case LustreStorage() as lustre:
            return shared_class(LUSTRE_DRIVER, lustre_read(lustre), capacity=ByteSize.gib(1024 * lustre.capacity_tib))


def _local_class(target: AksTarget, pools: Sequence[NodePool]) -> VolumeClass | None:
    if not target.local_volumes or not any(machine_of(pool).raw_disks for pool in pools):
        return None
    return block_class(LOCAL_DRIVER, _NVME_READ, name=LOCAL_CLASS)


def files_read(files: FilesStorage) -> float:
    """Bytes per second that one node reads: what the share's size pays for, or one connection of its client."""
    share = min(_FILES_BASE + files.capacity_gib * _FILES_PER_GIB, _FILES_MOST) * _MIB
    return min(share, _NFS_CONNECTION_READ)


def lustre_read(lustre: LustreStorage) -> float:
    """Bytes per second that one node reads: the file system's own throughput, or what one client can take."""
    return min(lustre.capacity_tib * lustre.throughput * 1e6, _LUSTRE_CLIENT_READ)
