"""The facts of a GKE cluster, all of them known before it exists.

Owns what pods and the planner may count on: nodes, storage classes, load balancers, identities. Ids that
Google chooses, such as a file system's address, are added to the storage class by the cluster's component.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...contracts.api_groups import RESOURCE_METRICS, VOLUME_SNAPSHOTS
from ...contracts.capacity import Queued
from ...contracts.cluster_facts import Authentication, ClusterFacts, NodeRepair, PoolFacts, StorageFacts, VolumeClass
from ...contracts.devices import DevicePart
from ...contracts.dns import DnsFacts, ZoneFacts
from ...contracts.pools import DriverOwner, NodePool, Taint
from ...contracts.quantities import ByteSize
from ...contracts.secret_stores import SecretStoreFacts
from ...networks.gcp.settings import CreatedVpc, Nat, pod_range, service_range
from ...planner.catalogs.described import machine_of
from ...planner.shapes import as_used, pool_facts
from ..volume_classes import block_class, shared_class
from .fabric_profile import gke_fabric
from .images import volume_disk
from .settings import (
    BucketStorage,
    FilestoreStorage,
    FilestoreTier,
    GkeTarget,
    GpuNetworks,
    HyperdiskMlStorage,
    LustreStorage,
    SharedStorage,
)

DEFAULT_DRIVER = DriverOwner.NODE_IMAGE
"""Google's installer loads the driver that belongs to the image; GPUDirect works with no other."""
# GKE documentation, how-to/gpus: driver and device plugin are Google's unless the pool's label keeps them away; the
# plugin cuts and shares GPUs as the pool says (how-to/gpus-multi, how-to/timesharing-gpus).
_BY_GOOGLE = (DevicePart.DRIVER, DevicePart.TOOLKIT, DevicePart.GPU_PLUGIN, DevicePart.MIG_LAYOUT)
PROVIDED: Mapping[DriverOwner, Sequence[DevicePart]] = {
    DriverOwner.NODE_IMAGE: _BY_GOOGLE,
    DriverOwner.PLATFORM: _BY_GOOGLE,
}
"""What GPU nodes come with, by the owner of their driver."""
# GKE documentation, how-to/set-up-dra, "Install drivers on your nodes".
_DRIVER_ROOT = "/home/kubernetes/bin/nvidia"
PD_DRIVER = "pd.csi.storage.gke.io"
FILESTORE_DRIVER = "filestore.csi.storage.gke.io"
LUSTRE_DRIVER = "lustre.csi.storage.gke.io"
BUCKET_DRIVER = "gcsfuse.csi.storage.gke.io"
# GKE documentation, how-to/internal-load-balancing.
INTERNAL_BALANCER = {"networking.gke.io/load-balancer-type": "Internal"}
"""Inside the VPC only."""
ARM_TAINT = Taint(key="kubernetes.io/arch", value="arm64")
"""GKE puts it on every ARM node, so that images for x86 stay away."""

# With a file beside it the toolkit resets the folder of CNI plugins, and pods lose their network: GKE 1.33 and newer
# with containerd 2, NVIDIA/nvidia-container-toolkit issue 1222 (2026-07).
_CONTAINERD_CONFIG = "/etc/containerd/config.toml"
# GKE documentation, "Get started with managed collection" of metrics and "Collect and view DCGM metrics".
_NAMESPACES = ("gke-managed-*", "gmp-public", "gmp-system")
# Where nodes hand out identities of pods (GKE documentation, "About Workload Identity Federation", network policies).
_METADATA_PORTS = (80, 988)

_MIB = 2**20
# Throughput that a volume of 100 GiB includes (Compute Engine documentation, "Persistent Disk performance" and
# "About Hyperdisk Balanced": 140 MiB/s for either).
_BLOCK_READ = 140 * _MIB
# One client of a share (Filestore documentation, "Instance performance"): 1,200 MiB/s over one connection.
_NFS_CLIENT_READ = 1200 * _MIB
_FILESTORE_READ_PER_TIB = 260 * _MIB
_BASIC_SSD_READ = 1200 * _MIB
# One client of Managed Lustre (its documentation, "Performance"): the 200 Gbit/s of the machine's first card.
_LUSTRE_CLIENT_READ = 200e9 / 8
# GCS FUSE with parallel downloads and local disks (GKE documentation, "Optimize Cloud Storage FUSE performance").
_BUCKET_READ = 1.5e9
# Hyperdisk ML at its smallest throughput for each GiB (Compute Engine documentation, "About Hyperdisk ML").
_HYPERDISK_ML_READ_PER_GIB = 0.12 * _MIB
_HYPERDISK_ML_NODE_READ = 2400 * _MIB


def gke_facts(target: GkeTarget, pools: Sequence[NodePool]) -> ClusterFacts:
    """The facts of a GKE cluster with these pools.

    Raises:
        StrataError: when a pool's machine type is unknown or does not suit its kind.
    """
    disk = volume_disk(machine_of(pool) for pool in pools)
    return ClusterFacts(
        name=target.name,
        environment="gke",
        # Smana/cloud-native-ref#1892 (2026-08-28), on a cluster of 1.35: GKE's add-on manager keeps metrics-server in
        # kube-system, labelled addonmanager.kubernetes.io/mode: Reconcile. Snapshots need a control plane of 1.17 and
        # nothing more (GKE documentation, "Back up Persistent Disk storage using volume snapshots"): its controller
        # runs there, and its rights are on every cluster (kubernetes-csi/csi-driver-nfs issue 586, on one of 1.28).
        apis=(RESOURCE_METRICS, VOLUME_SNAPSHOTS, *target.apis),
        kubernetes_version=target.kubernetes_version.partition("-")[0],
        # Nodes of a queue come for a ProvisioningRequest only, which jobs make and servers do not.
        pools=tuple(_pool_facts(pool, target.gpu_networks) for pool in pools if not isinstance(pool.capacity, Queued)),
        # Local disks are no class of their own: they are the nodes' ephemeral storage.
        storage=StorageFacts(
            read_write_once=block_class(PD_DRIVER, _BLOCK_READ, parameters={"type": disk.value}),
            read_write_many=_shared(target.shared_storage),
        ),
        load_balancer_annotations=INTERNAL_BALANCER,
        pod_ranges=(pod_range(target.network), service_range(target.network)),
        namespaces=_NAMESPACES,
        authentication=Authentication.GOOGLE,
        workload_identity=workload_pool(target.project),
        # Of an adopted network nothing is known; a hub of Network Connectivity Center brings no default route.
        dns=_dns(target),
        secrets=_secrets(target),
        # cloud.google.com/kubernetes-engine/docs/how-to/node-auto-repair (2026-11-27): nodes that are not ready or tell
        # nothing for ten minutes, or whose boot disk is full for thirty.
        node_repair=NodeRepair.UNREADY,
        existed=target.adopt_cluster,
        containerd_config=_CONTAINERD_CONFIG,
        internet=not (isinstance(target.network, CreatedVpc) and target.network.nat is Nat.NONE),
    )


def _dns(target: GkeTarget) -> DnsFacts | None:
    """Nodes without NAT reach Google's APIs all the same (Private Google Access)."""
    if target.dns is None:
        return None
    return DnsFacts(
        provider="google",
        zones=tuple(ZoneFacts(domain=zone.domain, id=zone.name) for zone in target.dns.zones),
        arguments=(f"--google-project={target.dns.project or target.project}",),
        on_internet=False,
        ports=_METADATA_PORTS,
    )


def _secrets(target: GkeTarget) -> SecretStoreFacts | None:
    """Secret Manager, asked as the service account itself (external-secrets v2.9.0, ``gcp/secretmanager/auth.go``)."""
    if target.secrets is None:
        return None
    project = target.secrets.project or target.project
    return SecretStoreFacts(
        provider="gcpsm",
        settings={"projectID": project},
        about=f"secrets of Secret Manager in {project} whose names begin with {target.secrets.prefix}",
        on_internet=False,
        ports=_METADATA_PORTS,
    )


def workload_pool(project: str) -> str:
    """By which name Kubernetes' service accounts are identities of Google Cloud."""
    return f"{project}.svc.id.goog"


def _pool_facts(pool: NodePool, mode: GpuNetworks) -> PoolFacts:
    facts = pool_facts(pool, DEFAULT_DRIVER, PROVIDED)
    facts = facts.model_copy(update={"fabric": gke_fabric(as_used(machine_of(pool), pool), facts.fabric, mode)})
    if facts.driver in PROVIDED:
        facts = facts.model_copy(update={"driver_root": _DRIVER_ROOT})
    if machine_of(pool).architecture != "arm64":
        return facts
    return facts.model_copy(update={"tolerations": (*facts.tolerations, ARM_TAINT)})


def _shared(storage: SharedStorage) -> VolumeClass:
    match storage:
        case FilestoreStorage(capacity_gib=gib):
            return shared_class(FILESTORE_DRIVER, filestore_read(storage), capacity=ByteSize.gib(gib))
        case LustreStorage(capacity_gib=gib):
            return shared_class(LUSTRE_DRIVER, lustre_read(storage), capacity=ByteSize.gib(gib))
        case BucketStorage():
            return shared_class(BUCKET_DRIVER, _BUCKET_READ)
        case HyperdiskMlStorage(capacity_gib=gib):
            read = min(gib * _HYPERDISK_ML_READ_PER_GIB, _HYPERDISK_ML_NODE_READ)
            return shared_class(PD_DRIVER, read, capacity=ByteSize.gib(gib))


def filestore_read(storage: FilestoreStorage) -> float:
    """Bytes per second that one node reads: the instance's own throughput, or what one client can take."""
    if storage.tier is FilestoreTier.BASIC_SSD:
        return _BASIC_SSD_READ
    return min(storage.capacity_gib / 1024 * _FILESTORE_READ_PER_TIB, _NFS_CLIENT_READ)


def lustre_read(storage: LustreStorage) -> float:
    """Bytes per second that one node reads: the file system's own throughput, or what one client can take."""
    return min(storage.capacity_gib / 1024 * storage.throughput * 1e6, _LUSTRE_CLIENT_READ)
