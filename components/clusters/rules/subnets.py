"""Room for nodes and pods in the subnets of the zones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...contracts.errors import Problem


@dataclass(frozen=True, kw_only=True)
class SubnetDemand:
    """What the nodes of one pool take from the subnet of each of their zones.

    Attributes:
        pool: Name of the pool.
        zones: Its zones.
        nodes: Nodes that it can grow to.
        addresses: Addresses of one node, with those of its pods where they come from the same subnet.
    """

    pool: str
    zones: Sequence[str]
    nodes: int
    addresses: int


def subnet_problems(
    sizes: Mapping[str, int], demands: Iterable[SubnetDemand], *, reserved: int, field: str
) -> Iterator[Problem]:
    """Subnets in which nodes and pods run out of addresses.

    Args:
        sizes: Addresses of the subnet by zone.
        demands: What the pools take.
        reserved: Addresses of each subnet that the cloud and its control plane keep.
        field: Setting to blame.
    """
    wanted: dict[str, dict[str, int]] = {zone: {} for zone in sizes}
    for demand in demands:
        zones = [zone for zone in demand.zones if zone in sizes]
        for zone in zones:
            per_zone = math.ceil(demand.nodes / len(demand.zones))
            wanted[zone][demand.pool] = wanted[zone].get(demand.pool, 0) + per_zone * demand.addresses
    for zone, by_pool in wanted.items():
        if sum(by_pool.values()) + reserved > sizes[zone]:
            parts = ", ".join(f"{count} for pool {pool}" for pool, count in by_pool.items())
            yield Problem(
                field=field,
                cause=f"the subnet of {zone} has {sizes[zone]} addresses, less {reserved} that the cloud keeps; "
                f"the pools need {parts}",
                consequence="the last nodes start, and their pods get no address and never run",
                fix="use a larger range, fewer nodes in that zone, or a layout that takes fewer addresses",
            )
