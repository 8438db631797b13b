"""What the circuits themselves can be: in one place each, and of a kind that is sold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....contracts.errors import Problem
from ....contracts.network_facts import NetworkFacts
from ..settings import (
    AdoptedCircuit,
    DedicatedInterconnectLink,
    DirectConnectLink,
    ExpressRouteLink,
    HybridLink,
    HybridNetwork,
    OrderedCircuit,
)

_BELOW_LOCAL = ("50Mbps", "100Mbps", "200Mbps", "500Mbps")


def circuit_problems(hybrid: HybridNetwork, _networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Circuits that are in two places, or that nobody sells."""
    yield from _in_two_places(hybrid)
    yield from _peered_twice(hybrid)
    for index, link in enumerate(hybrid.links):
        if isinstance(link, ExpressRouteLink):
            yield from _local_tier(f"links[{index}]", link)


def _in_two_places(hybrid: HybridNetwork) -> Iterator[Problem]:
    first: dict[str, tuple[str, str]] = {}
    for field, circuit, location in _adopted_ports(hybrid):
        place, other = first.setdefault(circuit, (field, location))
        if other != location:
            yield Problem(
                field=f"{field}.location",
                cause=f"{circuit} is in {other}, as {place} says",
                consequence="one connection would count as two, and one failure takes both",
                fix=f"write {other}, or name the connection in {location}",
            )


def _adopted_ports(hybrid: HybridNetwork) -> Iterator[tuple[str, str, str]]:
    """Field, id and location of the ports that exist."""
    for index, link in enumerate(hybrid.links):
        for place, (circuit, location) in enumerate(_ports(link)):
            if circuit:
                yield f"links[{index}].ports[{place}]", circuit, location


def _ports(link: HybridLink) -> list[tuple[str | None, str]]:
    match link:
        case DirectConnectLink(ports=ports):
            return [(port.circuit.id if port.circuit.kind == "adopt" else None, port.location) for port in ports]
        case DedicatedInterconnectLink(ports=ports):
            return [(port.circuit.id if port.circuit.kind == "adopt" else None, port.location) for port in ports]
        case ExpressRouteLink():
            return []


def _peered_twice(hybrid: HybridNetwork) -> Iterator[Problem]:
    """A circuit has one private peering, and a gateway one connection to it (Azure ExpressRoute FAQ)."""
    first: dict[tuple[str, str], str] = {}
    for index, link in enumerate(hybrid.links):
        for place, path in enumerate(link.paths if isinstance(link, ExpressRouteLink) else ()):
            if not isinstance(path.circuit, AdoptedCircuit):
                continue
            field = f"links[{index}].paths[{place}]"
            other = first.setdefault((link.name, path.circuit.id.lower()), field)
            if other != field:
                yield Problem(
                    field=f"{field}.circuit.id",
                    cause=f"it is the circuit of {other} too",
                    consequence="Azure refuses a second connection to it, and one failure would take both paths",
                    fix="name the second circuit, or remove this path",
                )


def _local_tier(field: str, link: ExpressRouteLink) -> Iterator[Problem]:
    """Local is sold from 1 Gbps on and with unlimited data (https://learn.microsoft.com/azure/expressroute/expressroute-faqs)."""
    for place, path in enumerate(link.paths):
        circuit = path.circuit
        if not isinstance(circuit, OrderedCircuit) or circuit.tier != "Local":
            continue
        wrong = [
            *(["bandwidth"] if circuit.bandwidth in _BELOW_LOCAL else []),
            *(["billing"] if circuit.billing != "UnlimitedData" else []),
        ]
        if wrong:
            yield Problem(
                field=f"{field}.paths[{place}].circuit.{wrong[0]}",
                cause=f"{circuit.bandwidth} with {circuit.billing} is not sold as tier Local",
                consequence="Azure refuses the order",
                fix="write bandwidth: 1Gbps or more and billing: UnlimitedData, or tier: Standard",
            )
