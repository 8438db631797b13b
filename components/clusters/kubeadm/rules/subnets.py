"""Subnets of a site's hosts."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from ..settings import KubeadmTarget

_MOST_LISTED = 4


def subnets(target: KubeadmTarget) -> tuple[IPv4Network, ...]:
    """Every subnet of the hosts, ``networks.nodes`` first."""
    return tuple(IPv4Network(cidr) for cidr in target.networks.subnets)


def subnet_of(address: IPv4Address, known: Sequence[IPv4Network]) -> IPv4Network | None:
    """The subnet that an address is in; None where it is in none of them."""
    return next((subnet for subnet in known if address in subnet), None)


def network_is_wrong(target: KubeadmTarget) -> bool:
    """Whether most hosts are in none of their subnets, so that the subnets are to blame and not each host."""
    known = subnets(target)
    everyone = [*target.control_plane.hosts, *target.workers]
    outside = sum(subnet_of(IPv4Address(host.address), known) is None for host in everyone)
    return outside > len(everyone) / 2


def listed(known: Sequence[IPv4Network]) -> str:
    """The subnets for people to read, such as ``10.40.0.0/22, 10.41.0.0/22``."""
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    return f"the subnets of hosts: {', '.join(str(subnet) for subnet in known[:_MOST_LISTED])}{more}"
