"""Any cluster that exists already, by its kubeconfig.

Its pools and storage classes are described, not created; everything above works as on a cluster
of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ...contracts.cluster_facts import ClusterFacts, StorageFacts
from ...contracts.pools import DriverOwner, NodePool
from ...planner.shapes import pool_facts
from ..cluster import Cluster, ClusterArgs


@dataclass(frozen=True, kw_only=True)
class ExistingClusterArgs:
    """A cluster that others made.

    Attributes:
        cluster: Name for it in Strata.
        kubeconfig: Path of a kubeconfig.
        context: Context in it; None takes the current one.
        kubernetes_version: Its version, such as ``1.34.2``.
        pools: Its node pools; their nodes carry the labels and taints that each pool states.
        storage: Its storage classes.
        driver_owner: Who installed the NVIDIA driver.
        apis: API groups that are installed beside Kubernetes' own, such as ``keda.sh``.
    """

    cluster: str
    kubeconfig: str
    context: str | None
    kubernetes_version: str
    pools: Sequence[NodePool]
    storage: StorageFacts
    driver_owner: DriverOwner
    apis: Sequence[str] = ()


def existing_facts(args: ExistingClusterArgs) -> ClusterFacts:
    """The facts of the described cluster."""
    return ClusterFacts(
        name=args.cluster,
        environment="existing",
        kubernetes_version=args.kubernetes_version,
        pools=tuple(pool_facts(pool, args.driver_owner) for pool in args.pools),
        storage=args.storage,
        apis=tuple(args.apis),
    )


def existing_cluster(name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component."""
    return Cluster(
        name, ClusterArgs(kubeconfig=args.kubeconfig, context=args.context, facts=existing_facts(args)), opts
    )
