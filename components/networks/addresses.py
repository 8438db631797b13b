"""Subnets cut out of a network's range in such a way that later growth never moves one.

Owns the arithmetic, the same for every cloud.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from ..contracts.errors import StrataError

_MOST_ZONES = 8
# Half of the range for the private subnets of up to eight zones, an eighth of it for the public ones.
_PRIVATE_BITS = 4
_PUBLIC_BITS = 6
_SMALLEST_PUBLIC = 28


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The subnets of one zone.

    Attributes:
        private: For nodes and pods.
        public: For load balancers and NAT.
    """

    zone: str
    private: IPv4Network
    public: IPv4Network


def zone_subnets(cidr: str, zones: Sequence[str]) -> tuple[ZoneSubnets, ...]:
    """A private and a public subnet for each zone.

    The first half of the range is cut into eight private subnets, the next eighth into eight public
    ones; a zone keeps its place in the list, so zones are added at the end. The rest stays free for
    other kinds of subnets.

    Raises:
        StrataError: when there are more than eight zones or the range is too small.
    """
    network = IPv4Network(cidr)
    if len(zones) > _MOST_ZONES:
        raise StrataError.of(
            "target.network.zones",
            cause=f"{len(zones)} zones, but the range is divided for {_MOST_ZONES}",
            consequence="there would be no subnet for the last ones",
            fix=f"use at most {_MOST_ZONES} zones",
        )
    if network.prefixlen + _PUBLIC_BITS > _SMALLEST_PUBLIC:
        raise StrataError.of(
            "target.network.cidr",
            cause=f"{cidr} holds {network.num_addresses} addresses",
            consequence="a public subnet would be smaller than /28, which clouds refuse",
            fix=f"use a range of /{_SMALLEST_PUBLIC - _PUBLIC_BITS} or larger, such as {network.network_address}/16",
        )
    private = list(network.subnets(prefixlen_diff=_PRIVATE_BITS))[:_MOST_ZONES]
    after = int(private[-1].broadcast_address) + 1
    public_size = 2 ** (32 - network.prefixlen - _PUBLIC_BITS)
    public = [
        IPv4Network((after + index * public_size, network.prefixlen + _PUBLIC_BITS)) for index in range(_MOST_ZONES)
    ]
    return tuple(
        ZoneSubnets(zone=zone, private=private[index], public=public[index]) for index, zone in enumerate(zones)
    )


def zones_part(network: IPv4Network) -> dict[str, IPv4Network]:
    """What ``zone_subnets`` keeps of a range for the subnets of up to eight zones, by what they are for."""
    half, rest = network.subnets()
    return {"nodes": half, "load balancers and NAT": next(rest.subnets(prefixlen_diff=2))}
