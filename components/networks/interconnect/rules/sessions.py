"""What a circuit carries: packet sizes, session ranges, and the gateway that it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network

from ....contracts.errors import Problem
from ....contracts.network_facts import NetworkFacts
from ..settings import (
    AdoptedTransitGateway,
    CreatedTransitGateway,
    DedicatedInterconnectLink,
    DirectConnectLink,
    HybridNetwork,
    Site,
)
from .addresses import LINK_LOCAL, WIDEST
from .ends import leads_elsewhere

_TRANSIT_MTU, _PRIVATE_MTU = 8500, 9001
_SESSION, _GOOGLE_SESSION = 30, 29


def session_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Sessions that never come up, or come up and lose large packets."""
    for index, link in enumerate(hybrid.links):
        field, site = f"links[{index}]", hybrid.site(link.site)
        if site:
            yield from _packet_too_large(field, link.mtu, site)
        match link:
            case DirectConnectLink():
                yield from _direct_connect_mtu(field, link)
                yield from _direct_connect_ranges(field, link)
                yield from _gateway(field, link, networks.get(link.environment), _ranges_of(site, networks))
            case DedicatedInterconnectLink():
                yield from _candidate_subnets(field, link)
            case _:
                pass


def _packet_too_large(field: str, mtu: int, site: Site) -> Iterator[Problem]:
    if mtu > site.mtu:
        yield Problem(
            field=f"{field}.mtu",
            cause=f"{mtu} bytes, but the routers of site {site.name} pass on {site.mtu}",
            consequence="connections open and then hang at the first large answer",
            fix=f"write {site.mtu} or less, or raise sites[].mtu together with the routers'",
        )


def _direct_connect_mtu(field: str, link: DirectConnectLink) -> Iterator[Problem]:
    wrong, kind = (_PRIVATE_MTU, "transit") if link.transit_gateway else (_TRANSIT_MTU, "private")
    if link.mtu == wrong:
        right = _TRANSIT_MTU if link.transit_gateway else _PRIVATE_MTU
        yield Problem(
            field=f"{field}.mtu",
            cause=f"{link.mtu} does not exist on {kind} interfaces",
            consequence="AWS refuses the interface after the port is paid for",
            fix=f"write 1500 or {right}",
        )


def _direct_connect_ranges(field: str, link: DirectConnectLink) -> Iterator[Problem]:
    for place, port in enumerate(link.ports):
        if port.bgp_range and IPv4Network(port.bgp_range).prefixlen != _SESSION:
            yield Problem(
                field=f"{field}.ports[{place}].bgp_range",
                cause=f"{port.bgp_range} is not a /{_SESSION}",
                consequence="it does not hold an address for both ends",
                fix="use a /30, such as 169.254.96.0/30, or leave it out",
            )


def _candidate_subnets(field: str, link: DedicatedInterconnectLink) -> Iterator[Problem]:
    for place, port in enumerate(link.ports):
        if port.bgp_range is None:
            continue
        network = IPv4Network(port.bgp_range)
        if network.prefixlen != _GOOGLE_SESSION or not network.subnet_of(LINK_LOCAL):
            yield Problem(
                field=f"{field}.ports[{place}].bgp_range",
                cause=f"{port.bgp_range} is not a /{_GOOGLE_SESSION} of {LINK_LOCAL}",
                consequence="Google refuses the attachment",
                fix="use a range such as 169.254.10.0/29, or leave it out",
            )


def _gateway(
    field: str, link: DirectConnectLink, facts: NetworkFacts | None, ranges: list[IPv4Network]
) -> Iterator[Problem]:
    if link.transit_gateway is None:
        if link.private_asn is None:
            yield Problem(
                field=f"{field}.private_asn",
                cause="is missing, and there is no transit gateway",
                consequence="AWS would give the VPC's own gateway 64512, which is what many sites use",
                fix="write a private number for it, or a transit_gateway",
            )
        return
    if facts is None or leads_elsewhere(link, facts) or facts.adopted:
        return
    match link.transit_gateway:
        case CreatedTransitGateway() if facts.transit_gateway:
            yield Problem(
                field=f"{field}.transit_gateway",
                cause=f"the VPC of {link.environment} is joined to {facts.transit_gateway} already",
                consequence="its routes would lead over the other gateway, and nothing over the link",
                fix=f"write kind: adopt, id: {facts.transit_gateway} and its asn",
            )
        case AdoptedTransitGateway(id=identifier) if facts.transit_gateway != identifier:
            yield Problem(
                field=f"{field}.transit_gateway.id",
                cause=f"the VPC of {link.environment} is joined to {facts.transit_gateway or 'no transit gateway'}",
                consequence=f"packets for it end at {identifier}, which has no route to it",
                fix=f"write target.network.transit.gateway: {identifier} in Pulumi.{link.environment}.yaml",
            )
        case AdoptedTransitGateway():
            yield from _no_return_route(field, link, facts, ranges)
        case _:
            pass


def _no_return_route(
    field: str, link: DirectConnectLink, facts: NetworkFacts, ranges: list[IPv4Network]
) -> Iterator[Problem]:
    routes = [IPv4Network(cidr) for cidr in facts.transit_routes]
    for network in ranges:
        if not any(network.subnet_of(route) for route in routes):
            yield Problem(
                field=f"{field}.site",
                cause=f"the VPC of {link.environment} has no route to {network} of site {link.site}",
                consequence="packets of the site arrive, and answers leave by NAT to the internet",
                fix=f"add {network} to target.network.transit.routes in Pulumi.{link.environment}.yaml",
            )


def _ranges_of(site: Site | None, networks: Mapping[str, NetworkFacts]) -> list[IPv4Network]:
    """Those that are not refused where they are written, as too wide or as those of another environment."""
    if site is None:
        return []
    facts = networks.get(site.stack) if site.stack else None
    own = [network_range.network for network_range in facts.routed] if facts else []
    others = [taken.network for stack, facts in networks.items() if stack != site.stack for taken in facts.routed]
    return [
        network
        for network in (*own, *map(IPv4Network, site.ranges))
        if network.prefixlen >= WIDEST and not any(network.overlaps(other) for other in others)
    ]
