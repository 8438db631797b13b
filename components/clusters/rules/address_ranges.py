"""Ranges of addresses: which overlap, which have a wrong size, which belong to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from ...contracts.errors import Problem
from ...contracts.special_addresses import CLASS_E, special_use

# RFC 1918, RFC 6598 (shared addresses, which clouds let pods use) and RFC 2544 (benchmarking, likewise).
PRIVATE_RANGES = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15")
)
"""Addresses that are not routed on the internet."""
GOOGLE_RANGES = (*PRIVATE_RANGES, CLASS_E)
"""Ranges of a VPC of Google Cloud that hide no public address (VPC documentation, subnets: valid ranges)."""
GOOGLE_SERVICES = IPv4Network("34.118.224.0/20")
"""Public addresses of Google's own that GKE gives to Services by default from 1.29 on (GKE documentation,
alias-ips)."""
# Size of a proposal where the limits leave the choice.
_ROOMY = 16


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
    """Ranges of one cluster that overlap; the later one is blamed, once, whatever it overlaps."""
    for index, later in enumerate(ranges):
        network = IPv4Network(later.cidr)
        met = [earlier for earlier in ranges[:index] if network.overlaps(IPv4Network(earlier.cidr))]
        if met and later.field:
            free = free_range(network.prefixlen, [other.cidr for other in ranges])
            yield Problem(
                field=later.field,
                cause=f"{later.cidr} of {later.purpose} overlaps "
                + " and ".join(f"{earlier.cidr} of {earlier.purpose}" for earlier in met),
                consequence="addresses that are in both reach the wrong one, or nothing at all",
                fix="use a range that no other part of the cluster or of the networks joined to it uses"
                + (f", such as {free}" if free else ""),
            )


def free_range(prefix: int, taken: Iterable[str]) -> IPv4Network | None:
    """The first private range of a size that overlaps none of the others; None where none is left.

    Args:
        prefix: Length of its prefix.
        taken: Ranges that it has to avoid.
    """
    size = 2 ** (32 - prefix)
    avoided = sorted(IPv4Network(cidr) for cidr in taken)
    for block in PRIVATE_RANGES:
        start, end = int(block.network_address), int(block.broadcast_address)
        for network in avoided:
            first, last = int(network.network_address), int(network.broadcast_address)
            if last >= start and first < start + size:
                start = (last // size + 1) * size
        if start % size == 0 and start + size - 1 <= end:
            return IPv4Network((start, prefix))
    return None


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


def hidden_problems(taken: AddressRange, network: str, elsewhere: Iterable[str]) -> Iterator[Problem]:
    """A range of services or pods that lies in a network elsewhere, and hides a part of it.

    Wide routes are no networks: one that holds the cluster's own network, or a whole private block, stands for
    whatever is not the cluster.

    Args:
        taken: The range, as the user wrote it.
        network: Range of the cluster's network.
        elsewhere: Networks that are reached from the cluster, or reach it.
    """
    own, range_of_cluster = IPv4Network(taken.cidr), IPv4Network(network)
    for name in dict.fromkeys(elsewhere):
        other = IPv4Network(name)
        wide = range_of_cluster.subnet_of(other) or any(block.subnet_of(other) for block in PRIVATE_RANGES)
        if not wide and own != other and own.subnet_of(other):
            free = free_range(own.prefixlen, [name, network])
            yield Problem(
                field=taken.field,
                cause=f"{taken.cidr} of {taken.purpose} lies inside {name}, a network that is joined to the cluster's",
                consequence="no pod could reach that part of it: traffic to these addresses never leaves the cluster",
                fix="use a range that no other part of the cluster or of the networks joined to it uses"
                + (f", such as {free}" if free else ""),
            )


def network_range_problems(
    field: str,
    cidr: str,
    *,
    largest: int,
    smallest: int,
    reason: str,
    allowed: Sequence[IPv4Network] = PRIVATE_RANGES,
    others: Iterable[str] = (),
) -> Iterator[Problem]:
    """A network of a size or kind that the cloud refuses, or that hides a part of the internet.

    Args:
        field: Setting that it comes from.
        cidr: Range of the network.
        largest: Shortest prefix, such as 16.
        smallest: Longest prefix, such as 28.
        reason: Why those are the limits, as a whole sentence's predicate.
        allowed: Ranges that it may be in.
        others: Ranges that a proposal has to avoid.
    """
    network = IPv4Network(cidr)
    others, size = list(others), min(max(largest, _ROOMY), smallest)
    wrong_use = list(use_problems(field, cidr, size=size, allowed=allowed, others=others))
    if network.prefixlen >= largest and wrong_use:
        yield from wrong_use
    elif not largest <= network.prefixlen <= smallest:
        resized = IPv4Network((network.network_address, size), strict=False)
        meets = any(resized.overlaps(IPv4Network(other)) for other in others)
        free = free_range(size, others) if meets or wrong_use else resized
        yield Problem(
            field=field,
            cause=f"{cidr} holds {network.num_addresses} addresses",
            consequence=reason,
            fix=f"use a range from /{largest} to /{smallest}" + (f", such as {free}" if free else ""),
        )


def use_problems(
    field: str,
    cidr: str,
    *,
    size: int | None = None,
    allowed: Sequence[IPv4Network] = PRIVATE_RANGES,
    others: Iterable[str] = (),
) -> Iterator[Problem]:
    """A range of addresses that no machine can have as its own, or that belong to someone on the internet.

    Args:
        field: Setting that it comes from.
        cidr: Range of the network.
        size: Prefix of the range that is proposed; that of the range itself where left out.
        allowed: Ranges that it may be in.
        others: Ranges that a proposal has to avoid.
    """
    network = IPv4Network(cidr)
    if any(network.subnet_of(private) for private in allowed):
        return
    free = free_range(network.prefixlen if size is None else size, others)
    use = special_use(network)
    if use:
        cause, consequence = f"addresses of {cidr} are {use}", "no network can be made of them"
    elif any(network.subnet_of(private) for private in PRIVATE_RANGES):
        cause, consequence = f"{cidr} is not in {', '.join(map(str, allowed))}", "the cloud takes no other range for it"
    else:
        cause = f"{cidr} are public addresses"
        consequence = "they belong to someone on the internet, whom no node or pod could reach any more"
    yield Problem(
        field=field,
        cause=cause,
        consequence=consequence,
        fix="use a private range" + (f", such as {free}" if free else ""),
    )
