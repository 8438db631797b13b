"""An EKS cluster as users write it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ...contracts.api_access import ApiAccess
from ...contracts.api_groups import ApiGroups
from ...contracts.dns import DomainName
from ...contracts.forms import Form
from ...contracts.model import Contract
from ...contracts.names import ObjectName
from ...contracts.old_arguments import OldArgument
from ...contracts.quantities import ByteSize, size_between
from ...contracts.rates import MegabytesPerTib
from ...networks.aws.settings import VpcSettings

Arn = Annotated[
    str,
    Form(r"arn:aws(-cn|-us-gov)?:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+", "arn:aws:iam::111122223333:role/platform"),
    Field(max_length=2048),
]
"""Amazon Resource Name."""

KeyArn = Annotated[
    str,
    Form(
        r"arn:aws(-cn|-us-gov)?:kms:[a-z0-9-]+:\d{12}:key/.+",
        "arn:aws:kms:us-east-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ),
    Field(max_length=2048),
]
"""A key of KMS. Policies name keys by id: IAM matches the ARN of an alias with nothing."""


Region = Annotated[str, Form(r"[a-z]{2}(-[a-z]+)+-\d", "us-east-2")]
"""An AWS region."""


class EfaLayout(StrEnum):
    """What the network interfaces of EFA machines are for."""

    IP_OPTIMISED = "ip-optimised"
    """One address per node; every EFA device carries RDMA only."""
    BANDWIDTH_OPTIMISED = "bandwidth-optimised"
    """Ordinary traffic on several cards too, each of which takes addresses of the subnet."""


class Support(StrEnum):
    """What happens when a Kubernetes version leaves standard support."""

    STANDARD = "standard"
    """EKS upgrades the cluster by itself."""
    EXTENDED = "extended"
    """The version stays another year, at six times the price."""

    @classmethod
    def _missing_(cls, value: object) -> Support | None:
        # Texts that programs passed until now.
        return {"STANDARD": cls.STANDARD, "EXTENDED": cls.EXTENDED}.get(str(value))


class EfsStorage(Contract):
    """Shared files on EFS: grows by itself, one mount target in each zone."""

    kind: Literal["efs"] = "efs"


class LustreStorage(Contract):
    """Shared files on FSx for Lustre, in the zone of one GPU pool."""

    old_arguments = (OldArgument("capacity_gib", "capacity", ByteSize.gib),)
    kind: Literal["lustre"] = "lustre"
    zone: str
    """Availability zone; nodes elsewhere pay for traffic and wait longer."""
    capacity: Annotated[ByteSize, size_between("1200Gi", "1000000Gi")]
    """1200Gi, 2400Gi, or a multiple of 2400Gi."""
    throughput: Annotated[int, MegabytesPerTib((125, 250, 500, 1000))]
    """What is read in a second for each TiB of capacity."""
    efa: bool = False
    """Whether it can be reached over EFA by nodes whose LNet is set up for it; cannot be changed afterwards."""

    @property
    def capacity_gib(self) -> int:
        """The capacity in GiB, as the cloud counts it."""
        return self.capacity // 2**30


SharedStorage = Annotated[EfsStorage | LustreStorage, Field(discriminator="kind")]


class IamRoles(Contract):
    """What the account's rules ask of IAM roles that are made."""

    path: Annotated[str, Form(r"/([!-~]{1,509}/)?", "/teams/platform/")] = "/"
    """Path of the roles, such as ``/teams/platform/``; deployers are often confined to one."""
    permissions_boundary: Arn | None = None
    """Policy that no role may exceed, such as ``arn:aws:iam::111122223333:policy/boundary``."""


class GroupAccess(Contract):
    """An IAM role or user that logs in as a member of Kubernetes groups, and has what these are granted.

    The groups are those of ``teams``, whose roles end at their namespaces.
    """

    principal: Arn
    """IAM role or user, such as ``arn:aws:iam::111122223333:role/search``; not one of the admins."""
    groups: Annotated[
        tuple[Annotated[str, Form(r"[^\s:][^\s]{0,62}", "search-engineers")], ...], Field(min_length=1, max_length=20)
    ]
    """Kubernetes groups, such as ``search-engineers``."""


class LoadBalancerController(StrEnum):
    """Who makes load balancers of Services."""

    INSTALLED = "installed"
    """AWS Load Balancer Controller, which Strata installs."""
    EXISTS = "exists"
    """AWS Load Balancer Controller, which somebody else installed on a cluster that exists."""
    NONE = "none"
    """EKS itself: it sends what arrives to nodes, which pass it on to pods."""


class StorageDriver(StrEnum):
    """A CSI driver of the storage classes."""

    EBS = "ebs.csi.aws.com"
    EFS = "efs.csi.aws.com"
    FSX = "fsx.csi.aws.com"


class HostedZone(Contract):
    """A hosted zone of Route 53 that exists."""

    id: Annotated[str, Form(r"Z[A-Z0-9]{5,31}", "Z0123456789ABCDEFGHIJ")]
    """Its id, such as ``Z0123456789ABCDEFGHIJ``."""
    domain: DomainName
    """Its domain, such as ``ai.example.com``."""


class HostedZones(Contract):
    """Hosted zones of Route 53 in which names of load balancers are written, by pods with a role of their own."""

    zones: Annotated[tuple[HostedZone, ...], Field(min_length=1, max_length=20)]
    """The zones, public or private; they stay when the stack goes."""


class SecretsManager(Contract):
    """Secrets of AWS Secrets Manager that pods of the cluster may ask for, by way of one role that reads them."""

    prefix: Annotated[str, Form(r"[A-Za-z0-9/_+=.@-]{2,200}", "genai/prod/")]
    """How names of these secrets begin, such as ``genai/prod/``; no other can be read."""
    region: Region | None = None
    """Their region; the cluster's where left out."""
    kms_keys: Annotated[tuple[KeyArn, ...], Field(max_length=20)] = ()
    """Keys of yours that encrypt them, such as ``arn:aws:kms:us-east-2:111122223333:key/…``; AWS's own needs none."""


class ControlPlaneLog(StrEnum):
    """Logs of the control plane, in the words of EKS; they are kept in CloudWatch, which costs by the GB."""

    API = "api"
    AUDIT = "audit"
    AUTHENTICATOR = "authenticator"
    CONTROLLER_MANAGER = "controllerManager"
    SCHEDULER = "scheduler"


class EksTarget(Contract):
    """Amazon EKS."""

    kind: Literal["eks"] = "eks"
    name: ObjectName
    """Name of the cluster."""
    region: Region
    """AWS region, such as ``us-east-2``."""
    kubernetes_version: Annotated[str, Form(r"1\.\d{2}", "1.34")]
    """Minor version, such as ``1.34``; raise it one at a time."""
    network: VpcSettings
    """The VPC of the nodes, made or adopted."""
    api_access: ApiAccess
    """From where the API server can be reached."""
    admins: Annotated[tuple[Arn, ...], Field(min_length=1, max_length=50)]
    """IAM roles or users with full rights, such as ``arn:aws:iam::111122223333:role/platform``.

    The one that runs Pulumi has to be among them.
    """
    group_access: Annotated[tuple[GroupAccess, ...], Field(max_length=100)] = ()
    """IAM roles or users that may do in the cluster what Kubernetes grants to their groups, and nothing else."""
    adopt_cluster: bool = False
    """Whether the control plane of that name exists and stays as it is; only node pools are made."""
    cluster_role: Arn | None = None
    """IAM role of the control plane, such as ``arn:aws:iam::111122223333:role/eks``; made where left out."""
    node_role: Arn | None = None
    """IAM role of the nodes, such as ``arn:aws:iam::111122223333:role/nodes``; made where left out."""
    iam: IamRoles = IamRoles()
    """Path and permissions boundary of the roles that are made, those of add-ons included."""
    kms_key: Arn | None = None
    """Key that encrypts Kubernetes' data, such as ``arn:aws:kms:us-east-2:111122223333:key/…``; made where left out."""
    node_release: Annotated[str, Form(r"1\.\d{2}\.\d+-\d{8}", "1.34.2-20260724")] | None = None
    """Release of the node image, such as ``1.34.2-20251120``; the newest at creation where left out, and kept."""
    addon_versions: dict[str, str] = {}
    """Version by add-on, such as ``vpc-cni: v1.20.4-eksbuild.2``; EKS chooses once where left out."""
    efa_layout: EfaLayout = EfaLayout.IP_OPTIMISED
    control_plane_logs: tuple[ControlPlaneLog, ...] = tuple(ControlPlaneLog)
    """Which logs of the control plane are kept."""
    support: Support = Support.STANDARD
    shared_storage: SharedStorage = EfsStorage()
    """What holds the model catalog; none for a cluster that serves no models."""
    storage_drivers: tuple[StorageDriver, ...] = ()
    """CSI drivers that a cluster that exists has otherwise than as add-ons of EKS, such as by a Helm chart; add-ons are
    found at preview."""
    load_balancer_controller: LoadBalancerController = LoadBalancerController.NONE
    """Who makes load balancers of Services. A cluster that came up before cert-manager was among its add-ons gets that
    by one run first, and ``installed`` by the next: the controller's chart asks for the kinds of cert-manager."""
    dns: HostedZones | None = None
    """Where names of Services are written; a cluster that exists needs EKS Pod Identity for it."""
    secrets: SecretsManager | None = None
    """Secrets that pods may ask for; a cluster that exists needs EKS Pod Identity for it."""
    has_autoscaler: bool = False
    """Whether somebody runs a cluster autoscaler there; EKS brings none, and neither does Strata."""
    apis: ApiGroups = ()
    """API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com`` or ``keda.sh``."""
    protect: bool = False
    """Whether cluster and shared storage refuse to be deleted."""
    tags: Annotated[dict[str, str], Field(max_length=40)] = {}
    """Tags of everything that is made, besides those that name the cluster and the stack."""

    @property
    def service_cidr(self) -> str | None:
        """Addresses of Kubernetes services; None where EKS chooses."""
        return self.network.services
