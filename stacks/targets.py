"""The target of a stack: its facts before anything runs, and its cluster component."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.clusters import (
    Cluster,
    ExistingClusterArgs,
    LocalClusterArgs,
    existing_cluster,
    existing_facts,
    local_cluster,
    local_facts,
    require_reachable,
)
from components.clusters.aks.facts import aks_facts
from components.clusters.aks.settings import AksTarget
from components.clusters.eks.facts import eks_facts
from components.clusters.eks.settings import EksTarget
from components.clusters.gke.facts import gke_facts
from components.clusters.gke.settings import GkeTarget
from components.clusters.kubeadm.facts import kubeadm_facts
from components.clusters.kubeadm.settings import KubeadmTarget
from components.contracts.api_access import ApiAccess, PrivateAccess
from components.contracts.cluster_facts import ClusterFacts

from .reading import PROJECT, read_stack, stack_path
from .secret_values import Secrets
from .settings import ExistingTarget, FoundationSettings, HybridSettings, LocalTarget, Settings, StackSettings

STATE_FOLDER = ".strata"
"""Folder of the project that holds all state of local runs."""


def foundation_of_stack(project: Path, settings: StackSettings) -> Settings | FoundationSettings | None:
    """The settings that hold the stack's target: its own, or another's; None when only another project has them."""
    if isinstance(settings, Settings | FoundationSettings):
        return settings
    if isinstance(settings, HybridSettings):
        return None
    *owner, name = settings.foundation.split("/")
    if owner[-1:] not in ([], [PROJECT]) or not stack_path(project, name).exists():
        return None
    foundation = read_stack(project, name).settings
    return foundation if isinstance(foundation, Settings | FoundationSettings) else None


def target_kind(project: Path, settings: StackSettings) -> str:
    """The kind of target that a stack ends up on, such as ``eks``; empty when only another project knows."""
    if isinstance(settings, HybridSettings):
        return settings.scope
    foundation = foundation_of_stack(project, settings)
    return foundation.target.kind if foundation else ""


def api_access_of(settings: Settings | FoundationSettings) -> ApiAccess | None:
    """From where the API server can be reached; None where the stack does not decide it."""
    match settings.target:
        case LocalTarget() | ExistingTarget():
            return None
        case EksTarget(api_access=access) | GkeTarget(api_access=access) | AksTarget(api_access=access):
            return access
        case KubeadmTarget(networks=networks):
            return PrivateAccess(kind="private", cidrs=(networks.nodes,))


def describe_target(settings: StackSettings) -> str:
    """The target in words, such as ``EKS cluster strata-aws in us-east-2``."""
    match settings:
        case Settings(target=EksTarget() as target) | FoundationSettings(target=EksTarget() as target):
            return f"EKS cluster {target.name} in {target.region}"
        case Settings(target=GkeTarget() as target) | FoundationSettings(target=GkeTarget() as target):
            return f"GKE cluster {target.name} in {target.region} of {target.project}"
        case Settings(target=AksTarget() as target) | FoundationSettings(target=AksTarget() as target):
            return f"AKS cluster {target.name} in {target.region}"
        case Settings(target=KubeadmTarget() as target) | FoundationSettings(target=KubeadmTarget() as target):
            return f"cluster {target.name} on {len(target.workers)} hosts of {target.networks.nodes}"
        case Settings() | FoundationSettings():
            return f"cluster {settings.target.name}"
        case HybridSettings():
            return (
                f"links between {', '.join(settings.environments)}: {', '.join(link.name for link in settings.links)}"
            )
        case _:
            return f"the cluster of stack {settings.foundation}"


def kubeconfig_path(project: Path, settings: Settings | FoundationSettings) -> Path:
    """Where the kubeconfig of the target lies."""
    match settings.target:
        case LocalTarget(name=name):
            return project / STATE_FOLDER / "control-planes" / name / "kubeconfig"
        case ExistingTarget(kubeconfig=path):
            return project / Path(path).expanduser()
        case EksTarget(name=name) | GkeTarget(name=name) | AksTarget(name=name) | KubeadmTarget(name=name):
            return project / STATE_FOLDER / "kubeconfigs" / name


def cluster_facts(project: Path, settings: Settings | FoundationSettings) -> ClusterFacts:
    """What is known about the target before anything runs."""
    match settings.target:
        case LocalTarget(name=name, apis=apis):
            return local_facts(name, settings.node_pools, apis)
        case ExistingTarget() as target:
            return existing_facts(_existing_args(project, settings, target))
        case EksTarget() as target:
            return eks_facts(target, settings.node_pools)
        case GkeTarget() as target:
            return gke_facts(target, settings.node_pools)
        case AksTarget() as target:
            return aks_facts(target, settings.node_pools)
        case KubeadmTarget() as target:
            return kubeadm_facts(target, settings.node_pools)


def create_cluster(
    project: Path,
    settings: Settings | FoundationSettings,
    secrets: Secrets,
    opts: pulumi.ResourceOptions | None = None,
) -> Cluster:
    """The target as a component."""
    match settings.target:
        case LocalTarget(name=name, apis=apis):
            kubeconfig = str(kubeconfig_path(project, settings))
            args = LocalClusterArgs(control_plane=name, kubeconfig=kubeconfig, pools=settings.node_pools, apis=apis)
            return local_cluster(name, args, opts)
        case ExistingTarget(name=name) as target:
            return existing_cluster(name, _existing_args(project, settings, target), opts)
        case EksTarget() as target:
            # Each cloud's SDK takes seconds to import, and only one of them is needed.
            from components.clusters.eks.cluster import EksClusterArgs, eks_cluster  # noqa: PLC0415

            return eks_cluster(target.name, EksClusterArgs.of(target, settings.node_pools), opts)
        case GkeTarget() as target:
            from components.clusters.gke.cluster import GkeClusterArgs, gke_cluster  # noqa: PLC0415

            return gke_cluster(target.name, GkeClusterArgs(target=target, pools=settings.node_pools), opts)
        case AksTarget() as target:
            from components.clusters.aks.cluster import AksClusterArgs, aks_cluster  # noqa: PLC0415

            return aks_cluster(target.name, AksClusterArgs(target=target, pools=settings.node_pools), opts)
        case KubeadmTarget() as target:
            from components.clusters.kubeadm.cluster import KubeadmClusterArgs, kubeadm_cluster  # noqa: PLC0415

            key = secrets.ssh_private_key or pulumi.Output.secret("")
            hosts = KubeadmClusterArgs(target=target, pools=settings.node_pools, private_key=key)
            return kubeadm_cluster(target.name, hosts, opts)


def require_target(project: Path, settings: Settings | FoundationSettings, start_command: str | None) -> None:
    """Return when the target can take the stack; asked at preview, before anything is declared.

    Raises:
        StrataError: Every problem at once.
    """
    match settings.target:
        case LocalTarget():
            _require_answer(project, settings, None, start_command)
        case ExistingTarget(context=context):
            _require_answer(project, settings, context, None)
        case EksTarget() as target:
            from components.clusters.eks.account import require_account  # noqa: PLC0415
            from components.clusters.eks.args import EksClusterArgs  # noqa: PLC0415

            require_account(target.name, EksClusterArgs.of(target, settings.node_pools))
        case GkeTarget() as target:
            from components.clusters.gke.account import require_account as require_project  # noqa: PLC0415

            require_project(target, settings.node_pools)
        case AksTarget() as target:
            from components.clusters.aks.account import require_account as require_subscription  # noqa: PLC0415

            require_subscription(target, settings.node_pools)
        case KubeadmTarget():
            pass


def _require_answer(
    project: Path, settings: Settings | FoundationSettings, context: str | None, start_command: str | None
) -> None:
    require_reachable(
        "target", kubeconfig=str(kubeconfig_path(project, settings)), context=context, start_command=start_command
    )


def _existing_args(
    project: Path, settings: Settings | FoundationSettings, target: ExistingTarget
) -> ExistingClusterArgs:
    return ExistingClusterArgs(
        cluster=target.name,
        kubeconfig=str(kubeconfig_path(project, settings)),
        context=target.context,
        kubernetes_version=target.kubernetes_version,
        pools=settings.node_pools,
        storage=target.storage,
        driver_owner=target.driver_owner,
        apis=target.apis,
    )
