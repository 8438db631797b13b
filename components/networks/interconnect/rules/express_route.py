"""Sizes of ExpressRoute gateways: how fast they are, how many circuits end there, and what bypasses them.

Sources: https://learn.microsoft.com/azure/expressroute/expressroute-about-virtual-network-gateways (estimated
performances, FastPath), https://learn.microsoft.com/azure/azure-resource-manager/management/
azure-subscription-service-limits (ExpressRoute limits).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ....contracts.errors import Problem
from ....contracts.network_facts import NetworkFacts
from ..bandwidths import megabits
from ..settings import ExpressRouteLink, GatewaySize, HybridNetwork, OrderedCircuit


@dataclass(frozen=True, kw_only=True)
class _Size:
    """What a gateway can do.

    Attributes:
        megabits: What it forwards in a second.
        circuits: How many circuits in different locations end there.
        fast_path: Whether packets may bypass it.
    """

    megabits: int
    circuits: int
    fast_path: bool = False


_SIZES: Mapping[GatewaySize, _Size] = {
    "ErGw1AZ": _Size(megabits=1_000, circuits=4),
    "ErGw2AZ": _Size(megabits=2_000, circuits=8),
    "ErGw3AZ": _Size(megabits=10_000, circuits=16, fast_path=True),
}
_CIRCUITS_AT_A_LOCATION = 4


def express_route_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Gateways that are too small for their circuits; one that exists is not known and not judged."""
    del networks
    for index, link in enumerate(hybrid.links):
        if not isinstance(link, ExpressRouteLink):
            continue
        field = f"links[{index}]"
        yield from _circuits_at_a_location(field, link)
        if link.gateway is None:
            yield from _too_many_circuits(field, link)
            yield from _fast_path(field, link)
            yield from _too_slow(field, link)


def _circuits_at_a_location(field: str, link: ExpressRouteLink) -> Iterator[Problem]:
    locations = [path.location for path in link.paths]
    for location in dict.fromkeys(locations):
        if locations.count(location) > _CIRCUITS_AT_A_LOCATION:
            yield Problem(
                field=f"{field}.paths",
                cause=f"{locations.count(location)} circuits at {location}, of which one network can have "
                f"{_CIRCUITS_AT_A_LOCATION}",
                consequence="Azure refuses the connections of all others",
                fix="order circuits at another location, or fewer and larger ones",
            )


def _too_many_circuits(field: str, link: ExpressRouteLink) -> Iterator[Problem]:
    size, circuits = _SIZES[link.sku], len(link.paths)
    if circuits > size.circuits:
        enough = next((name for name, larger in _SIZES.items() if larger.circuits >= circuits), None)
        yield Problem(
            field=f"{field}.sku",
            cause=f"{circuits} circuits end at the gateway, and {link.sku} takes {size.circuits}",
            consequence="Azure refuses the connections of all others",
            fix=f"write {enough}" if enough else "use fewer and larger circuits",
        )


def _fast_path(field: str, link: ExpressRouteLink) -> Iterator[Problem]:
    if link.fast_path and not _SIZES[link.sku].fast_path:
        able = next(name for name, size in _SIZES.items() if size.fast_path)
        yield Problem(
            field=f"{field}.fast_path",
            cause=f"is on, but the gateway is {link.sku}",
            consequence="Azure refuses connections with FastPath at gateways of that size",
            fix=f"write sku: {able}, or leave fast_path out",
        )


def _too_slow(field: str, link: ExpressRouteLink) -> Iterator[Problem]:
    # Packets that bypass the gateway are as fast as the circuit.
    ordered = [path.circuit for path in link.paths if isinstance(path.circuit, OrderedCircuit)]
    widest = max(ordered, key=lambda circuit: megabits(circuit.bandwidth), default=None)
    size = _SIZES[link.sku]
    if widest is None or link.fast_path or megabits(widest.bandwidth) <= size.megabits:
        return
    enough = next(name for name, larger in _SIZES.items() if larger.megabits >= megabits(widest.bandwidth))
    yield Problem(
        field=f"{field}.sku",
        cause=f"{link.sku} forwards {size.megabits // 1000} Gbit/s, and a circuit of {widest.bandwidth} ends there",
        consequence="the rest of the circuit is paid for and carries nothing",
        fix=f"write {enough}",
    )
