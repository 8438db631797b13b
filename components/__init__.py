"""Strata: components that bring a GenAI platform up on Kubernetes. Published as the package ``pulumi_strata``.

What programs need most is exported here and loaded when it is first named, so that importing the package
loads no cloud's SDK and using one cloud loads none of the others. Everything else is in the packages below.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clusters.aks.args import AksAdmin as AksAdmin
    from .clusters.aks.args import AksClusterArgs as AksClusterArgs
    from .clusters.aks.cluster import AksCluster as AksCluster
    from .clusters.cluster import Cluster as Cluster
    from .clusters.cluster import ClusterArgs as ClusterArgs
    from .clusters.eks.args import EksClusterArgs as EksClusterArgs
    from .clusters.eks.cluster import EksCluster as EksCluster
    from .clusters.existing.cluster import ExistingCluster as ExistingCluster
    from .clusters.gke.args import GkeClusterArgs as GkeClusterArgs
    from .clusters.gke.cluster import GkeCluster as GkeCluster
    from .clusters.kubeadm.args import KubeadmClusterArgs as KubeadmClusterArgs
    from .clusters.kubeadm.cluster import KubeadmCluster as KubeadmCluster
    from .contracts.api_access import PrivateAccess as PrivateAccess
    from .contracts.api_access import PublicAccess as PublicAccess
    from .contracts.autoscaling import FixedReplicas as FixedReplicas
    from .contracts.autoscaling import HpaScaling as HpaScaling
    from .contracts.autoscaling import KedaScaling as KedaScaling
    from .contracts.capacity import CapacityBlock as CapacityBlock
    from .contracts.capacity import FlexStart as FlexStart
    from .contracts.capacity import OnDemand as OnDemand
    from .contracts.capacity import Queued as Queued
    from .contracts.capacity import Reservation as Reservation
    from .contracts.capacity import Spot as Spot
    from .contracts.cluster_facts import ClusterFacts as ClusterFacts
    from .contracts.cluster_facts import StorageFacts as StorageFacts
    from .contracts.cluster_facts import VolumeClass as VolumeClass
    from .contracts.customize import ObjectCustomize as ObjectCustomize
    from .contracts.customize import PodCustomize as PodCustomize
    from .contracts.customize import ServerCustomize as ServerCustomize
    from .contracts.errors import Problem as Problem
    from .contracts.errors import StrataError as StrataError
    from .contracts.pools import CpuPool as CpuPool
    from .contracts.pools import GpuPool as GpuPool
    from .contracts.quantities import ByteSize as ByteSize
    from .contracts.quantities import Duration as Duration
    from .contracts.served_models import ServedModel as ServedModel
    from .contracts.serving import Engine as Engine
    from .contracts.serving import Precision as Precision
    from .contracts.serving import ServingPlan as ServingPlan
    from .contracts.serving import Targets as Targets
    from .contracts.serving import Traffic as Traffic
    from .networks.aws.args import ExistingAwsVpc as ExistingAwsVpc
    from .networks.aws.args import NewAwsVpc as NewAwsVpc
    from .networks.azure.args import ExistingVnet as ExistingVnet
    from .networks.azure.args import NewVnet as NewVnet
    from .networks.gcp.args import ExistingGcpVpc as ExistingGcpVpc
    from .networks.gcp.args import NewGcpVpc as NewGcpVpc
    from .operations.namespaces import GuardedNamespace as GuardedNamespace
    from .operations.namespaces import GuardedNamespaceArgs as GuardedNamespaceArgs
    from .operations.priorities import PriorityClasses as PriorityClasses
    from .planner.model_plans import plan_models as plan_models
    from .serving.model_servers import ServingOptions as ServingOptions
    from .serving.model_service import ModelService as ModelService
    from .serving.model_service import ModelServiceArgs as ModelServiceArgs
    from .serving.served_models import ServedModels as ServedModels
    from .storage.catalog import CatalogModel as CatalogModel
    from .storage.catalog import ModelCatalog as ModelCatalog
    from .storage.catalog import ModelCatalogArgs as ModelCatalogArgs
    from .storage.classes import StorageClasses as StorageClasses
    from .storage.classes import StorageClassesArgs as StorageClassesArgs

_EXPORTS = {
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
    "contracts.customize": ("ObjectCustomize", "PodCustomize", "ServerCustomize"),
    "contracts.errors": ("Problem", "StrataError"),
    "contracts.pools": ("CpuPool", "GpuPool"),
    "contracts.quantities": ("ByteSize", "Duration"),
    "contracts.served_models": ("ServedModel",),
    "contracts.serving": ("Engine", "Precision", "ServingPlan", "Targets", "Traffic"),
    "networks.aws.args": ("ExistingAwsVpc", "NewAwsVpc"),
    "networks.azure.args": ("ExistingVnet", "NewVnet"),
    "networks.gcp.args": ("ExistingGcpVpc", "NewGcpVpc"),
    "operations.namespaces": ("GuardedNamespace", "GuardedNamespaceArgs"),
    "operations.priorities": ("PriorityClasses",),
    "planner.model_plans": ("plan_models",),
    "serving.model_servers": ("ServingOptions",),
    "serving.model_service": ("ModelService", "ModelServiceArgs"),
    "serving.served_models": ("ServedModels",),
    "storage.catalog": ("CatalogModel", "ModelCatalog", "ModelCatalogArgs"),
    "storage.classes": ("StorageClasses", "StorageClassesArgs"),
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
    return sorted(_MODULE_OF)
