"""Zones of a shared file system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem
from ...contracts.pools import GpuPool
from .pool_view import PoolView

ZONE_FIELD = "target.shared_storage.zone"


def gpu_pools_in(zone: str, pools: Sequence[PoolView]) -> list[PoolView]:
    """The GPU pools with nodes in a zone."""
    return [view for view in pools if isinstance(view.pool, GpuPool) and zone in view.pool.zones]


def far_file_system_problems(zone: str, pools: Sequence[PoolView], regional: str) -> Iterator[Problem]:
    """A file system in a zone without GPUs.

    Args:
        zone: Zone of the file system.
        pools: The pools.
        regional: Kind of shared storage that spans all zones.
    """
    if not gpu_pools_in(zone, pools):
        yield Problem(
            field=ZONE_FIELD,
            cause=f"no GPU pool is in {zone}",
            consequence="every byte of every checkpoint would cross zones, which is slower and paid for",
            fix=f"use the zone of a GPU pool, or kind: {regional}",
        )
