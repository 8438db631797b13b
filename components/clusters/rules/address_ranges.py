"""Ranges of addresses: which overlap, which are of a wrong size, which belong to others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from ...contracts.errors import Problem

# RFC 1918, RFC 6598 (shared addresses, which clouds let pods use) and RFC 2544 (benchmarking, likewise).
PRIVATE_RANGES = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15")
)
"""Addresses that are not routed on the internet."""


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
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        yield Problem(
            field=field,
            cause=f"{cidr} are public addresses",
            consequence="they belong to someone on the internet, whom no node or pod could reach any more",
            fix="use a private range, such as 10.20.0.0/16",
        )


def _resized(network: IPv4Network, prefix: int) -> IPv4Network:
    return IPv4Network((network.network_address, prefix), strict=False)
