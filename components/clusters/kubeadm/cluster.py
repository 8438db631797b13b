"""A kubeadm cluster from hosts to node pools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ...contracts.pools import NodePool
from ..cluster import Cluster, ClusterArgs
from .add_ons import AddOnsArgs, KubeadmAddOns, KubeadmNetwork
from .connections import Login
from .control_plane import ControlPlaneArgs, KubeadmControlPlane
from .facts import kubeadm_facts
from .node_pool import KubeadmNodePool, NodePoolArgs
from .settings import KubeadmTarget


@dataclass(frozen=True, kw_only=True)
class KubeadmClusterArgs:
    """A kubeadm cluster.

    Attributes:
        target: The cluster as users write it.
        pools: Its node pools.
        private_key: SSH key with which its hosts are reached, a secret.
    """

    target: KubeadmTarget
    pools: Sequence[NodePool]
    private_key: pulumi.Input[str]


def kubeadm_cluster(name: str, args: KubeadmClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component, with all that it stands on."""
    return KubeadmCluster(name, args, opts).cluster


class KubeadmCluster(pulumi.ComponentResource):
    """A kubeadm cluster.

    Attributes:
        cluster: What every room above works with.
    """

    cluster: Cluster

    def __init__(self, name: str, args: KubeadmClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:KubeadmCluster", name, None, opts)
        target = args.target
        login = Login(target=target, private_key=args.private_key)
        inside = pulumi.ResourceOptions(parent=self)
        control_plane = KubeadmControlPlane(name, ControlPlaneArgs(target=target, login=login), inside)
        network = KubeadmNetwork(name, AddOnsArgs(target=target, login=login, after=[control_plane.ready]), inside)
        members = [
            member
            for pool in args.pools
            for member in KubeadmNodePool(
                f"{name}-{pool.name}",
                NodePoolArgs(target=target, pool=pool, login=login, after=[network.installed]),
                inside,
            ).members
        ]
        add_ons = KubeadmAddOns(name, AddOnsArgs(target=target, login=login, after=members), inside)
        self.cluster = Cluster(
            target.name,
            ClusterArgs(
                kubeconfig=control_plane.kubeconfig,
                facts=kubeadm_facts(target, args.pools),
                ready=[*members, add_ons.installed],
            ),
            inside,
        )
        self.register_outputs({})
