"""Taints of nodes, and whether any node is left for pods that tolerate none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ...contracts.capacity import Spot
from ...contracts.errors import Problem
from ...contracts.pools import GPU_TAINT, GpuPool, NodePool, Taint, TaintEffect
from .pool_view import PoolView
from .prefixes import KUBERNETES_PREFIXES, owner_of


def taint_problems(
    pools: Sequence[PoolView], reserved: Collection[str], most: int, spot: Collection[str] = ()
) -> Iterator[Problem]:
    """Taints that are reserved, doubled, or too many.

    Args:
        pools: The pools.
        reserved: Prefixes that the cloud keeps for itself besides Kubernetes' own.
        most: Taints that the cloud takes on one pool.
        spot: Keys below reserved prefixes that the cloud's own documentation tells users to set on spot pools.
    """
    for view in pools:
        present: set[tuple[str, TaintEffect]] = {_identity(GPU_TAINT)} if isinstance(view.pool, GpuPool) else set()
        for place, taint in enumerate(view.pool.taints):
            owner = owner_of(taint.key, (*KUBERNETES_PREFIXES, *reserved))
            if owner and not (taint.key in spot and isinstance(view.pool.capacity, Spot)):
                yield view.problem(
                    f"taints[{place}].key",
                    cause=f"taints below {owner} are reserved",
                    consequence="Kubernetes sets and removes them by itself, so nodes would lose them or never join",
                    fix=f"use a prefix of your own, such as example.com/{taint.key.rpartition('/')[2]}",
                )
            if _identity(taint) in present:
                yield view.problem(
                    f"taints[{place}]",
                    cause=f"{taint.key} with effect {taint.effect.value} is on the nodes already",
                    consequence="Kubernetes takes one taint for each key and effect, and refuses the node",
                    fix="remove it, or use another key",
                )
            present.add(_identity(taint))
        if len(present) > most:
            yield view.problem(
                "taints",
                cause=f"{len(present)} taints, with those of Strata",
                consequence=f"the cloud takes {most} on one pool",
                fix="remove some; one taint that says what the nodes are for does",
            )


def untainted_pool_problems(pools: Sequence[PoolView], needed_by: str) -> Iterator[Problem]:
    """No pool on which pods run that tolerate nothing, such as cluster DNS.

    Args:
        pools: The pools.
        needed_by: What has to run there, such as ``CoreDNS``.
    """
    if not any(takes_any_pod(view.pool) for view in pools):
        yield Problem(
            field="node_pools",
            cause="every pool has a taint",
            consequence=f"{needed_by} would stay pending for ever, and the cluster would never become ready",
            fix="add a pool of kind cpu without taints",
        )


def takes_any_pod(pool: NodePool) -> bool:
    """Whether pods without a toleration run on its nodes."""
    keeps_out = any(taint.effect is not TaintEffect.PREFER_NO_SCHEDULE for taint in pool.taints)
    return not keeps_out and not isinstance(pool, GpuPool)


def _identity(taint: Taint) -> tuple[str, TaintEffect]:
    return taint.key, taint.effect
