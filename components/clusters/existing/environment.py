"""A cluster that exists as an environment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pulumi

from ...contracts.cluster_facts import ClusterFacts
from ...contracts.errors import Problem
from ..cluster import Cluster
from ..environment import Environment, EnvironmentContext, Pools, Presence
from ..reachability import require_reachable
from ..rules.capacity import ON_DEMAND_ONLY, OWNED, unsold_problems
from ..rules.compute_domains import dra_problems
from ..rules.disks import unmade_disk_problems
from ..rules.dns_zones import name_server_problems
from ..rules.own_fabric import own_fabric_problems
from ..rules.pool_view import pool_views
from ..rules.sharing import sharing_problems
from .cluster import ExistingClusterArgs, existing_cluster, existing_facts
from .rules import kubeconfig_problems, storage_problems, version_problems
from .settings import ExistingTarget


def _describe(target: ExistingTarget) -> str:
    return f"cluster {target.name}"


def _problems(target: ExistingTarget, pools: Pools, _now: datetime) -> Iterator[Problem]:
    yield from version_problems(target.kubernetes_version)
    yield from kubeconfig_problems(target.kubeconfig)
    yield from storage_problems(target.storage)
    yield from name_server_problems(target.dns)
    views = pool_views(pools)
    yield from unmade_disk_problems(views)
    yield from unsold_problems(views, ON_DEMAND_ONLY, OWNED)
    yield from sharing_problems(views)
    yield from dra_problems(views, target.kubernetes_version)
    yield from own_fabric_problems(views)


def _args(target: ExistingTarget, pools: Pools, kubeconfig: str) -> ExistingClusterArgs:
    return ExistingClusterArgs(
        cluster=target.name,
        kubeconfig=kubeconfig,
        context=target.context,
        kubernetes_version=target.kubernetes_version,
        pools=pools,
        storage=target.storage.facts,
        driver_owner=target.driver_owner,
        apis=target.apis,
        dns=target.dns,
    )


def _facts(target: ExistingTarget, pools: Pools) -> ClusterFacts:
    return existing_facts(_args(target, pools, target.kubeconfig))


def _kubeconfig(target: ExistingTarget, context: EnvironmentContext) -> Path:
    return context.project / Path(target.kubeconfig).expanduser()


def _require_answer(target: ExistingTarget, _pools: Pools, context: EnvironmentContext) -> None:
    path = str(_kubeconfig(target, context))
    require_reachable("target", kubeconfig=path, context=target.context, start_command=None)


def _create(
    target: ExistingTarget, pools: Pools, context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    return existing_cluster(target.name, _args(target, pools, str(_kubeconfig(target, context))), opts)


ENVIRONMENT = Environment(
    settings=ExistingTarget,
    presence=Presence.GIVEN,
    describe=_describe,
    problems=_problems,
    facts=_facts,
    kubeconfig=_kubeconfig,
    require_account=_require_answer,
    create=_create,
)
