"""An EKS cluster as a program asks for it.

Owns the arguments and how they relate to the settings of a stack: ``of`` makes arguments of settings, and
``settings`` makes settings of arguments, by which facts and rules see every cluster the same way. Ids of
existing things are inputs, so that they may be outputs of other resources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ...contracts.api_access import ApiAccess, Cidr
from ...contracts.arguments import checked_arguments
from ...contracts.names import ObjectName
from ...contracts.pools import NodePool
from ...contracts.sources import ChartMirror, ImageMirror, Sha256Digest
from ...networks.aws.args import ExistingAwsVpc, NewAwsVpc, vpc_of, vpc_settings
from ...networks.inputs import text_or
from ..arguments import checked
from .settings import (
    Arn,
    ControlPlaneLog,
    EfaLayout,
    EfsStorage,
    EksTarget,
    GroupAccess,
    HostedZones,
    IamRoles,
    LoadBalancerController,
    SecretsManager,
    SharedStorage,
    StorageDriver,
    Support,
)

_NO_ACCOUNT = "000000000000"
_ROLE = f"arn:aws:iam::{_NO_ACCOUNT}:role/not-known-yet"

NAMES: Mapping[str, str] = {"network.services": "service_cidr"}
"""Name of an argument by the path of its setting, where they differ."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class EksClusterArgs:
    """An EKS cluster.

    Attributes:
        region: AWS region, such as ``us-east-2``; that of the provider where the caller gives one.
        kubernetes_version: Minor version, such as ``1.34``; raise it one at a time.
        network: Its VPC.
        service_cidr: Addresses of Kubernetes services; EKS chooses where left out.
        api_access: From where the API server can be reached.
        admins: ARN of each IAM role or user with full rights in the cluster, such as
            ``arn:aws:iam::111122223333:role/platform``, by a name that stays; the one that runs Pulumi has to be
            among them.
        pools: Its node pools.
        name: Name of the cluster; the component's where left out.
        group_access: IAM roles or users that log in as members of Kubernetes groups.
        adopt_cluster: Whether the control plane of that name exists and stays as it is; only node pools are made.
        cluster_role: ARN of the control plane's IAM role; made where left out.
        node_role: ARN of the nodes' IAM role; made where left out.
        iam: Path and permissions boundary of the roles that are made.
        kms_key: ARN of the key that encrypts Kubernetes' data; made where left out.
        node_release: Release of the node image; the newest at creation where left out, and kept.
        addon_versions: Version by add-on; EKS chooses once where left out.
        efa_layout: What the network interfaces of EFA machines are for.
        control_plane_logs: Which logs of the control plane are kept.
        support: What happens when the Kubernetes version leaves standard support.
        shared_storage: The file system that all nodes share.
        storage_drivers: CSI drivers that a cluster that exists has otherwise than as add-ons of EKS.
        load_balancer_controller: Who makes load balancers of Services.
        charts: Registry (``oci://…``) or folder in place of the charts' own repositories.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name, such as ``load-balancer-controller``.
        dns: Hosted zones in which names of Services are written.
        secrets: Secrets that pods may ask for.
        has_autoscaler: Whether somebody runs a cluster autoscaler there.
        apis: API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com``.
        protect: Whether cluster and shared storage refuse to be deleted.
        tags: Tags of everything that is made, besides those that name the cluster and the stack.
    """

    region: str
    kubernetes_version: str
    network: NewAwsVpc | ExistingAwsVpc
    api_access: ApiAccess
    admins: Mapping[str, pulumi.Input[Arn]]
    pools: Sequence[NodePool]
    name: ObjectName | None = None
    service_cidr: Cidr | None = None
    group_access: Sequence[GroupAccess] = ()
    adopt_cluster: bool = False
    cluster_role: pulumi.Input[str] | None = None
    node_role: pulumi.Input[str] | None = None
    iam: IamRoles = field(default_factory=IamRoles)
    kms_key: pulumi.Input[str] | None = None
    node_release: str | None = None
    addon_versions: Mapping[str, str] = field(default_factory=dict[str, str])
    efa_layout: EfaLayout = EfaLayout.IP_OPTIMISED
    control_plane_logs: Sequence[ControlPlaneLog] = tuple(ControlPlaneLog)
    support: Support = Support.STANDARD
    shared_storage: SharedStorage = field(default_factory=EfsStorage)
    storage_drivers: Sequence[StorageDriver] = ()
    load_balancer_controller: LoadBalancerController = LoadBalancerController.NONE
    charts: ChartMirror | None = None
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])
    dns: HostedZones | None = None
    secrets: SecretsManager | None = None
    has_autoscaler: bool = False
    apis: Sequence[str] = ()
    protect: bool = False
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])

    @classmethod
    def of(cls, target: EksTarget, pools: Sequence[NodePool]) -> EksClusterArgs:
        """The cluster of a stack's settings."""
        return cls(
            region=target.region,
            kubernetes_version=target.kubernetes_version,
            network=vpc_of(target.network),
            service_cidr=target.service_cidr,
            api_access=target.api_access,
            admins={principal_name(arn): arn for arn in target.admins},
            pools=pools,
            name=target.name,
            group_access=target.group_access,
            adopt_cluster=target.adopt_cluster,
            cluster_role=target.cluster_role,
            node_role=target.node_role,
            iam=target.iam,
            kms_key=target.kms_key,
            node_release=target.node_release,
            addon_versions=target.addon_versions,
            efa_layout=target.efa_layout,
            control_plane_logs=target.control_plane_logs,
            support=target.support,
            shared_storage=target.shared_storage,
            storage_drivers=target.storage_drivers,
            load_balancer_controller=target.load_balancer_controller,
            dns=target.dns,
            secrets=target.secrets,
            has_autoscaler=target.has_autoscaler,
            apis=target.apis,
            protect=target.protect,
            tags=target.tags,
        )

    def settings(self, component: str) -> EksTarget:
        """The cluster as settings; stand-ins take the place of ids that are not known yet.

        Args:
            component: Name of the component.

        Raises:
            StrataError: for every argument that does not have the form that settings have.
        """
        return checked(lambda: self._settings(component))

    def _settings(self, component: str) -> EksTarget:
        key = f"arn:aws:kms:{self.region}:{_NO_ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
        return EksTarget(
            kind="eks",
            name=self.name or component,
            region=self.region,
            kubernetes_version=self.kubernetes_version,
            network=checked(lambda: vpc_settings(self.network, self.service_cidr), "network", NAMES),
            api_access=self.api_access,
            admins=tuple(
                text_or(arn, f"arn:aws:iam::{_NO_ACCOUNT}:role/admin-{index}")
                for index, arn in enumerate(self.admins.values())
            ),
            group_access=tuple(self.group_access),
            adopt_cluster=self.adopt_cluster,
            cluster_role=text_or(self.cluster_role, _ROLE),
            node_role=text_or(self.node_role, _ROLE),
            iam=self.iam,
            kms_key=text_or(self.kms_key, key),
            node_release=self.node_release,
            addon_versions=dict(self.addon_versions),
            efa_layout=self.efa_layout,
            control_plane_logs=tuple(self.control_plane_logs),
            support=self.support,
            shared_storage=self.shared_storage,
            storage_drivers=tuple(self.storage_drivers),
            load_balancer_controller=self.load_balancer_controller,
            dns=self.dns,
            secrets=self.secrets,
            has_autoscaler=self.has_autoscaler,
            apis=tuple(self.apis),
            protect=self.protect,
            tags={key: text_or(value, "known-later") or "" for key, value in self.tags.items()},
        )


def principal_name(arn: str) -> str:
    """Account and principal: the same role may be there in several accounts."""
    account, principal = arn.split(":", 5)[4:]
    return f"{account}-{principal.replace('/', '-')}"
