"""The control plane of an EKS cluster: encryption, logs, who may reach it, who may do what.

Owns everything that exists before a node does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ...contracts.api_access import ApiAccess, PublicAccess
from ...networks.aws.vpc import Vpc
from .roles import Principal, service_role
from .settings import EksTarget

_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_LOG_DAYS = 90
_KEY_DELETION_DAYS = 30
_ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


@dataclass(frozen=True, kw_only=True)
class ControlPlaneArgs:
    """What the control plane is made of.

    Attributes:
        target: The cluster as users write it.
        vpc: Its network.
    """

    target: EksTarget
    vpc: Vpc


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
        if args.target.adopt_cluster:
            self._adopt(args.target)
        else:
            self._create(args.target, args.vpc)
        self.register_outputs({"endpoint": self.endpoint})

    def _adopt(self, target: EksTarget) -> None:
        found = aws.eks.get_cluster_output(name=target.name, opts=pulumi.InvokeOutputOptions(parent=self))
        self.cluster_name = found.name
        self.version = found.version
        self.endpoint = found.endpoint
        self.certificate_authority = found.certificate_authorities[0].data
        self.security_group = found.vpc_config.cluster_security_group_id
        self.accessible = []

    def _create(self, target: EksTarget, vpc: Vpc) -> None:
        role_arn, role_ready = self._role(target)
        cluster = aws.eks.Cluster(
            self._name,
            name=target.name,
            version=target.kubernetes_version,
            role_arn=role_arn,
            vpc_config=_vpc_config(target.api_access, list(vpc.private_subnets.values())),
            # Who made the cluster keeps no hidden rights: the entries below are all there is.
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=self._key(target)), resources=["secrets"]
            ),
            enabled_cluster_log_types=_LOGS,
            # Add-ons are managed ones, with roles and versions of their own.
            bootstrap_self_managed_addons=False,
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=target.support.value),
            deletion_protection=target.protect,
            opts=pulumi.ResourceOptions(
                parent=self, protect=target.protect, depends_on=[*role_ready, self._log_group(target), *vpc.routed]
            ),
        )
        self.cluster_name = cluster.name
        self.version = cluster.version
        self.endpoint = cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.data
        self.security_group = cluster.vpc_config.cluster_security_group_id.apply(lambda group: group or "")
        self.accessible = [*self._admit(target), *self._open(target.api_access)]

    def _role(self, target: EksTarget) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
        if target.cluster_role:
            return target.cluster_role, []
        role, ready = service_role(
            f"{target.name}-control-plane", Principal.CONTROL_PLANE, ["AmazonEKSClusterPolicy"], self._inside
        )
        return role.arn, ready

    def _key(self, target: EksTarget) -> pulumi.Input[str]:
        if target.kms_key:
            return target.kms_key
        key = aws.kms.Key(
            self._name,
            description=f"Kubernetes data of the EKS cluster {target.name}",
            enable_key_rotation=True,
            deletion_window_in_days=_KEY_DELETION_DAYS,
            opts=self._inside,
        )
        aws.kms.Alias(self._name, name=f"alias/eks/{target.name}", target_key_id=key.id, opts=self._inside)
        return key.arn

    def _log_group(self, target: EksTarget) -> aws.cloudwatch.LogGroup:
        """Made first, or EKS makes one that nobody owns and that keeps everything for ever."""
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=f"/aws/eks/{target.name}/cluster",
            retention_in_days=_LOG_DAYS,
            opts=self._inside,
        )

    def _admit(self, target: EksTarget) -> list[pulumi.Resource]:
        made: list[pulumi.Resource] = []
        for arn in target.admins:
            # The same role may be there in several accounts.
            account, principal = arn.split(":", 5)[4:]
            label = f"{self._name}-{account}-{principal.replace('/', '-')}"
            entry = aws.eks.AccessEntry(
                label, cluster_name=self.cluster_name, principal_arn=arn, type="STANDARD", opts=self._inside
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
