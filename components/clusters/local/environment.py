"""The embedded cluster as an environment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pulumi

from ...contracts.cluster_facts import ClusterFacts
from ...contracts.errors import Problem
from ...contracts.pools import DriverOwner
from ...contracts.versions import KUBERNETES_EMBEDDED
from ..cluster import Cluster
from ..environment import Environment, EnvironmentContext, Pools, Presence
from ..reachability import require_reachable
from ..rules.capacity import ON_DEMAND_ONLY, OWNED, unsold_problems
from ..rules.compute_domains import dra_problems
from ..rules.disks import unmade_disk_problems
from ..rules.gpus import driver_problems
from ..rules.machines import label_name_problems
from ..rules.numbers import range_problems
from ..rules.own_fabric import own_fabric_problems
from ..rules.pool_view import pool_views
from ..rules.sharing import sharing_problems
from .cluster import LocalClusterArgs, local_cluster, local_facts
from .settings import LocalTarget


def _describe(target: LocalTarget) -> str:
    return f"cluster {target.name}"


def _problems(_target: LocalTarget, pools: Pools, _now: datetime) -> Iterator[Problem]:
    views = pool_views(pools)
    yield from label_name_problems(views)
    yield from unmade_disk_problems(views)
    yield from unsold_problems(views, ON_DEMAND_ONLY, OWNED)
    yield from range_problems(views)
    yield from driver_problems(views, {}, DriverOwner.NODE_IMAGE)
    yield from sharing_problems(views)
    yield from dra_problems(views, KUBERNETES_EMBEDDED)
    yield from own_fabric_problems(views)


def _facts(target: LocalTarget, pools: Pools) -> ClusterFacts:
    return local_facts(target.name, pools, target.apis, bare=target.bare)


def _kubeconfig(target: LocalTarget, context: EnvironmentContext) -> Path:
    return context.state / "control-planes" / target.name / "kubeconfig"


def _require_answer(target: LocalTarget, _pools: Pools, context: EnvironmentContext) -> None:
    path = str(_kubeconfig(target, context))
    require_reachable("target", kubeconfig=path, context=None, start_command=context.start_command)


def _create(
    target: LocalTarget, pools: Pools, context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    kubeconfig = str(_kubeconfig(target, context))
    args = LocalClusterArgs(
        control_plane=target.name, kubeconfig=kubeconfig, pools=pools, apis=target.apis, bare=target.bare
    )
    return local_cluster(target.name, args, opts)


ENVIRONMENT = Environment(
    settings=LocalTarget,
    presence=Presence.EMBEDDED,
    describe=_describe,
    problems=_problems,
    facts=_facts,
    kubeconfig=_kubeconfig,
    require_account=_require_answer,
    create=_create,
)
