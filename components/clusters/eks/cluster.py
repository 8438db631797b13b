"""An EKS cluster from network to node pools, in the order in which money begins to flow.

Network and control plane come first, then the GPUs, which may not be there to be had, and only then
what would idle expensively without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ...contracts.pools import NodePool
from ...networks.aws.vpc import Vpc, VpcArgs
from ...planner.catalogs.instances import instance
from ..cluster import Cluster, ClusterArgs, VolumeSource
from .add_ons import AddOnsArgs, EksAddOns
from .addon_table import add_ons
from .control_plane import ControlPlaneArgs, EksControlPlane
from .facts import eks_facts
from .kubeconfig import kubeconfig
from .node_pool import EksNodePool, NodePoolArgs
from .roles import Principal, service_role
from .settings import EksTarget
from .shared_files import EksSharedFiles, SharedFilesArgs

_NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
_ALL_TRAFFIC = "-1"


@dataclass(frozen=True, kw_only=True)
class EksClusterArgs:
    """An EKS cluster.

    Attributes:
        target: The cluster as users write it.
        pools: Its node pools.
    """

    target: EksTarget
    pools: Sequence[NodePool]


def eks_cluster(name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component, with all that it stands on."""
    return EksCluster(name, args, opts).cluster


class EksCluster(pulumi.ComponentResource):
    """An EKS cluster.

    Attributes:
        cluster: What every room above works with.
    """

    cluster: Cluster

    def __init__(self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:EksCluster", name, None, opts)
        target = args.target
        account = aws.Provider(
            f"{name}-aws",
            region=target.region,
            default_tags=aws.ProviderDefaultTagsArgs(
                tags={"strata.dev/cluster": target.name, "strata.dev/stack": pulumi.get_stack()}
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = pulumi.ResourceOptions(parent=self, providers=[account])
        vpc = Vpc(name, VpcArgs(region=target.region, settings=target.network), inside)
        control_plane = EksControlPlane(name, ControlPlaneArgs(target=target, vpc=vpc), inside)
        first = self._add_ons(f"{name}-network", args, control_plane, inside, before_nodes=True, after=[])
        pools = _Pools(name, args, vpc, control_plane, inside)
        gpus = pools.of_kind("gpu", after=[*vpc.routed, *first])
        others = pools.of_kind("cpu", after=[*vpc.routed, *first, *gpus])
        files = EksSharedFiles(
            f"{name}-shared",
            SharedFilesArgs(target=target, vpc=vpc, clients=pools.security_groups, after=gpus),
            inside,
        )
        later = self._add_ons(name, args, control_plane, inside, before_nodes=False, after=others or gpus)
        ready = [*control_plane.accessible, *gpus, *others, *later, *files.reachable]
        self.cluster = Cluster(target.name, _cluster_args(args, vpc, control_plane, files, ready), inside)
        self.register_outputs({})

    def _add_ons(
        self,
        name: str,
        args: EksClusterArgs,
        control_plane: EksControlPlane,
        inside: pulumi.ResourceOptions,
        *,
        before_nodes: bool,
        after: Sequence[pulumi.Resource],
    ) -> list[pulumi.Resource]:
        if args.target.adopt_cluster:
            return []
        chosen = [each for each in add_ons(args.target.shared_storage) if each.before_nodes is before_nodes]
        made = EksAddOns(
            name,
            AddOnsArgs(
                cluster=args.target.name,
                cluster_name=control_plane.cluster_name,
                add_ons=chosen,
                versions=args.target.addon_versions,
                after=after,
            ),
            inside,
        )
        return made.installed


def _cluster_args(
    args: EksClusterArgs,
    vpc: Vpc,
    control_plane: EksControlPlane,
    files: EksSharedFiles,
    ready: Sequence[pulumi.Resource],
) -> ClusterArgs:
    target, facts = args.target, eks_facts(args.target, args.pools)
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
        if any(instance(pool.instance_type).rdma_nics for pool in args.pools):
            self.security_groups["fabric"] = self._fabric_group()

    def of_kind(self, kind: str, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """Make the pools of that kind."""
        return [
            EksNodePool(
                f"{self._name}-{pool.name}",
                NodePoolArgs(
                    target=self._args.target,
                    pool=pool,
                    cluster_name=self._control_plane.cluster_name,
                    version=self._control_plane.version,
                    node_role=self._role,
                    vpc=self._vpc,
                    security_groups=self._groups(pool),
                    after=[*after, *self._role_ready, *self._fabric_rules],
                ),
                self._inside,
            ).group
            for pool in self._args.pools
            if pool.kind == kind
        ]

    def _groups(self, pool: NodePool) -> list[pulumi.Input[str]]:
        has_fabric = bool(instance(pool.instance_type).rdma_nics)
        return [group for label, group in self.security_groups.items() if label != "fabric" or has_fabric]

    def _node_role(self) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
        target = self._args.target
        if target.node_role:
            return target.node_role, []
        role, ready = service_role(f"{target.name}-nodes", Principal.NODE, _NODE_POLICIES, self._inside)
        return role.arn, ready

    def _fabric_group(self) -> pulumi.Output[str]:
        """EFA passes nothing unless a group allows all traffic to and from itself, in both directions."""
        name = f"{self._name}-fabric"
        group = aws.ec2.SecurityGroup(
            name, description="EFA between nodes", vpc_id=self._vpc.id, tags={"Name": name}, opts=self._inside
        )
        self._fabric_rules = [
            aws.vpc.SecurityGroupIngressRule(
                name,
                security_group_id=group.id,
                description="EFA from the group itself",
                referenced_security_group_id=group.id,
                ip_protocol=_ALL_TRAFFIC,
                opts=self._inside,
            ),
            aws.vpc.SecurityGroupEgressRule(
                name,
                security_group_id=group.id,
                description="EFA to the group itself",
                referenced_security_group_id=group.id,
                ip_protocol=_ALL_TRAFFIC,
                opts=self._inside,
            ),
        ]
        return group.id
