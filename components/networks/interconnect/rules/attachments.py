"""Circuits against the availability that a link promises, and limits of a cloud on each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ....contracts.errors import Problem, StrataError
from ....contracts.network_facts import NetworkFacts
from ..layout import LAYOUTS, Layout, interconnect_layout
from ..settings import (
    DedicatedInterconnectLink,
    DirectConnectLink,
    DirectConnectPort,
    ExpressRouteLink,
    HybridLink,
    HybridNetwork,
    InterconnectPort,
)

_Port = TypeVar("_Port", DirectConnectPort, InterconnectPort)

_MOST_TRANSIT_ON_PORT, _MOST_PRIVATE_ON_PORT, _MOST_ON_GATEWAY = 4, 50, 30
"""Virtual interfaces: https://docs.aws.amazon.com/directconnect/latest/UserGuide/limits.html."""


@dataclass(frozen=True, kw_only=True)
class _Circuit:
    """Where a circuit ends.

    Attributes:
        location: What fails as a unit: a location, or a metropolitan area.
        device: What is maintained as a unit inside of it; empty where it is not known.
    """

    location: str
    device: str


def attachment_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Links that promise more than their circuits provide, and circuits that carry too much."""
    for index, link in enumerate(hybrid.links):
        field, layout = f"links[{index}]", LAYOUTS[link.kind][link.availability]
        circuits = list(_circuits(link))
        yield from _too_few(field, link, layout, circuits)
        yield from _one_device(field, link, layout, circuits)
        if isinstance(link, DedicatedInterconnectLink):
            yield from _regions(field, link, layout, networks.get(link.environment))
    yield from _interface_limits(hybrid)


def _circuits(link: HybridLink) -> Iterator[_Circuit]:
    """The circuits of a link, each once, however many interfaces it carries."""
    match link:
        case DirectConnectLink(ports=ports):
            for port in _distinct(ports):
                device = "" if port.circuit.kind == "create" else port.circuit.device
                yield _Circuit(location=port.location, device=device)
        case DedicatedInterconnectLink(ports=ports):
            for port in _distinct(ports):
                yield _Circuit(location=port.metro, device=port.domain)
        case ExpressRouteLink(paths=paths):
            for path in paths:
                yield _Circuit(location=path.location, device="")


def _distinct(ports: Sequence[_Port]) -> Iterator[_Port]:
    """The ports whose connection was not seen before."""
    seen: set[str] = set()
    for port in ports:
        known = port.circuit.id if port.circuit.kind == "adopt" else None
        if known is None or known not in seen:
            yield port
        if known is not None:
            seen.add(known)


def _listing(link: HybridLink) -> str:
    return "paths" if isinstance(link, ExpressRouteLink) else "ports"


def _too_few(field: str, link: HybridLink, layout: Layout, circuits: list[_Circuit]) -> Iterator[Problem]:
    per_location = Counter(circuit.location for circuit in circuits)
    if len(circuits) < layout.circuits:
        yield Problem(
            field=f"{field}.{_listing(link)}",
            cause=f"{len(circuits)} circuits, where {link.availability.value} % takes {layout.circuits}",
            consequence="one failure more than the promise allows for cuts the environment off",
            fix=_missing(link) or f"add {layout.circuits - len(circuits)}, or write a lower availability",
        )
    elif sum(1 for count in per_location.values() if count >= layout.circuits_per_location) < layout.locations:
        held = ", ".join(f"{count} in {location}" for location, count in per_location.items())
        yield Problem(
            field=f"{field}.{_listing(link)}",
            cause=f"{held}, where {link.availability.value} % takes "
            f"{layout.circuits_per_location} in {layout.locations} each",
            consequence="the failure of one location cuts more of them than the promise allows for",
            fix="spread them over more locations, or write a lower availability",
        )


def _missing(link: HybridLink) -> str:
    """Where Google's layout requires attachments that are missing; empty where there are too few areas or regions."""
    if not isinstance(link, DedicatedInterconnectLink):
        return ""
    metros = list(dict.fromkeys(port.metro for port in link.ports))
    regions = list(dict.fromkeys(port.region for port in link.ports))
    try:
        slots = interconnect_layout(link.availability, metros, regions)
    except StrataError:
        return ""
    taken = {(port.metro, port.domain) for port in link.ports}
    gaps = [f"{slot.metro}-{slot.domain} to {slot.region}" for slot in slots if (slot.metro, slot.domain) not in taken]
    return f"add an attachment from {', '.join(gaps)}" if gaps else ""


def _one_device(field: str, link: HybridLink, layout: Layout, circuits: list[_Circuit]) -> Iterator[Problem]:
    by_location: dict[str, list[str]] = {}
    for circuit in circuits:
        if circuit.device:
            by_location.setdefault(circuit.location, []).append(circuit.device)
    for location, devices in by_location.items():
        if layout.circuits_per_location <= len(devices) and len(set(devices)) < layout.circuits_per_location:
            yield Problem(
                field=f"{field}.{_listing(link)}",
                cause=f"all {len(devices)} circuits in {location} end in {devices[0]}",
                consequence="maintenance there takes all of them down at once, and the promise does not hold",
                fix=_missing(link) or "use one in the other domain or on another device",
            )


def _regions(
    field: str, link: DedicatedInterconnectLink, layout: Layout, facts: NetworkFacts | None
) -> Iterator[Problem]:
    regions = sorted({port.region for port in link.ports})
    if len(regions) < layout.regions:
        yield Problem(
            field=f"{field}.ports",
            cause=f"all attachments end in {', '.join(regions)}, where {link.availability.value} % takes two regions",
            consequence="a region whose cloud router fails takes the whole link with it",
            fix="end the attachments of one metropolitan area in another region",
        )
    needs_global = layout.global_routing or (facts is not None and facts.region not in regions)
    if facts and needs_global and facts.global_routing is False:
        yield Problem(
            field=f"{field}.environment",
            cause=f"the network of {link.environment} keeps its routes within {facts.region}",
            consequence=f"nodes do not see the attachments in {_others(regions, facts.region)}",
            fix=f"write target.network.routing: global in Pulumi.{link.environment}.yaml",
        )


def _others(regions: list[str], own: str) -> str:
    return ", ".join(region for region in regions if region != own) or own


def _interface_limits(hybrid: HybridNetwork) -> Iterator[Problem]:
    on_port: Counter[tuple[str, bool]] = Counter()
    for index, link in enumerate(hybrid.links):
        if not isinstance(link, DirectConnectLink):
            continue
        is_transit = link.transit_gateway is not None
        for place, port in enumerate(link.ports):
            if port.circuit.kind != "adopt":
                continue
            on_port[port.circuit.id, is_transit] += 1
            most = _MOST_TRANSIT_ON_PORT if is_transit else _MOST_PRIVATE_ON_PORT
            if on_port[port.circuit.id, is_transit] == most + 1:
                kind = "transit" if is_transit else "private"
                yield Problem(
                    field=f"links[{index}].ports[{place}].circuit.id",
                    cause=f"{port.circuit.id} would carry more than {most} {kind} interfaces",
                    consequence="AWS refuses the last one",
                    fix="use another port",
                )
        if len(link.ports) > _MOST_ON_GATEWAY:
            yield Problem(
                field=f"links[{index}].ports",
                cause=f"{len(link.ports)} interfaces, where a Direct Connect gateway takes {_MOST_ON_GATEWAY}",
                consequence="AWS refuses the last ones",
                fix="split the link in two with gateways of their own",
            )
