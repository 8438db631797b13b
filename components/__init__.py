"""Strata: components that bring a GenAI platform up on Kubernetes. Published as the package ``pulumi_strata``.

What programs need most is exported here and loaded when it is first named, so that importing the package
loads no cloud's SDK and using one cloud loads none of the others. Everything else is in the packages below.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .accelerators.accelerators import Accelerators, AcceleratorsArgs
    from .accelerators.compute_domain import ComputeDomain, ComputeDomainArgs
    from .clusters.aks.args import AksAdmin, AksClusterArgs
    from .clusters.aks.cluster import AksCluster
    from .clusters.cluster import Cluster, ClusterArgs
    from .clusters.eks.args import EksClusterArgs
    from .clusters.eks.cluster import EksCluster
    from .clusters.existing.cluster import ExistingCluster
    from .clusters.gke.args import GkeClusterArgs
    from .clusters.gke.cluster import GkeCluster
    from .clusters.kubeadm.args import KubeadmClusterArgs
    from .clusters.kubeadm.cluster import KubeadmCluster
    from .contracts.api_access import PrivateAccess, PublicAccess
    from .contracts.autoscaling import FixedReplicas, HpaScaling, KedaScaling
    from .contracts.capacity import CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
    from .contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
    from .contracts.customize import (
        Amounts,
        ObjectCustomize,
        PodCustomize,
        Probes,
        ProbeTimes,
        SecretKey,
        ServerCustomize,
        Sidecar,
        Toleration,
    )
    from .contracts.errors import Problem, StrataError
    from .contracts.pools import CpuPool, GpuPool, Taint
    from .contracts.quantities import ByteSize, CpuAmount, Duration
    from .contracts.served_models import ServedModel
    from .contracts.serving import Engine, Precision, ServingPlan, Targets
    from .contracts.traffic import Traffic, Users
    from .networks.aws.args import ExistingAwsVpc, NewAwsVpc, TransitGateway
    from .networks.azure.args import ExistingVnet, NewVnet, PeerNetwork
    from .networks.gcp.args import ExistingGcpVpc, NewGcpVpc, SecondaryRange
    from .operations.namespaces import GuardedNamespace, GuardedNamespaceArgs
    from .operations.priorities import PriorityClasses
    from .operations.team_namespaces import TeamNamespaces, TeamNamespacesArgs
    from .operations.team_settings import Destination, Team, TeamMember, TeamNamespace, TeamRole
    from .planner.model_plans import plan_models
    from .serving.model_servers import ServingOptions
    from .serving.model_service import ModelService, ModelServiceArgs
    from .serving.served_models import ServedModels
    from .storage.catalog import CatalogModel, ModelCatalog, ModelCatalogArgs
    from .storage.classes import StorageClasses, StorageClassesArgs
    from .storage.static_volume import CatalogVolume, catalog_volume

__all__ = [
    "Accelerators",
    "AcceleratorsArgs",
    "AksAdmin",
    "AksCluster",
    "AksClusterArgs",
    "Amounts",
    "ByteSize",
    "CapacityBlock",
    "CatalogModel",
    "CatalogVolume",
    "Cluster",
    "ClusterArgs",
    "ClusterFacts",
    "ComputeDomain",
    "ComputeDomainArgs",
    "CpuAmount",
    "CpuPool",
    "Destination",
    "Duration",
    "EksCluster",
    "EksClusterArgs",
    "Engine",
    "ExistingAwsVpc",
    "ExistingCluster",
    "ExistingGcpVpc",
    "ExistingVnet",
    "FixedReplicas",
    "FlexStart",
    "GkeCluster",
    "GkeClusterArgs",
    "GpuPool",
    "GuardedNamespace",
    "GuardedNamespaceArgs",
    "HpaScaling",
    "KedaScaling",
    "KubeadmCluster",
    "KubeadmClusterArgs",
    "ModelCatalog",
    "ModelCatalogArgs",
    "ModelService",
    "ModelServiceArgs",
    "NewAwsVpc",
    "NewGcpVpc",
    "NewVnet",
    "ObjectCustomize",
    "OnDemand",
    "PeerNetwork",
    "PodCustomize",
    "Precision",
    "PriorityClasses",
    "PrivateAccess",
    "ProbeTimes",
    "Probes",
    "Problem",
    "PublicAccess",
    "Queued",
    "Reservation",
    "SecondaryRange",
    "SecretKey",
    "ServedModel",
    "ServedModels",
    "ServerCustomize",
    "ServingOptions",
    "ServingPlan",
    "Sidecar",
    "Spot",
    "StorageClasses",
    "StorageClassesArgs",
    "StorageFacts",
    "StrataError",
    "Taint",
    "Targets",
    "Team",
    "TeamMember",
    "TeamNamespace",
    "TeamNamespaces",
    "TeamNamespacesArgs",
    "TeamRole",
    "Toleration",
    "Traffic",
    "TransitGateway",
    "Users",
    "VolumeClass",
    "catalog_volume",
    "plan_models",
]

_EXPORTS = {
    "accelerators.accelerators": ("Accelerators", "AcceleratorsArgs"),
    "accelerators.compute_domain": ("ComputeDomain", "ComputeDomainArgs"),
    "clusters.aks.args": ("AksAdmin", "AksClusterArgs"),
    "clusters.aks.cluster": ("AksCluster",),
    "clusters.cluster": ("Cluster", "ClusterArgs"),
    "clusters.eks.args": ("EksClusterArgs",),
    "clusters.eks.cluster": ("EksCluster",),
    "clusters.existing.cluster": ("ExistingCluster",),
    "clusters.gke.args": ("GkeClusterArgs",),
    "clusters.gke.cluster": ("GkeCluster",),
    "clusters.kubeadm.args": ("KubeadmClusterArgs",),
    "clusters.kubeadm.cluster": ("KubeadmCluster",),
    "contracts.api_access": ("PrivateAccess", "PublicAccess"),
    "contracts.autoscaling": ("FixedReplicas", "HpaScaling", "KedaScaling"),
    "contracts.capacity": ("CapacityBlock", "FlexStart", "OnDemand", "Queued", "Reservation", "Spot"),
    "contracts.cluster_facts": ("ClusterFacts", "StorageFacts", "VolumeClass"),
    "contracts.customize": (
        "Amounts",
        "ObjectCustomize",
        "PodCustomize",
        "Probes",
        "ProbeTimes",
        "SecretKey",
        "ServerCustomize",
        "Sidecar",
        "Toleration",
    ),
    "contracts.errors": ("Problem", "StrataError"),
    "contracts.pools": ("CpuPool", "GpuPool", "Taint"),
    "contracts.quantities": ("ByteSize", "CpuAmount", "Duration"),
    "contracts.served_models": ("ServedModel",),
    "contracts.serving": ("Engine", "Precision", "ServingPlan", "Targets"),
    "contracts.traffic": ("Traffic", "Users"),
    "networks.aws.args": ("ExistingAwsVpc", "NewAwsVpc", "TransitGateway"),
    "networks.azure.args": ("ExistingVnet", "NewVnet", "PeerNetwork"),
    "networks.gcp.args": ("ExistingGcpVpc", "NewGcpVpc", "SecondaryRange"),
    "operations.namespaces": ("GuardedNamespace", "GuardedNamespaceArgs"),
    "operations.priorities": ("PriorityClasses",),
    "operations.team_namespaces": ("TeamNamespaces", "TeamNamespacesArgs"),
    "operations.team_settings": ("Destination", "Team", "TeamMember", "TeamNamespace", "TeamRole"),
    "planner.model_plans": ("plan_models",),
    "serving.model_servers": ("ServingOptions",),
    "serving.model_service": ("ModelService", "ModelServiceArgs"),
    "serving.served_models": ("ServedModels",),
    "storage.catalog": ("CatalogModel", "ModelCatalog", "ModelCatalogArgs"),
    "storage.classes": ("StorageClasses", "StorageClassesArgs"),
    "storage.static_volume": ("CatalogVolume", "catalog_volume"),
}
_EXTRAS = {
    "pulumi_aws": "aws",
    "pulumi_azure_native": "azure",
    "pulumi_command": "kubeadm",
    "pulumi_gcp": "gcp",
}
_MODULE_OF = {name: module for module, names in _EXPORTS.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f".{_MODULE_OF[name]}", __name__)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "")
        if extra is None:
            raise
        raise ImportError(f"{name} needs {error.name}: pip install 'pulumi-strata[{extra}]'") from error
    found: object = getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
