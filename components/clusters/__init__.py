"""Clusters of every environment, all with the same ``Cluster`` and ``ClusterFacts`` as result."""

from .cluster import Cluster, ClusterArgs, StaticVolume, VolumeSource
from .existing.cluster import ExistingCluster, ExistingClusterArgs, existing_cluster, existing_facts
from .local.cluster import LocalClusterArgs, local_cluster, local_facts
from .reachability import require_answer, require_reachable

__all__ = [
    "Cluster",
    "ClusterArgs",
    "ExistingCluster",
    "ExistingClusterArgs",
    "LocalClusterArgs",
    "StaticVolume",
    "VolumeSource",
    "existing_cluster",
    "existing_facts",
    "local_cluster",
    "local_facts",
    "require_answer",
    "require_reachable",
]
