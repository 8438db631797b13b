"""The embedded cluster as an environment."""

from __future__ import annotations

from pathlib import Path

import pulumi

from ...contracts.cluster_facts import ClusterFacts
from ..cluster import Cluster
from ..environment import Environment, EnvironmentContext, Pools, Presence
from ..reachability import require_reachable
from .cluster import LocalClusterArgs, local_cluster, local_facts
from .settings import LocalTarget


def _describe(target: LocalTarget) -> str:
    return f"cluster {target.name}"


def _facts(target: LocalTarget, pools: Pools) -> ClusterFacts:
    return local_facts(target.name, pools, target.apis)


def _kubeconfig(target: LocalTarget, context: EnvironmentContext) -> Path:
    return context.state / "control-planes" / target.name / "kubeconfig"


def _require_answer(target: LocalTarget, _pools: Pools, context: EnvironmentContext) -> None:
    path = str(_kubeconfig(target, context))
    require_reachable("target", kubeconfig=path, context=None, start_command=context.start_command)


def _create(
    target: LocalTarget, pools: Pools, context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    kubeconfig = str(_kubeconfig(target, context))
    args = LocalClusterArgs(control_plane=target.name, kubeconfig=kubeconfig, pools=pools, apis=target.apis)
    return local_cluster(target.name, args, opts)


ENVIRONMENT = Environment(
    settings=LocalTarget,
    presence=Presence.EMBEDDED,
    describe=_describe,
    facts=_facts,
    kubeconfig=_kubeconfig,
    require_account=_require_answer,
    create=_create,
)
