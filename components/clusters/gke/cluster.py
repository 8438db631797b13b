"""A GKE cluster from network to node pools, in the order in which money begins to flow.

Network and control plane come first, then the GPUs, which may not be there to be had, and only then
what would idle expensively without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ...contracts.pools import NodePool
from ...networks.gcp.vpc import Vpc, VpcArgs
from ..cluster import Cluster, ClusterArgs, VolumeSource
from .control_plane import ControlPlaneArgs, GkeControlPlane
from .fabric_networks import FabricNetworksArgs, GkeFabricNetworks
from .facts import gke_facts
from .kubeconfig import kubeconfig
from .network import network_project
from .node_pool import GkeNodePool, NodePoolArgs
from .roles import enabled_services, node_account
from .settings import GkeTarget
from .shared_files import GkeSharedFiles, SharedFilesArgs


@dataclass(frozen=True, kw_only=True)
class GkeClusterArgs:
    """A GKE cluster.

    Attributes:
        target: The cluster as users write it.
        pools: Its node pools.
    """

    target: GkeTarget
    pools: Sequence[NodePool]


def gke_cluster(name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component, with all that it stands on."""
    return GkeCluster(name, args, opts).cluster


class GkeCluster(pulumi.ComponentResource):
    """A GKE cluster.

    Attributes:
        cluster: What every room above works with.
    """

    cluster: Cluster

    def __init__(self, name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:GkeCluster", name, None, opts)
        target = args.target
        account = gcp.Provider(
            f"{name}-gcp",
            project=target.project,
            region=target.region,
            default_labels={"strata-cluster": target.name, "strata-stack": _label(pulumi.get_stack())},
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = pulumi.ResourceOptions(parent=self, providers=[account])
        services = enabled_services(name, target, pulumi.ResourceOptions(parent=self, provider=account))
        vpc = Vpc(
            name,
            VpcArgs(project=target.project, region=target.region, settings=target.network, after=services),
            inside,
        )
        node_email, node_ready = node_account(
            name, target, pulumi.ResourceOptions(parent=self, provider=account, depends_on=services)
        )
        control_plane = GkeControlPlane(
            name,
            ControlPlaneArgs(target=target, vpc=vpc, node_account=node_email, after=[*services, *node_ready]),
            inside,
        )
        networks = GkeFabricNetworks(name, FabricNetworksArgs(target=target, pools=args.pools, after=services), inside)
        pools = _Pools(name, args, control_plane, networks, node_email, inside)
        gpus = pools.of_kind("gpu", after=[*services, *vpc.routed, *node_ready])
        others = pools.of_kind("cpu", after=[*services, *vpc.routed, *node_ready, *gpus])
        files = GkeSharedFiles(
            f"{name}-shared", SharedFilesArgs(target=target, vpc=vpc, after=[*services, *gpus]), inside
        )
        facts = gke_facts(target, args.pools)
        self.cluster = Cluster(
            target.name,
            ClusterArgs(
                kubeconfig=kubeconfig(
                    target.name, target.api_endpoint, control_plane.endpoint, control_plane.certificate_authority
                ),
                facts=facts,
                volume_sources={
                    facts.storage.read_write_many.name: VolumeSource(parameters=files.parameters, volume=files.volume)
                },
                attachment={
                    "kind": "gcp",
                    "project": network_project(target),
                    "network": vpc.network,
                },
                ready=[*control_plane.accessible, *gpus, *others, *files.reachable],
            ),
            inside,
        )
        networks.declare_objects(self.cluster.provider)
        self.register_outputs({})


class _Pools:
    """The node pools of one cluster, and what they share: a service account and GPU networks."""

    def __init__(
        self,
        name: str,
        args: GkeClusterArgs,
        control_plane: GkeControlPlane,
        networks: GkeFabricNetworks,
        node_email: pulumi.Output[str],
        inside: pulumi.ResourceOptions,
    ) -> None:
        self._name, self._args, self._control_plane = name, args, control_plane
        self._networks, self._node_email, self._inside = networks, node_email, inside

    def of_kind(self, kind: str, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """Make the pools of that kind."""
        return [
            GkeNodePool(
                f"{self._name}-{pool.name}",
                NodePoolArgs(
                    target=self._args.target,
                    pool=pool,
                    cluster=self._control_plane.cluster,
                    node_account=self._node_email,
                    attachments=self._networks.of_pool(pool),
                    after=after,
                ),
                self._inside,
            ).group
            for pool in self._args.pools
            if pool.kind == kind
        ]


def _label(text: str) -> str:
    """A value that Google takes as a label: at most 63 of a-z, 0-9, '-' and '_'."""
    return "".join(each if each.isalnum() or each in "-_" else "-" for each in text.lower())[:63]
