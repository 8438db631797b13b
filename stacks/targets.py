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
)
from components.contracts.cluster_facts import ClusterFacts

from .settings import ExistingTarget, LocalTarget, Settings

STATE_FOLDER = ".strata"
"""Folder of the project that holds all state of local runs."""


def kubeconfig_path(project: Path, settings: Settings) -> Path:
    """Where the kubeconfig of the target lies."""
    match settings.target:
        case LocalTarget(name=name):
            return project / STATE_FOLDER / "control-planes" / name / "kubeconfig"
        case ExistingTarget(kubeconfig=path):
            return project / Path(path).expanduser()


def cluster_facts(project: Path, settings: Settings) -> ClusterFacts:
    """What is known about the target before anything runs."""
    match settings.target:
        case LocalTarget(name=name):
            return local_facts(name, settings.node_pools)
        case ExistingTarget() as target:
            return existing_facts(_existing_args(project, settings, target))


def create_cluster(project: Path, settings: Settings, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The target as a component."""
    match settings.target:
        case LocalTarget(name=name):
            kubeconfig = str(kubeconfig_path(project, settings))
            return local_cluster(
                name, LocalClusterArgs(control_plane=name, kubeconfig=kubeconfig, pools=settings.node_pools), opts
            )
        case ExistingTarget(name=name) as target:
            return existing_cluster(name, _existing_args(project, settings, target), opts)


def _existing_args(project: Path, settings: Settings, target: ExistingTarget) -> ExistingClusterArgs:
    return ExistingClusterArgs(
        cluster=target.name,
        kubeconfig=str(kubeconfig_path(project, settings)),
        context=target.context,
        kubernetes_version=target.kubernetes_version,
        pools=settings.node_pools,
        storage=target.storage,
        driver_owner=target.driver_owner,
    )
