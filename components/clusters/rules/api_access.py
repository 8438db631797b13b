"""From where the API server can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from ...contracts.api_access import ApiAccess, PrivateAccess, PublicAccess
from ...contracts.errors import Problem
from .address_ranges import PRIVATE_RANGES

# Wider than this a list of public networks protects from no one; large providers announce a /8 or so at most.
_WIDEST_PUBLIC = 8


def access_problems(
    access: ApiAccess, joined: Sequence[str] | None, field: str = "target.api_access"
) -> Iterator[Problem]:
    """An API server that the whole internet can reach, or that no client can reach.

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
        elif any(network.subnet_of(private) for private in PRIVATE_RANGES):
            yield Problem(
                field=f"{field}.cidrs[{index}]",
                cause=f"{cidr} is a private network",
                consequence="no client comes from there over the internet, and the cloud refuses the list",
                fix="name the public addresses of that network, or write kind: private",
            )


def _private_problems(access: PrivateAccess, joined: Sequence[str] | None, field: str) -> Iterator[Problem]:
    if joined is None:
        return
    if not joined:
        yield Problem(
            field=field,
            cause="the API server is private, and the network of the cluster is joined to no other",
            consequence="no client could reach it, Pulumi included: the cluster would be made and stay empty",
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
