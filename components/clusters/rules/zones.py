"""Zones of a pool, and of the network that its nodes are attached to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ...contracts.errors import Problem
from .duplicates import duplicate_problems
from .pool_view import PoolView


def zone_problems(pools: Sequence[PoolView], zones: Collection[str]) -> Iterator[Problem]:
    """Zones of pools in which the network has no subnet, and zones named twice.

    Args:
        pools: The pools.
        zones: Zones of the network.
    """
    for view in pools:
        yield from unattached_zone_problems(view.path("zones"), view.pool.zones, zones)
        yield from duplicate_problems(view.path("zones"), view.pool.zones, "its nodes would be counted twice")


def unattached_zone_problems(field: str, chosen: Sequence[str], zones: Collection[str]) -> Iterator[Problem]:
    """Zones in which the network has no subnet.

    Args:
        field: Path of the list of zones.
        chosen: The zones in it.
        zones: Zones of the network.
    """
    for place, zone in enumerate(chosen):
        if zone not in zones:
            yield Problem(
                field=f"{field}[{place}]",
                cause=f"the network has no subnet in {zone!r}",
                consequence="there is nothing that the nodes could be attached to",
                fix=f"use {' or '.join(zones)}, or add the zone to the network",
            )
