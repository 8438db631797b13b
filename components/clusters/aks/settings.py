"""An AKS cluster as users write it."""

from __future__ import annotations

from enum import StrEnum, nonmember
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from ...contracts.api_access import ApiAccess
from ...contracts.api_groups import ApiGroups
from ...contracts.dns import DomainName
from ...contracts.forms import Form
from ...contracts.machines import MachineNumbers
from ...contracts.maintenance import Maintenance
from ...contracts.model import Contract
from ...contracts.names import LabelValue, ObjectName
from ...contracts.old_arguments import OldArgument
from ...contracts.quantities import ByteSize, size_between
from ...contracts.rates import MegabytesPerTib
from ...contracts.sequences import Items
from ...networks.azure.settings import ResourceId, Uuid, VnetSettings

KeyId = Annotated[
    str,
    Form(
        r"https://[a-z0-9-]{3,24}\.vault\.[a-z.]+/keys/[A-Za-z0-9-]{1,127}/[0-9a-f]{32}",
        "https://my-vault.vault.azure.net/keys/disks/0123456789abcdef0123456789abcdef",
    ),
]
"""A version of a key in Key Vault."""


class PrincipalType(StrEnum):
    """What an object of Entra is, as role assignments spell it."""

    USER = "User"
    GROUP = "Group"
    SERVICE_PRINCIPAL = "ServicePrincipal"


class Admin(Contract):
    """Somebody with full rights in the cluster."""

    object_id: Uuid
    """Object id in Entra; of applications that of the service principal, not of the application."""
    type: PrincipalType


class Support(StrEnum):
    """How long a Kubernetes version is supported."""

    STANDARD = "standard"
    """About a year from its release on AKS."""
    EXTENDED = "extended"
    """Two years, at the price of the Premium tier."""
    LONG_TERM = nonmember("extended")
    """Its name until now, for programs."""

    @classmethod
    def _missing_(cls, value: object) -> Support | None:
        # Texts that programs passed until now.
        return {"KubernetesOfficial": cls.STANDARD, "AKSLongTermSupport": cls.EXTENDED}.get(str(value))

    @property
    def plan(self) -> str:
        """``supportPlan`` of a managed cluster."""
        return "KubernetesOfficial" if self is Support.STANDARD else "AKSLongTermSupport"


class SystemPool(Contract):
    """The nodes of AKS' own pods, kept apart from everything that users run."""

    instance_type: str = "Standard_D4ds_v6"
    """A machine with 4 CPUs or more and no GPU."""
    machine: MachineNumbers | None = None
    """What the machine holds, for one that the instance catalog lacks."""
    count: Annotated[int, Field(ge=2, le=100)] = 3
    """Number of nodes; with one, every upgrade stops cluster DNS."""
    zones: Annotated[Items[LabelValue], Field(min_length=1, max_length=3)]
    """Zones that the nodes are spread over."""


OS_DISK_MOST = "2Ti"
"""The largest OS disk that AKS takes (azure-mgmt-containerservice 40.0, ``os_disk_size_gb``: 0 to 2048)."""
GPU_DISK_LEAST, CPU_DISK_LEAST = "100Gi", "64Gi"
"""Below which images and their successors leave no room."""


class OsDisk(Contract):
    """The disks that nodes run from, and unpack their images on."""

    old_arguments = (OldArgument("gpu_gib", "gpu", ByteSize.gib), OldArgument("cpu_gib", "cpu", ByteSize.gib))
    ephemeral: bool = False
    """Whether they lie on the machines' own disks: faster and free, but only as large as those."""
    gpu: Annotated[ByteSize, size_between(GPU_DISK_LEAST, OS_DISK_MOST)] = ByteSize.gib(512)
    """Of GPU nodes; images of model servers unpack to 30 GB and more, and several versions lie side by side."""
    cpu: Annotated[ByteSize, size_between(CPU_DISK_LEAST, OS_DISK_MOST)] = ByteSize.gib(128)
    """Disk of nodes without GPUs."""


class FilesStorage(Contract):
    """Shared files on Azure Files over NFS: one premium share that every zone reaches."""

    old_arguments = (OldArgument("capacity_gib", "capacity", ByteSize.gib),)
    kind: Literal["files"] = "files"
    capacity: Annotated[ByteSize, size_between("100Gi", "100Ti")] = ByteSize.gib(2048)
    """Size of the share, which is paid for whole and decides how fast it is."""
    zone_redundant: bool = False
    """Whether it survives a zone; not every region has that."""

    @property
    def capacity_gib(self) -> int:
        """The capacity in GiB, as the cloud counts it."""
        return self.capacity // 2**30


class LustreStorage(Contract):
    """Shared files on Azure Managed Lustre, in the zone of one GPU pool."""

    old_arguments = (OldArgument("capacity_tib", "capacity", lambda tib: ByteSize.gib(1024 * tib)),)
    kind: Literal["lustre"] = "lustre"
    zone: LabelValue
    """Availability zone; nodes elsewhere pay for traffic and wait longer."""
    capacity: Annotated[ByteSize, size_between("4Ti", "768Ti", "1Ti")]
    """A multiple of what the throughput is sold in: 48, 16, 8 or 4 TiB."""
    throughput: Annotated[int, MegabytesPerTib((40, 125, 250, 500))]
    """What is read in a second for each TiB of capacity."""
    has_driver: bool = False
    """Whether somebody else installs the driver ``azurelustre.csi.azure.com``; else Strata does, as AKS brings none."""

    @property
    def capacity_tib(self) -> int:
        """The capacity in TiB, as the cloud counts it."""
        return self.capacity // 2**40


SharedStorage = Annotated[FilesStorage | LustreStorage, Field(discriminator="kind")]


class DnsZones(Contract):
    """Zones of Azure DNS in which names of load balancers are written, by pods with an identity of their own."""

    resource_group: Annotated[str, Form(r"[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]", "dns")]
    """Resource group of the zones in the cluster's subscription, where whoever deploys may assign roles."""
    zones: Annotated[tuple[DomainName, ...], Field(min_length=1, max_length=20)]
    """Their domains, such as ``ai.example.com``; they stay when the stack goes."""
    private: bool = False
    """Whether they are private zones."""


class KeyVault(Contract):
    """A vault whose secrets pods of the cluster may ask for, by way of an identity that may read all of them."""

    resource_group: Annotated[str, Form(r"[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]", "secrets")]
    """Resource group of the vault in the cluster's subscription, where whoever deploys may assign roles."""
    name: Annotated[str, Form(r"[A-Za-z](-?[A-Za-z0-9]){1,23}", "genai-prod"), Field(min_length=3, max_length=24)]
    """Its name, such as ``genai-prod``; its permission model has to be Azure role-based access control."""


class AksTarget(Contract):
    """Azure Kubernetes Service."""

    kind: Literal["aks"] = "aks"
    name: ObjectName
    """Name of the cluster."""
    subscription: Uuid
    """Subscription that everything is made in, such as ``11111111-2222-3333-4444-555555555555``."""
    region: Annotated[str, Form(r"[a-z]{3,}[0-9]?", "eastus2")]
    """Azure region, such as ``eastus2``."""
    resource_group: Annotated[str, Form(r"[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]", "genai")]
    """Resource group of everything, such as ``platform``; made unless ``adopt_resource_group`` or ``adopt_cluster``."""
    adopt_resource_group: bool = False
    """Whether the resource group exists and stays as it is."""
    kubernetes_version: Annotated[str, Form(r"1\.\d{2}", "1.34")]
    """Minor version, such as ``1.34``; raise it one at a time."""
    network: VnetSettings
    """The VNet of the nodes, made or adopted."""
    api_access: ApiAccess
    """From where the API server can be reached."""
    private_dns_zone: ResourceId | None = None
    """Zone ``privatelink.<region>.azmk8s.io`` of a private cluster; made and linked where left out."""
    admins: Annotated[tuple[Admin, ...], Field(min_length=1, max_length=50)]
    """Users, groups and service principals with full rights; the one that runs Pulumi has to be among them."""
    system_pool: SystemPool
    os_disk: OsDisk = OsDisk()
    maintenance: Maintenance = Maintenance()
    """When AKS may give nodes newer images by itself, on one day of the week or on every day; never where left out."""
    local_volumes: bool = False
    """Whether Azure Container Storage makes volumes of the machines' own NVMe disks."""
    adopt_cluster: bool = False
    """Whether the control plane of that name exists and stays as it is; only node pools are made."""
    cluster_identity: ResourceId | None = None
    """Managed identity of the control plane; made where left out, one that is given needs its roles already."""
    node_identity: ResourceId | None = None
    """Managed identity of the nodes; made where left out."""
    kms_key: KeyId | None = None
    """Key that encrypts Kubernetes' data, such as ``https://acme.vault.azure.net/keys/etcd/`` and 32 digits."""
    support: Support = Support.STANDARD
    shared_storage: SharedStorage = FilesStorage()
    """What holds the model catalog; none for a cluster that serves no models."""
    dns: DnsZones | None = None
    """Where names of Services are written; a cluster that exists needs its OIDC issuer and workload identity for it."""
    secrets: KeyVault | None = None
    """Secrets that pods may ask for; a cluster that exists needs its OIDC issuer and workload identity for it."""
    apis: ApiGroups = ()
    """API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com`` or ``keda.sh``."""
    protect: bool = False
    """Whether cluster and shared storage refuse to be deleted."""
    tags: Annotated[dict[str, str], Field(max_length=40)] = {}
    """Tags of everything that is made, besides those that name the cluster and the stack."""

    @property
    def pod_cidr(self) -> str:
        """Addresses of pods."""
        return self.network.pods

    @property
    def service_cidr(self) -> str:
        """Addresses of services."""
        return self.network.services

    @property
    def dns_service_ip(self) -> str:
        """Address of cluster DNS: the tenth of the services, as AKS itself has it, unless another is written."""
        services = IPv4Network(self.network.services)
        return self.network.dns_service_ip or str(services[min(10, services.num_addresses - 1)])
