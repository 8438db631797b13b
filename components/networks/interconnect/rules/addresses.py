"""Ranges of addresses that must not overlap: of environments, sites, BGP sessions and tunnels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from ....contracts.errors import Problem
from ....contracts.network_facts import NetworkFacts
from ..settings import DedicatedInterconnectLink, DirectConnectLink, ExpressRouteLink, HybridLink, HybridNetwork

LINK_LOCAL = IPv4Network("169.254.0.0/16")
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
WIDEST = 8
"""Prefix of the largest network of a single owner: RFC 1918's 10.0.0.0/8, and the /8 of a few providers."""


@dataclass(frozen=True, kw_only=True)
class _Range:
    """A range and its owner.

    Attributes:
        field: Setting that it comes from.
        owner: Environment or site.
        routed: Whether others see its addresses.
    """

    field: str
    owner: str
    purpose: str
    network: IPv4Network
    routed: bool = True

    def __str__(self) -> str:
        return f"{self.network} ({self.purpose} of {self.owner})"


def address_problems(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[Problem]:
    """Ranges that overlap, so that a packet has two possible destinations."""
    every = list(_ranges(hybrid, networks))
    too_wide = {one.field for one in every if one.network.prefixlen < WIDEST and one.owner.startswith("site ")}
    for field in sorted(too_wide):
        wide = next(one for one in every if one.field == field)
        yield Problem(
            field=field,
            cause=f"{wide.network} holds most of the internet, or all of it",
            consequence="clouds would send what is meant for the internet, and for each other, to the site",
            fix="name the networks of the site, such as 10.60.0.0/16",
        )
    ranges = [one for one in every if one.field not in too_wide]
    yield from _overlaps(ranges)
    yield from _session_ranges(hybrid, ranges)
    yield from _bgp_addresses(hybrid, ranges)


def _overlaps(ranges: Sequence[_Range]) -> Iterator[Problem]:
    """One problem for each range that overlaps earlier ones of other owners, in their order.

    Networks either nest or are apart. In order of their first address and size, those around a network are
    therefore the ones not yet left behind, which takes n log n steps and one for each overlap.
    """
    place = {id(one): index for index, one in enumerate(ranges)}
    met: dict[int, list[_Range]] = {}
    around: list[_Range] = []
    for one in sorted(ranges, key=lambda one: (one.network.network_address, one.network.prefixlen)):
        while around and around[-1].network.broadcast_address < one.network.network_address:
            around.pop()
        for other in around:
            # Two overlays may be equal: the addresses of neither are visible outside.
            if one.owner != other.owner and (one.routed or other.routed):
                later, earlier = sorted((one, other), key=lambda either: place[id(either)], reverse=True)
                met.setdefault(place[id(later)], []).append(earlier)
        around.append(one)
    for index in sorted(met):
        later, earlier = ranges[index], sorted(met[index], key=lambda one: place[id(one)])
        more = f", and {len(earlier) - 1} more ranges" if len(earlier) > 1 else ""
        yield Problem(
            field=later.field,
            cause=f"{later} overlaps {earlier[0]}, of {earlier[0].field}{more}",
            consequence="packets for one end up in the other, or never leave",
            fix=f"give {later.owner} a range that nothing else uses; ranges cannot be changed once machines run",
        )


def _ranges(hybrid: HybridNetwork, networks: Mapping[str, NetworkFacts]) -> Iterator[_Range]:
    owners = {site.stack: f"site {site.name}" for site in hybrid.sites if site.stack}
    for index, name in enumerate(hybrid.environments):
        facts = networks.get(name)
        for network_range in facts.ranges if facts else ():
            yield _Range(
                field=f"environments[{index}]",
                owner=owners.get(name, name),
                purpose=network_range.purpose,
                network=network_range.network,
                routed=network_range.routed,
            )
    for index, site in enumerate(hybrid.sites):
        for place, cidr in enumerate(site.ranges):
            yield _Range(
                field=f"sites[{index}].ranges[{place}]",
                owner=f"site {site.name}",
                purpose="networks",
                network=IPv4Network(cidr),
            )


def _session_ranges(hybrid: HybridNetwork, ranges: list[_Range]) -> Iterator[Problem]:
    used: list[tuple[str, IPv4Network]] = []
    for field, cidr in _sessions(hybrid):
        network = IPv4Network(cidr)
        use = _no_interface(network.network_address)
        if use:
            yield Problem(
                field=field,
                cause=f"addresses of {cidr} are {use}",
                consequence="neither end could have one as its own, and the cloud refuses the session",
                fix=f"use a range that is not routed, such as one of {LINK_LOCAL}",
            )
            continue
        for other_field, other in used:
            if network.overlaps(other):
                yield Problem(
                    field=field,
                    cause=f"{cidr} overlaps {other}, of {other_field}",
                    consequence="the site's router would have one address on two interfaces",
                    fix="give each session a range of its own",
                )
        used.append((field, network))
        for network_range in ranges:
            if network_range.routed and network.overlaps(network_range.network):
                yield Problem(
                    field=field,
                    cause=f"{cidr} overlaps {network_range}",
                    consequence="the session's own addresses would be routed over the session",
                    fix=f"use a range that is not routed, such as one of {LINK_LOCAL}",
                )


def _no_interface(address: IPv4Address) -> str | None:
    """Why no interface of a router has such an address; None where it may have."""
    if address.is_loopback:
        return "loopback (RFC 1122)"
    if address.is_multicast:
        return "multicast (RFC 5771)"
    if address.is_unspecified or address in _THIS_NETWORK or address.is_reserved:
        return "reserved (RFC 6890)"
    return None


def _bgp_addresses(hybrid: HybridNetwork, ranges: Sequence[_Range]) -> Iterator[Problem]:
    """Addresses of routers that no router has, or that belong to an environment in a cloud."""
    of_sites = {site.stack for site in hybrid.sites}
    for index, site in enumerate(hybrid.sites):
        for place, router in enumerate(site.routers):
            if router.bgp_address is None:
                continue
            address = IPv4Address(router.bgp_address)
            use = _no_interface(address)
            clouds = [one for one in ranges if one.routed and one.owner in hybrid.environments]
            taken = next((one for one in clouds if address in one.network and one.owner not in of_sites), None)
            if taken and any(
                address in one.network and one.network.overlaps(taken.network)
                for one in ranges
                if one.owner == f"site {site.name}"
            ):
                # It is an address of the site, whose range is refused for lying there.
                continue
            if use or taken:
                yield Problem(
                    field=f"sites[{index}].routers[{place}].bgp_address",
                    cause=f"{address} is {use}" if use else f"{address} lies in {taken}",
                    consequence="packets of the session would never reach the router",
                    fix="write an address of the router's loopback that only the site uses",
                )


def _sessions(hybrid: HybridNetwork) -> Iterator[tuple[str, str]]:
    for index, link in enumerate(hybrid.links):
        for name, cidr in _circuit_sessions(link):
            yield f"links[{index}].{name}", cidr
        for place, inside in enumerate(link.vpn.inside_ranges if link.vpn else ()):
            yield f"links[{index}].vpn.inside_ranges[{place}]", inside


def _circuit_sessions(link: HybridLink) -> Iterator[tuple[str, str]]:
    match link:
        case DirectConnectLink(ports=ports):
            named = [(f"ports[{place}].bgp_range", port.bgp_range) for place, port in enumerate(ports)]
            yield from ((name, cidr) for name, cidr in named if cidr)
        case DedicatedInterconnectLink(ports=ports):
            named = [(f"ports[{place}].bgp_range", port.bgp_range) for place, port in enumerate(ports)]
            yield from ((name, cidr) for name, cidr in named if cidr)
        case ExpressRouteLink(paths=paths):
            for place, path in enumerate(paths):
                yield f"paths[{place}].primary_prefix", path.primary_prefix
                yield f"paths[{place}].secondary_prefix", path.secondary_prefix
