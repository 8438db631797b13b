"""What a stack costs by the hour while nobody uses it: nothing where the machines are somebody else's."""

from __future__ import annotations

from components.clusters.aks.costs import aks_costs
from components.clusters.aks.settings import AksTarget
from components.clusters.eks.costs import eks_costs
from components.clusters.eks.settings import EksTarget
from components.clusters.gke.costs import gke_costs
from components.clusters.gke.settings import GkeTarget
from components.clusters.kubeadm.costs import kubeadm_costs
from components.clusters.kubeadm.settings import KubeadmTarget
from components.contracts.costs import CostLine

from .settings import ExistingTarget, FoundationSettings, LocalTarget, Settings, StackSettings


def costs_of(settings: StackSettings) -> tuple[CostLine, ...]:
    """Every line of the bill at list price; only a stack that makes a cluster has any."""
    if not isinstance(settings, Settings | FoundationSettings):
        return ()
    match settings.target:
        case LocalTarget() | ExistingTarget():
            return ()
        case EksTarget() as target:
            return eks_costs(target, settings.node_pools)
        case GkeTarget() as target:
            return gke_costs(target, settings.node_pools)
        case AksTarget() as target:
            return aks_costs(target, settings.node_pools)
        case KubeadmTarget() as target:
            return kubeadm_costs(target, settings.node_pools)
