"""Pools whose nodes talk over RDMA, and cannot where they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem
from ...contracts.pools import GpuPool
from .pool_view import PoolView, known_pools


def fabric_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Pools that are spread over zones which their fabric does not join."""
    for view, machine in known_pools(pools):
        zones, nodes = view.pool.zones, view.pool.most_nodes
        if machine.rdma_nics and nodes > 1 and len(set(zones)) > 1:
            yield view.problem(
                "zones",
                cause=f"{nodes} nodes of {machine.name} in {len(set(zones))} zones",
                consequence=f"{machine.rdma.value} does not reach across zones, and machines of one placement group "
                "start in one zone only",
                fix=f"use one zone, such as zones: [{zones[0]}], and a pool for each further one; where no model needs "
                "several nodes, write rdma: false",
            )


def cabled_problems(pools: Sequence[PoolView], environment: str, reason: str) -> Iterator[Problem]:
    """Pools that would do without RDMA where machines cannot.

    Args:
        pools: The pools.
        environment: For people to read, such as ``GKE``.
        reason: Why, as the end of a sentence.
    """
    for view in pools:
        if isinstance(view.pool, GpuPool) and not view.pool.rdma:
            yield view.problem(
                "rdma",
                cause=f"{environment} {reason}",
                consequence="nodes would be placed by their cards all the same, in one zone",
                fix="leave it out, and use a pool for each zone",
            )
