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
    full = [zone for zone, by_pool in wanted.items() if sum(by_pool.values()) + reserved > sizes[zone]]
    if full:
        needs = ", ".join(
            f"{count} for pool {pool}" + (f" in {zone}" if len(full) > 1 else "")
            for zone in full
            for pool, count in wanted[zone].items()
        )
        yield Problem(
            field=field,
            cause=f"the subnet of {', '.join(full)} has {sizes[full[0]]} addresses, less {reserved} that the cloud "
            f"keeps; the pools need {needs}",
            consequence="the last nodes start, and their pods get no address and never run",
            fix="use a larger range, fewer nodes in that zone, or a layout that takes fewer addresses",
        )
