"""The control plane of an EKS cluster: encryption, logs, who may reach it, who may do what.

Owns everything that exists before a node does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ...contracts.api_access import ApiAccess, PublicAccess
from .roles import Principal, service_role
from .settings import ControlPlaneLog, GroupAccess, IamRoles, Support

_LOG_DAYS = 90
_KEY_DELETION_DAYS = 30
_ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


def log_group_name(cluster: str) -> str:
    """Where EKS writes the logs of a control plane."""
    return f"/aws/eks/{cluster}/cluster"


@dataclass(frozen=True, kw_only=True)
class ControlPlaneArgs:
    """What the control plane is made of.

    Attributes:
        cluster: Name of the cluster.
        kubernetes_version: Minor version, such as ``1.34``.
        subnets: Subnets of the nodes, in two availability zones at least.
        api_access: From where the API server can be reached.
        admins: ARN of each role or user with full rights, by a name that stays.
        groups: Roles or users that log in as members of groups, by a name that stays.
        adopt: Whether the control plane exists and stays as it is.
        role: ARN of its IAM role; made where left out.
        kms_key: ARN of the key that encrypts Kubernetes' data; made where left out.
        service_cidr: Addresses of Kubernetes services; EKS chooses where left out.
        logs: Which of its logs are kept.
        support: What happens when the version leaves standard support.
        protect: Whether it refuses to be deleted.
        after: What has to exist before.
        iam: Path and permissions boundary of the role that is made.
        tags: Tags of everything that is made.
    """

    cluster: str
    kubernetes_version: str
    subnets: Sequence[pulumi.Input[str]]
    api_access: ApiAccess
    admins: Mapping[str, pulumi.Input[str]]
    groups: Mapping[str, GroupAccess] = field(default_factory=dict[str, GroupAccess])
    adopt: bool = False
    role: pulumi.Input[str] | None = None
    iam: IamRoles = field(default_factory=IamRoles)
    kms_key: pulumi.Input[str] | None = None
    service_cidr: str | None = None
    logs: Sequence[ControlPlaneLog] = tuple(ControlPlaneLog)
    support: Support = Support.STANDARD
    protect: bool = False
    after: Sequence[pulumi.Resource] = ()
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class EksControlPlane(pulumi.ComponentResource):
    """An EKS control plane, made or adopted.

    Attributes:
        cluster_name: Name of the cluster, known once it is active.
        version: Its Kubernetes minor version, known once it runs.
        endpoint: Address of the API server.
        certificate_authority: Its certificate authority, base64.
        security_group: Group that EKS puts control plane and nodes into.
        accessible: Resources without which nobody may log in; depend on them before using the API.
    """

    cluster_name: pulumi.Output[str]
    version: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    security_group: pulumi.Output[str]
    accessible: list[pulumi.Resource]

    def __init__(self, name: str, args: ControlPlaneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:EksControlPlane", name, None, opts)
        self._name = name
        self._inside = pulumi.ResourceOptions(parent=self)
        self._args = args
        self._tags = dict(args.tags) or None
        if args.adopt:
            self._adopt(args.cluster)
        else:
            self._create()
        self.register_outputs({"endpoint": self.endpoint})

    def _adopt(self, cluster: str) -> None:
        found = aws.eks.get_cluster_output(name=cluster, opts=pulumi.InvokeOutputOptions(parent=self))
        self.cluster_name = found.name
        self.version = found.version
        self.endpoint = found.endpoint
        self.certificate_authority = found.certificate_authorities[0].data
        self.security_group = found.vpc_config.cluster_security_group_id
        self.accessible = []

    def _create(self) -> None:
        args = self._args
        role_arn, role_ready = self._role()
        cluster = aws.eks.Cluster(
            self._name,
            name=args.cluster,
            version=args.kubernetes_version,
            role_arn=role_arn,
            vpc_config=_vpc_config(args.api_access, args.subnets),
            kubernetes_network_config=(
                aws.eks.ClusterKubernetesNetworkConfigArgs(service_ipv4_cidr=args.service_cidr)
                if args.service_cidr
                else None
            ),
            # Who made the cluster keeps no hidden rights: the entries below are all there is.
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=self._key()), resources=["secrets"]
            ),
            enabled_cluster_log_types=[log.value for log in args.logs] or None,
            # Add-ons are managed ones, with roles and versions of their own.
            bootstrap_self_managed_addons=False,
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=args.support.value.upper()),
            deletion_protection=args.protect,
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, depends_on=[*role_ready, self._log_group(), *args.after]
            ),
        )
        self.cluster_name = cluster.name
        self.version = cluster.version
        self.endpoint = cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.data
        self.security_group = cluster.vpc_config.cluster_security_group_id.apply(lambda group: group or "")
        self.accessible = [*self._admit(), *self._open(args.api_access)]
        self._admit_groups()

    def _role(self) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
        if self._args.role is not None:
            return self._args.role, []
        role, ready = service_role(
            f"{self._name}-control-plane",
            Principal.CONTROL_PLANE,
            ["AmazonEKSClusterPolicy"],
            self._args.iam,
            self._args.tags,
            self._inside,
        )
        return role.arn, ready

    def _key(self) -> pulumi.Input[str]:
        if self._args.kms_key is not None:
            return self._args.kms_key
        key = aws.kms.Key(
            self._name,
            description=f"Kubernetes data of the EKS cluster {self._args.cluster}",
            enable_key_rotation=True,
            deletion_window_in_days=_KEY_DELETION_DAYS,
            tags=self._tags,
            opts=self._inside,
        )
        aws.kms.Alias(self._name, name=f"alias/eks/{self._args.cluster}", target_key_id=key.id, opts=self._inside)
        return key.arn

    def _log_group(self) -> aws.cloudwatch.LogGroup:
        """Made first, or EKS makes one that nobody owns and that keeps everything for ever."""
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=log_group_name(self._args.cluster),
            retention_in_days=_LOG_DAYS,
            tags=self._tags,
            opts=self._inside,
        )

    def _admit(self) -> list[pulumi.Resource]:
        made: list[pulumi.Resource] = []
        for admin, arn in self._args.admins.items():
            label = f"{self._name}-{admin}"
            entry = aws.eks.AccessEntry(
                label,
                cluster_name=self.cluster_name,
                principal_arn=arn,
                type="STANDARD",
                tags=self._tags,
                opts=self._inside,
            )
            made.append(
                aws.eks.AccessPolicyAssociation(
                    label,
                    cluster_name=self.cluster_name,
                    principal_arn=entry.principal_arn,
                    policy_arn=_ADMIN_POLICY,
                    access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                    opts=self._inside,
                )
            )
        return made

    def _admit_groups(self) -> None:
        """Entries without a policy: what their groups may do, Kubernetes grants."""
        for name, access in self._args.groups.items():
            aws.eks.AccessEntry(
                f"{self._name}-groups-{name}",
                cluster_name=self.cluster_name,
                principal_arn=access.principal,
                kubernetes_groups=list(access.groups),
                tags=self._tags,
                opts=self._inside,
            )

    def _open(self, access: ApiAccess) -> list[pulumi.Resource]:
        """Let private networks outside the VPC reach the private endpoint."""
        if isinstance(access, PublicAccess):
            return []
        return [
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-api-{cidr}",
                security_group_id=self.security_group,
                description="Kubernetes API from a network joined to the VPC",
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                tags=self._tags,
                opts=self._inside,
            )
            for cidr in access.cidrs
        ]


def _vpc_config(access: ApiAccess, subnets: Sequence[pulumi.Input[str]]) -> aws.eks.ClusterVpcConfigArgs:
    public = isinstance(access, PublicAccess)
    return aws.eks.ClusterVpcConfigArgs(
        subnet_ids=subnets,
        # Nodes always stay inside the VPC on their way to the API server.
        endpoint_private_access=True,
        endpoint_public_access=public,
        public_access_cidrs=access.cidrs if public else None,
    )
