"""Rules of address ranges and of access to the API server that hold on every cloud.

Like ``rules_common``: each function yields a problem for every setting that is wrong, and what differs
between clouds comes as an argument.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from ..contracts.api_access import ApiAccess, PrivateAccess, PublicAccess
from ..contracts.errors import Problem

# RFC 1918, RFC 6598 (shared addresses, which clouds let pods use) and RFC 2544 (benchmarking, likewise).
_PRIVATE = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15")
)
# Wider than this a list of public networks protects from nobody; large providers announce a /8 or so at most.
_WIDEST_PUBLIC = 8


@dataclass(frozen=True, kw_only=True)
class AddressRange:
    """A range of addresses and what it is for.

    Attributes:
        field: Setting that it comes from.
        purpose: For people to read, such as ``the services of Kubernetes``.
        cidr: The range.
    """

    field: str
    purpose: str
    cidr: str


def overlap_problems(ranges: Sequence[AddressRange]) -> Iterator[Problem]:
    """Ranges of one cluster that overlap; the later one is blamed."""
    for index, later in enumerate(ranges):
        for earlier in ranges[:index]:
            if IPv4Network(later.cidr).overlaps(IPv4Network(earlier.cidr)):
                yield Problem(
                    field=later.field,
                    cause=f"{later.cidr} of {later.purpose} overlaps {earlier.cidr} of {earlier.purpose}",
                    consequence="addresses that are in both reach the wrong one, or nothing at all",
                    fix="use a range that no other part of the cluster or of the networks joined to it uses",
                )


def inside_problems(routes: Sequence[str], taken: AddressRange, field: str) -> Iterator[Problem]:
    """Networks elsewhere that lie inside a range of the cluster, where nothing of theirs can be reached.

    Wider networks, such as 10.0.0.0/8 towards everything that is not the cluster, are fine: the more
    specific route wins.

    Args:
        routes: The networks elsewhere.
        taken: A range of the cluster.
        field: Path of the routes.
    """
    for index, route in enumerate(routes):
        if IPv4Network(route).subnet_of(IPv4Network(taken.cidr)):
            yield Problem(
                field=f"{field}[{index}]",
                cause=f"{route} lies inside {taken.cidr} of {taken.purpose}",
                consequence="traffic there never leaves the cluster, so that network is out of reach",
                fix="give one of them another range",
            )


def network_range_problems(field: str, cidr: str, *, largest: int, smallest: int, reason: str) -> Iterator[Problem]:
    """A network of a size or kind that the cloud refuses, or that hides a part of the internet.

    Args:
        field: Setting that it comes from.
        cidr: Range of the network.
        largest: Shortest prefix, such as 16.
        smallest: Longest prefix, such as 28.
        reason: Why those are the limits, as a whole sentence's predicate.
    """
    network = IPv4Network(cidr)
    if not largest <= network.prefixlen <= smallest:
        yield Problem(
            field=field,
            cause=f"{cidr} holds {network.num_addresses} addresses",
            consequence=reason,
            fix=f"use a range from /{largest} to /{smallest}, such as {_resized(network, largest)}",
        )
    if not any(network.subnet_of(private) for private in _PRIVATE):
        yield Problem(
            field=field,
            cause=f"{cidr} are public addresses",
            consequence="they belong to someone on the internet, whom no node or pod could reach any more",
            fix="use a private range, such as 10.20.0.0/16",
        )


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


def access_problems(
    access: ApiAccess, joined: Sequence[str] | None, field: str = "target.api_access"
) -> Iterator[Problem]:
    """An API server that everyone reaches, or nobody.

    Args:
        access: From where it can be reached.
        joined: Networks that are joined to that of the cluster; None where only its owner knows.
        field: Path of the setting.
    """
    match access:
        case PublicAccess():
            yield from _public_problems(access, field)
        case PrivateAccess():
            yield from _private_problems(access, joined, field)


def _public_problems(access: PublicAccess, field: str) -> Iterator[Problem]:
    for index, cidr in enumerate(access.cidrs):
        network = IPv4Network(cidr)
        if network.prefixlen < _WIDEST_PUBLIC:
            yield Problem(
                field=f"{field}.cidrs[{index}]",
                cause=f"{cidr} lets {'everyone' if network.prefixlen == 0 else 'much of the internet'} in",
                consequence="the API server would be open to every scanner, and to the next flaw in its log-in",
                fix="name the networks that people and Pulumi connect from, or write kind: private",
            )
        elif any(network.subnet_of(private) for private in _PRIVATE):
            yield Problem(
                field=f"{field}.cidrs[{index}]",
                cause=f"{cidr} is a private network",
                consequence="nobody comes from there over the internet, and the cloud refuses the list",
                fix="name the public addresses of that network, or write kind: private",
            )


def _private_problems(access: PrivateAccess, joined: Sequence[str] | None, field: str) -> Iterator[Problem]:
    if joined is None:
        return
    if not joined:
        yield Problem(
            field=field,
            cause="the API server is private, and the network of the cluster is joined to no other",
            consequence="nobody could reach it, this program neither: the cluster would be made and stay empty",
            fix="join the network to the one that Pulumi runs in, or write kind: public-cidrs",
        )
        return
    if not access.cidrs:
        yield Problem(
            field=f"{field}.cidrs",
            cause="no network may connect from outside the cluster's own",
            consequence="this program could not reach the API server: the cluster would be made and stay empty",
            fix=f"name the network that Pulumi runs in, such as {joined[0]}",
        )
    for index, cidr in enumerate(access.cidrs):
        if not any(IPv4Network(cidr).subnet_of(IPv4Network(route)) for route in joined):
            yield Problem(
                field=f"{field}.cidrs[{index}]",
                cause=f"no route leads back to {cidr}",
                consequence="its packets would be let in, and the answers lost: every connection times out",
                fix="add the network to the routes of the cluster's network, or name one of those routes",
            )


def _resized(network: IPv4Network, prefix: int) -> IPv4Network:
    return IPv4Network((network.network_address, prefix), strict=False)
