"""A GKE cluster as users write it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ...contracts.api_access import ApiAccess, Cidr
from ...contracts.api_groups import ApiGroups
from ...contracts.dns import DomainName
from ...contracts.forms import Form
from ...contracts.maintenance import Maintenance
from ...contracts.model import Contract
from ...contracts.names import LabelValue, ObjectName
from ...contracts.old_arguments import OldArgument
from ...contracts.quantities import ByteSize, size_between
from ...contracts.rates import MegabytesPerTib
from ...networks.gcp.settings import ProjectId, VpcSettings

Member = Annotated[
    str,
    Form(
        r"(user|group|serviceAccount):[^@\s:]+@[^@\s:]+\.[^@\s:]+|domain:[^@\s:]+\.[^@\s:]+|(principal|principalSet)://\S+",
        "user:ada@example.com",
    ),
]
"""Who gets rights, as IAM spells it, such as ``group:platform@example.com``."""
ServiceAccountEmail = Annotated[
    str, Form(r"[^@\s]+@[^@\s]+\.gserviceaccount\.com", "nodes@my-project.iam.gserviceaccount.com")
]
KeyName = Annotated[
    str,
    Form(
        r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+",
        "projects/my-project/locations/us-central1/keyRings/main/cryptoKeys/disks",
    ),
    Field(max_length=512),
]
"""Key of Cloud KMS by its path."""


class ReleaseChannel(StrEnum):
    """Which versions GKE upgrades the cluster to, and when."""

    RAPID = "RAPID"
    REGULAR = "REGULAR"
    STABLE = "STABLE"


class Support(StrEnum):
    """How long GKE supports a Kubernetes version."""

    STANDARD = "standard"
    """Fourteen months."""
    EXTENDED = "extended"
    """Up to two years, by GKE's own channel for that, at six times the price once standard support ends."""


def channel_name(channel: ReleaseChannel, support: Support) -> str:
    """The release channel in the words of GKE, which has one of its own for extended support."""
    return "EXTENDED" if support is Support.EXTENDED else channel.value


class ApiEndpoint(StrEnum):
    """How the API server is reached."""

    IP = "ip"
    """An address inside the VPC, or a public one; admits networks."""
    DNS = "dns"
    """A name that Google's front end answers; admits identities, whatever network they come from."""


class GpuNetworks(StrEnum):
    """How the network cards of GPUs become networks of pods."""

    MULTI_NETWORK = "multi-network"
    """Networks and subnets of ours, which pods ask for by annotation."""
    DRANET = "dranet"
    """GKE makes the networks itself, and pods claim the cards as devices."""


class FilestoreTier(StrEnum):
    """Performance and reach of a Filestore instance."""

    BASIC_SSD = "BASIC_SSD"
    ZONAL = "ZONAL"
    REGIONAL = "REGIONAL"
    """In three zones: a zone that fails takes no model with it."""


class FilestoreStorage(Contract):
    """Shared files on Filestore."""

    old_arguments = (OldArgument("capacity_gib", "capacity", ByteSize.gib),)
    kind: Literal["filestore"] = "filestore"
    tier: FilestoreTier = FilestoreTier.REGIONAL
    capacity: Annotated[ByteSize, size_between("1Ti", "100Ti")] = ByteSize.gib(2560)
    """Speed grows with it: 0.26 GiB/s for each TiB in the zonal and the regional tier."""
    zone: LabelValue | None = None
    """Zone of the tiers that have one; the first of the cluster where left out."""

    @property
    def capacity_gib(self) -> int:
        """The capacity in GiB, as the cloud counts it."""
        return self.capacity // 2**30


class LustreStorage(Contract):
    """Shared files on Managed Lustre, in the zone of one GPU pool.

    A VPC that exists has to have private services access already, and a firewall rule that lets its range in
    at TCP 988.
    """

    old_arguments = (OldArgument("capacity_gib", "capacity", ByteSize.gib),)
    kind: Literal["lustre"] = "lustre"
    zone: LabelValue
    """Zone; nodes elsewhere pay for traffic and wait longer."""
    capacity: Annotated[ByteSize, size_between("9000Gi", "7632000Gi")]
    """A multiple of 9000Gi at 1000 MB/s for each TiB; of 18000Gi, 36000Gi and 72000Gi at 500, 250 and 125."""
    throughput: Annotated[int, MegabytesPerTib((125, 250, 500, 1000))]
    """What is read in a second for each TiB of capacity."""

    @property
    def capacity_gib(self) -> int:
        """The capacity in GiB, as the cloud counts it."""
        return self.capacity // 2**30


class BucketStorage(Contract):
    """Shared files in a Cloud Storage bucket, mounted by GCS FUSE. Refused so far: pods lack its sidecar."""

    kind: Literal["gcs-fuse"] = "gcs-fuse"


class HyperdiskMlStorage(Contract):
    """One disk of weights that up to 2,500 nodes of a zone read. Refused so far: the catalog is written later too."""

    old_arguments = (OldArgument("capacity_gib", "capacity", ByteSize.gib),)
    kind: Literal["hyperdisk-ml"] = "hyperdisk-ml"
    zone: LabelValue
    """Zone of the disk; only its nodes can read it."""
    capacity: Annotated[ByteSize, size_between("4Gi", "64Ti")]
    """Size of the disk."""

    @property
    def capacity_gib(self) -> int:
        """The capacity in GiB, as the cloud counts it."""
        return self.capacity // 2**30


SharedStorage = Annotated[
    FilestoreStorage | LustreStorage | BucketStorage | HyperdiskMlStorage, Field(discriminator="kind")
]


class ManagedZone(Contract):
    """A managed zone of Cloud DNS that exists."""

    name: Annotated[str, Form(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "ai-example-com")]
    """Its name in Cloud DNS, such as ``ai-example-com``."""
    domain: DomainName
    """Its domain, such as ``ai.example.com``."""


class ManagedZones(Contract):
    """Managed zones of Cloud DNS in which names of load balancers are written, by pods that are known to IAM."""

    project: ProjectId | None = None
    """Project of the zones, where whoever deploys may grant roles; that of the cluster where left out."""
    zones: Annotated[tuple[ManagedZone, ...], Field(min_length=1, max_length=20)]
    """The zones, public or private; they stay when the stack goes."""


class SecretManager(Contract):
    """Secrets of Secret Manager that pods of the cluster may ask for, by way of a service account that IAM knows."""

    prefix: Annotated[str, Form(r"[A-Za-z0-9_-]{2,200}", "genai-prod-")]
    """How names of these secrets begin, such as ``genai-prod-``; no other can be read."""
    project: ProjectId | None = None
    """Their project, where whoever deploys may grant roles; that of the cluster where left out."""


class ControlPlaneLog(StrEnum):
    """Logs of the control plane, in the words of GKE; they are kept in Cloud Logging, which costs by the GB."""

    API_SERVER = "APISERVER"
    CONTROLLER_MANAGER = "CONTROLLER_MANAGER"
    SCHEDULER = "SCHEDULER"


class GkeTarget(Contract):
    """Google Kubernetes Engine, Standard mode."""

    kind: Literal["gke"] = "gke"
    name: ObjectName
    """Name of the cluster."""
    project: ProjectId
    """Id of the project that everything is made in."""
    region: Annotated[str, Form(r"[a-z]+-[a-z]+\d{1,2}", "us-central1")]
    """Region, such as ``us-central1``; a zone such as ``us-central1-a`` would put the control plane into one zone."""
    kubernetes_version: Annotated[str, Form(r"1\.\d{2}(\.\d{1,2}-gke\.\d{4,8})?", "1.34")]
    """Minor version, such as ``1.34``, of which GKE takes the newest patch, or one such as ``1.34.1-gke.1829001``."""
    support: Support = Support.STANDARD
    release_channel: ReleaseChannel = ReleaseChannel.REGULAR
    network: VpcSettings
    """The VPC of the nodes, made or adopted."""
    api_access: ApiAccess
    """From where the API server can be reached."""
    api_endpoint: ApiEndpoint = ApiEndpoint.IP
    control_plane_cidr: Cidr | None = None
    """A /28 for the control plane's address in the VPC; one of the nodes' subnet where left out."""
    admins: Annotated[tuple[Member, ...], Field(max_length=50)] = ()
    """Who gets full rights besides those who may create clusters, such as ``group:platform@example.com``."""
    adopt_cluster: bool = False
    """Whether the cluster of that name exists and stays as it is; only node pools are made."""
    node_service_account: ServiceAccountEmail | None = None
    """Service account of the nodes, such as ``nodes@acme.iam.gserviceaccount.com``; made where left out."""
    kms_key: KeyName | None = None
    """Key of yours that encrypts Kubernetes' secrets once more; Google's own encryption stays in any case.

    None is made, because Google never deletes key rings: a second cluster of the name could not have one.
    """
    gpu_networks: GpuNetworks = GpuNetworks.MULTI_NETWORK
    gpu_cidr: Cidr = "192.168.0.0/16"
    """Range of the networks of GPU cards, cut into 32 subnets; outside of all other ranges."""
    control_plane_logs: tuple[ControlPlaneLog, ...] = tuple(ControlPlaneLog)
    """Which logs of the control plane are kept; those of nodes and pods are in any case."""
    maintenance: Maintenance = Maintenance()
    """When GKE may upgrade the cluster by itself; 48 hours of every 32 days at least."""
    shared_storage: SharedStorage = FilestoreStorage()
    """What holds the model catalog; none for a cluster that serves no models."""
    dns: ManagedZones | None = None
    """Where names of Services are written."""
    secrets: SecretManager | None = None
    """Secrets that pods may ask for."""
    apis: ApiGroups = ()
    """API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com`` or ``keda.sh``."""
    protect: bool = False
    """Whether cluster and shared storage refuse to be deleted."""
    labels: Annotated[dict[str, str], Field(max_length=50)] = {}
    """Labels of everything that is made and takes some, besides those that name the cluster and the stack."""

    @property
    def zones(self) -> tuple[str, ...]:
        """Zones of nodes."""
        return self.network.zones

    @property
    def max_pods_per_node(self) -> int:
        """Pods of a node."""
        return self.network.pods_per_node
