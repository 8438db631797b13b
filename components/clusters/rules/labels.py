"""Labels of nodes that belong to someone else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ...contracts.errors import Problem
from ...contracts.pools import POOL_LABEL
from .pool_view import PoolView
from .prefixes import KUBERNETES_PREFIXES, owner_of

_STRATA_PREFIX = POOL_LABEL.partition("/")[0]


def label_problems(
    pools: Sequence[PoolView], reserved: Collection[str], owned: Collection[str] = ()
) -> Iterator[Problem]:
    """Labels that belong to someone else.

    Args:
        pools: The pools.
        reserved: Prefixes that the cloud keeps for itself besides Kubernetes' own, such as ``eks.amazonaws.com``.
        owned: Keys that are set on nodes anyway, such as ``nvidia.com/gpu.present``.
    """
    for view in pools:
        for key in view.pool.labels:
            owner = owner_of(key, (*KUBERNETES_PREFIXES, *reserved))
            if key in owned or key == POOL_LABEL or owner_of(key, (_STRATA_PREFIX,)):
                yield view.problem(
                    f"labels.{key}",
                    cause=f"{key} is set by Strata itself",
                    consequence="pods choose nodes by it; with another value they would land elsewhere or nowhere",
                    fix="remove it, or use a prefix of your own, such as example.com/",
                )
            elif owner:
                yield view.problem(
                    f"labels.{key}",
                    cause=f"labels below {owner} are reserved",
                    consequence="the cloud refuses the pool, or its kubelets refuse to start and no node ever joins",
                    fix=f"use a prefix of your own, such as example.com/{key.rpartition('/')[2]}",
                )
