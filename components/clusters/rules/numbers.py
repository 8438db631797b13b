"""How many nodes a pool has, and between which limits an autoscaler may choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem
from .pool_view import PoolView


def range_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Limits of an autoscaler that contradict themselves or the number of nodes."""
    for view in pools:
        limits, count = view.pool.autoscaled, view.pool.count
        if limits is None:
            continue
        if limits.minimum > limits.maximum:
            yield view.problem(
                "autoscaled.minimum",
                cause=f"the minimum {limits.minimum} is above the maximum {limits.maximum}",
                consequence="no number of nodes is right, and the cloud refuses the pool",
                fix=f"use a minimum of at most {limits.maximum}, or raise the maximum",
            )
        elif not limits.minimum <= count <= limits.maximum:
            yield view.problem(
                "count",
                cause=f"{count} nodes are outside {limits.minimum} to {limits.maximum}",
                consequence="the cloud refuses a pool that starts outside its own limits",
                fix=f"use a count from {limits.minimum} to {limits.maximum}, or change the limits",
            )
