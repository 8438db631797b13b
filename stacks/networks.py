"""The networks of environments: from their files before anything exists, from their stacks afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from components.clusters.aks.network import aks_network
from components.clusters.aks.settings import AksTarget
from components.clusters.eks.network import eks_network
from components.clusters.eks.settings import EksTarget
from components.clusters.gke.network import gke_network
from components.clusters.gke.settings import GkeTarget
from components.clusters.kubeadm.network import kubeadm_network
from components.clusters.kubeadm.settings import KubeadmTarget
from components.contracts.network_facts import NetworkFacts

from .outputs import read_network
from .reading import PROJECT, read_stack, stack_path
from .settings import ExistingTarget, FoundationSettings, HybridSettings, LocalTarget, Settings


def network_facts(environment: str, settings: Settings | FoundationSettings) -> NetworkFacts | None:
    """What the settings tell of an environment's network; None for clusters whose network is not ours to know.

    Args:
        environment: Name of its stack.
        settings: What its file says.
    """
    match settings.target:
        case LocalTarget() | ExistingTarget():
            return None
        case EksTarget() as target:
            return eks_network(environment, target)
        case GkeTarget() as target:
            return gke_network(environment, target)
        case AksTarget() as target:
            return aks_network(environment, target)
        case KubeadmTarget() as target:
            return kubeadm_network(environment, target)


def networks_of_files(project: Path, environments: Iterable[str]) -> dict[str, NetworkFacts]:
    """The networks of all environments that have a file in this project, by stack.

    Raises:
        StrataError: when one of the files does not hold.
    """
    found: dict[str, NetworkFacts] = {}
    for name in environments:
        *owner, stack = name.split("/")
        if owner[-1:] in ([], [PROJECT]) and stack_path(project, stack).exists():
            settings = read_stack(project, stack).settings
            facts = network_facts(name, settings) if isinstance(settings, Settings | FoundationSettings) else None
            if facts:
                found[name] = facts
    return found


def networks_of_stacks(project: Path, settings: HybridSettings) -> dict[str, NetworkFacts]:
    """The networks as they are where stacks are up, and as their files have them elsewhere."""
    up = {name: read_network(name) for name in settings.environments}
    files = networks_of_files(project, [name for name, facts in up.items() if facts is None])
    return {**files, **{name: facts for name, facts in up.items() if facts}}
