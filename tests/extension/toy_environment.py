"""An environment of one's own, in one file: an embedded cluster whose machines are always the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pulumi

from components.clusters import Cluster, LocalClusterArgs, local_cluster, local_facts, require_reachable
from components.clusters.environment import Environment, EnvironmentContext, Pools, Presence
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.errors import Problem
from components.contracts.model import Contract
from components.contracts.names import ObjectName

MACHINES = frozenset({"p5.48xlarge", "m7i.8xlarge"})


class ToyTarget(Contract):
    """A cluster of toys."""

    kind: Literal["toy"]
    name: ObjectName
    """Name of the cluster."""
    shelf: str
    """Where it stands."""


def _describe(target: ToyTarget) -> str:
    return f"toy cluster {target.name} on the {target.shelf}"


def _problems(_target: ToyTarget, pools: Pools, _now: datetime) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        if pool.instance_type not in MACHINES:
            yield Problem(
                field=f"node_pools[{index}].instance_type",
                cause=f"{pool.instance_type} is not among the toys",
                consequence="nobody could play with it",
                fix=f"use {' or '.join(sorted(MACHINES))}",
            )


def _facts(target: ToyTarget, pools: Pools) -> ClusterFacts:
    return local_facts(target.name, pools)


def _kubeconfig(target: ToyTarget, context: EnvironmentContext) -> Path:
    return context.state / "control-planes" / target.name / "kubeconfig"


def _require_account(target: ToyTarget, _pools: Pools, context: EnvironmentContext) -> None:
    path = str(_kubeconfig(target, context))
    require_reachable("target", kubeconfig=path, context=None, start_command=context.start_command)


def _create(
    target: ToyTarget, pools: Pools, context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    kubeconfig = str(_kubeconfig(target, context))
    return local_cluster(
        target.name, LocalClusterArgs(control_plane=target.name, kubeconfig=kubeconfig, pools=pools), opts
    )


TOYS = Environment(
    settings=ToyTarget,
    presence=Presence.EMBEDDED,
    describe=_describe,
    problems=_problems,
    facts=_facts,
    kubeconfig=_kubeconfig,
    require_account=_require_account,
    create=_create,
)
