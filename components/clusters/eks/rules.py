"""What AWS or EKS would refuse, or accept and never run, decided from the settings alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ...contracts.capacity import FlexStart, Queued
from ...contracts.errors import Problem
from ...contracts.pools import NodePool
from .settings import EksTarget


def eks_problems(target: EksTarget, pools: Sequence[NodePool], now: datetime) -> Iterator[Problem]:
    """Every wrong setting of an EKS cluster and its pools."""
    del target, now
    for index, pool in enumerate(pools):
        if isinstance(pool.capacity, FlexStart | Queued):
            yield Problem(
                field=f"node_pools[{index}].capacity.kind",
                cause=f"{pool.capacity.kind!r} is not sold by AWS",
                consequence="there is no node group that could be declared",
                fix="use on-demand, spot, reservation or capacity-block",
            )
