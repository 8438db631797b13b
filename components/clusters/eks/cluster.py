"""An EKS cluster from network to node pools, in the order in which money begins to flow.

Network and control plane come first, then the GPUs, which may not be available, and only then
what would idle expensively without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pulumi
import pulumi_aws as aws

from ...contracts.arguments import checked
from ...contracts.pools import NodePool
from ...contracts.service_accounts import EXTERNAL_DNS, EXTERNAL_SECRETS, AccountName
from ...networks.aws.vpc import Vpc, VpcArgs
from ...planner.shapes import pool_machine
from ..arguments import ownership_tags, refuse
from ..cluster import Cluster, ClusterArgs, VolumeSource
from ..rules.pool_list import pool_list_problems
from .add_ons import AddOnsArgs, EksAddOns
from .addon_table import add_ons
from .args import NAMES, EksClusterArgs, principal_name
from .control_plane import ControlPlaneArgs, EksControlPlane
from .dns import dns_statements
from .facts import eks_facts
from .kubeconfig import kubeconfig
from .load_balancers import IMAGE_NAME, EksLoadBalancers, LoadBalancersArgs
from .node_pool import EksNodePool, NodePoolArgs
from .pod_identity import PodIdentityArgs, pod_identity
from .roles import Principal, Statement, service_role
from .rules import eks_problems
from .secret_store import secret_statements
from .settings import EksTarget, LoadBalancerController
from .shared_files import EksSharedFiles, SharedFilesArgs

# nodeadm asks EC2 for the name under which the node registers (awslabs/amazon-eks-ami, nodeadm/internal/api/status.go);
# the "minimal" policy, which is for nodes of EKS Auto Mode, does not allow it.
_NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
_ALL_TRAFFIC = "-1"


def eks_cluster(name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component, with everything that it needs."""
    return EksCluster(name, args, opts).cluster


class EksCluster(pulumi.ComponentResource):
    """An EKS cluster.

    Its resources go to the AWS provider that the caller gives in ``opts``, or to one of its own.

    Attributes:
        cluster: What workloads are declared on, such as by ``ServedModels``.
    """

    cluster: Cluster

    @checked
    def __init__(self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        target = args.settings(name)
        refuse(
            [*pool_list_problems(args.pools), *eks_problems(target, args.pools, datetime.now(UTC))], args.admins, NAMES
        )
        super().__init__("strata:clusters:EksCluster", name, None, opts)
        account, tags = self._account(name, target.name, args)
        inside = pulumi.ResourceOptions(parent=self, providers=account)
        args = replace(args, tags=tags)
        vpc = Vpc(name, VpcArgs(region=args.region, network=args.network, tags=tags), inside)
        control_plane = EksControlPlane(name, _control_plane(target.name, args, vpc), inside)
        first = _add_ons(f"{name}-network", name, args, control_plane, inside, before_nodes=True, after=[])
        pools = _Pools(name, args, vpc, control_plane, inside)
        gpus = pools.of_kind("gpu", after=[*vpc.routed, *first])
        others = pools.of_kind("cpu", after=[*vpc.routed, *first, *gpus])
        files = EksSharedFiles(
            f"{name}-shared",
            SharedFilesArgs(
                storage=args.shared_storage,
                vpc_id=vpc.id,
                subnets=vpc.private_subnets,
                clients=pools.security_groups,
                protect=args.protect,
                after=gpus,
                tags=tags,
            ),
            inside,
        )
        later = _add_ons(name, name, args, control_plane, inside, before_nodes=False, after=others or gpus)
        ready = [
            *(*control_plane.accessible, *gpus, *others, *later, *files.reachable),
            *_identities(name, args, control_plane, inside),
        ]
        self.cluster = Cluster(name, _cluster_args(target, args, vpc, control_plane, files, ready), inside)
        if target.load_balancer_controller is LoadBalancerController.INSTALLED:
            self.cluster.controllers = EksLoadBalancers(
                f"{name}-load-balancers", _load_balancers(name, args, vpc, control_plane, self.cluster), inside
            ).installed
        self.register_outputs({})

    def _account(
        self, name: str, cluster: str, args: EksClusterArgs
    ) -> tuple[list[pulumi.ProviderResource], Mapping[str, pulumi.Input[str]]]:
        """A provider of its own where the caller gives none, and the tags that children have to carry themselves."""
        marks = ownership_tags(cluster)
        if self.get_provider("aws:eks/cluster:Cluster"):
            return [], {**marks, **args.tags}
        account = aws.Provider(
            f"{name}-aws",
            region=args.region,
            default_tags=aws.ProviderDefaultTagsArgs(tags=marks),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return [account], args.tags


def _control_plane(cluster: str, args: EksClusterArgs, vpc: Vpc) -> ControlPlaneArgs:
    return ControlPlaneArgs(
        cluster=cluster,
        kubernetes_version=args.kubernetes_version,
        subnets=list(vpc.private_subnets.values()),
        api_access=args.api_access,
        admins=args.admins,
        groups={principal_name(access.principal): access for access in args.group_access},
        adopt=args.adopt_cluster,
        role=args.cluster_role,
        iam=args.iam,
        kms_key=args.kms_key,
        service_cidr=args.service_cidr,
        logs=args.control_plane_logs,
        support=args.support,
        protect=args.protect,
        after=vpc.routed,
        tags=args.tags,
    )


def _identities(
    name: str, args: EksClusterArgs, control_plane: EksControlPlane, opts: pulumi.ResourceOptions
) -> Iterator[pulumi.Resource]:
    """Pods get an identity when they start and not later, so each is there before the first object."""
    wanted: list[tuple[str, AccountName, Sequence[Statement]]] = []
    if args.dns is not None:
        wanted.append((f"{name}-dns", EXTERNAL_DNS, dns_statements(args.dns)))
    if args.secrets is not None:
        wanted.append((f"{name}-secrets", EXTERNAL_SECRETS, secret_statements(args.secrets, args.region)))
    for role, account, statements in wanted:
        identity = PodIdentityArgs(
            cluster_name=control_plane.cluster_name,
            account=account,
            statements=statements,
            iam=args.iam,
            tags=args.tags,
        )
        yield from pod_identity(role, identity, opts)


def _load_balancers(
    name: str, args: EksClusterArgs, vpc: Vpc, control_plane: EksControlPlane, cluster: Cluster
) -> LoadBalancersArgs:
    return LoadBalancersArgs(
        prefix=name,
        cluster=cluster.facts.name,
        cluster_name=control_plane.cluster_name,
        region=args.region,
        vpc_id=vpc.id,
        provider=cluster.provider,
        charts=args.charts,
        image_mirror=args.image_mirror,
        image_digest=args.image_digests.get(IMAGE_NAME),
        iam=args.iam,
        tags=args.tags,
    )


def _add_ons(
    name: str,
    prefix: str,
    args: EksClusterArgs,
    control_plane: EksControlPlane,
    inside: pulumi.ResourceOptions,
    *,
    before_nodes: bool,
    after: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    if args.adopt_cluster:
        return []
    made = EksAddOns(
        name,
        AddOnsArgs(
            prefix=prefix,
            cluster_name=control_plane.cluster_name,
            add_ons=[add_on for add_on in add_ons(args.shared_storage) if add_on.before_nodes is before_nodes],
            versions=args.addon_versions,
            after=after,
            iam=args.iam,
            tags=args.tags,
        ),
        inside,
    )
    return made.installed


def _cluster_args(
    target: EksTarget,
    args: EksClusterArgs,
    vpc: Vpc,
    control_plane: EksControlPlane,
    files: EksSharedFiles,
    ready: Sequence[pulumi.Resource],
) -> ClusterArgs:
    facts = eks_facts(target, args.pools)
    return ClusterArgs(
        kubeconfig=kubeconfig(target.region, target.name, control_plane.endpoint, control_plane.certificate_authority),
        facts=facts,
        volume_sources={
            facts.storage.read_write_many.name: VolumeSource(parameters=files.parameters, volume=files.volume)
        },
        attachment={
            "kind": "aws",
            "vpc": vpc.id,
            "subnets": list(vpc.private_subnets.values()),
            "route_tables": vpc.route_tables,
        },
        ready=ready,
    )


class _Pools:
    """The node pools of one cluster, and what they share: a role and security groups."""

    def __init__(
        self, name: str, args: EksClusterArgs, vpc: Vpc, control_plane: EksControlPlane, inside: pulumi.ResourceOptions
    ) -> None:
        self._name, self._args, self._vpc, self._control_plane, self._inside = name, args, vpc, control_plane, inside
        self._role, self._role_ready = self._node_role()
        self.security_groups: dict[str, pulumi.Input[str]] = {"nodes": control_plane.security_group}
        self._fabric_rules: list[pulumi.Resource] = []
        if any(pool_machine(pool).rdma_nics for pool in args.pools):
            self.security_groups["fabric"] = self._fabric_group()

    def of_kind(self, kind: str, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """Make the pools of that kind."""
        return [
            EksNodePool(
                f"{self._name}-{pool.name}",
                NodePoolArgs(
                    pool=pool,
                    cluster_name=self._control_plane.cluster_name,
                    version=self._control_plane.version,
                    node_role=self._role,
                    subnets=self._vpc.private_subnets,
                    security_groups=self._groups(pool),
                    efa_layout=self._args.efa_layout,
                    release=self._args.node_release,
                    after=[*after, *self._role_ready, *self._fabric_rules],
                    tags=self._args.tags,
                ),
                self._inside,
            ).group
            for pool in self._args.pools
            if pool.kind == kind
        ]

    def _groups(self, pool: NodePool) -> list[pulumi.Input[str]]:
        has_fabric = bool(pool_machine(pool).rdma_nics)
        return [group for label, group in self.security_groups.items() if label != "fabric" or has_fabric]

    def _node_role(self) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
        if self._args.node_role is not None:
            return self._args.node_role, []
        role, ready = service_role(
            f"{self._name}-nodes", Principal.NODE, _NODE_POLICIES, self._args.iam, self._args.tags, self._inside
        )
        return role.arn, ready

    def _fabric_group(self) -> pulumi.Output[str]:
        """EFA passes nothing unless a group allows all traffic to and from itself, in both directions."""
        name = f"{self._name}-fabric"
        tags = self._args.tags
        group = aws.ec2.SecurityGroup(
            name, description="EFA between nodes", vpc_id=self._vpc.id, tags={**tags, "Name": name}, opts=self._inside
        )
        self._fabric_rules = [
            aws.vpc.SecurityGroupIngressRule(
                name,
                security_group_id=group.id,
                description="EFA from the group itself",
                referenced_security_group_id=group.id,
                ip_protocol=_ALL_TRAFFIC,
                tags=dict(tags) or None,
                opts=self._inside,
            ),
            aws.vpc.SecurityGroupEgressRule(
                name,
                security_group_id=group.id,
                description="EFA to the group itself",
                referenced_security_group_id=group.id,
                ip_protocol=_ALL_TRAFFIC,
                tags=dict(tags) or None,
                opts=self._inside,
            ),
        ]
        return group.id
