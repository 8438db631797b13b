"""Clusters of every environment, all with the same ``Cluster`` and ``ClusterFacts`` as result."""

from .cluster import Cluster, ClusterArgs
from .existing import ExistingClusterArgs, existing_cluster
from .local import LocalClusterArgs, local_cluster
from .reachability import require_reachable

__all__ = [
    "Cluster",
    "ClusterArgs",
    "ExistingClusterArgs",
    "LocalClusterArgs",
    "existing_cluster",
    "local_cluster",
    "require_reachable",
]
