"""A kubeadm cluster from hosts to node pools."""

from __future__ import annotations

import pulumi

from ...contracts.arguments import checked
from ..arguments import refuse
from ..cluster import Cluster, ClusterArgs
from ..rules.pool_list import pool_list_problems
from .add_ons import AddOnsArgs, KubeadmAddOns, KubeadmNetwork
from .args import KubeadmClusterArgs
from .connections import Login
from .control_plane import ControlPlaneArgs, KubeadmControlPlane
from .facts import kubeadm_facts
from .node_pool import KubeadmNodePool, NodePoolArgs
from .rules import kubeadm_problems


def kubeadm_cluster(name: str, args: KubeadmClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component, with everything that it needs."""
    return KubeadmCluster(name, args, opts).cluster


class KubeadmCluster(pulumi.ComponentResource):
    """A kubeadm cluster.

    Attributes:
        cluster: What workloads are declared on, such as by ``ServedModels``.
    """

    cluster: Cluster

    @checked
    def __init__(self, name: str, args: KubeadmClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        target = args.settings(name)
        refuse([*pool_list_problems(args.pools), *kubeadm_problems(target, args.pools)])
        super().__init__("strata:clusters:KubeadmCluster", name, None, opts)
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
            name,
            ClusterArgs(
                kubeconfig=control_plane.kubeconfig,
                facts=kubeadm_facts(target, args.pools),
                ready=[*members, add_ons.installed],
            ),
            inside,
        )
        self.register_outputs({})
