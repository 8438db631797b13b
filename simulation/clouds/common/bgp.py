"""Sessions between networks: numbers of autonomous systems, link-local addresses, and lines that others connect."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from ...provider.store import Account, Record
from ...provider.values import Value

LINK_LOCAL = ipaddress.IPv4Network("169.254.0.0/16")
"""RFC 3927, from which clouds take the addresses inside of tunnels and sessions."""
# RFC 6996; the last number of each range is reserved by RFC 7300.
_PRIVATE_ASNS = (range(64_512, 65_535), range(4_200_000_000, 4_294_967_295))


def is_private_asn(number: int) -> bool:
    """Whether an autonomous system may take the number without asking anybody."""
    return any(number in asns for asns in _PRIVATE_ASNS)


def is_link_local(network: ipaddress.IPv4Network) -> bool:
    """Whether all of the network is link-local."""
    return network.subnet_of(LINK_LOCAL)


def two_ends(cidr: str) -> tuple[ipaddress.IPv4Address, ipaddress.IPv4Address]:
    """The first address of a session's network, which is the cloud's, and the second, which is the site's."""
    cloud, site, *_ = ipaddress.IPv4Network(cidr).hosts()
    return cloud, site


def connect_line(account: Account, kind: str, identifier: str, **state: Value) -> Record:
    """Do what people in a data centre or at a carrier do, days or weeks after the order: connect the line.

    Args:
        account: Whose line it is.
        kind: Type of the line.
        identifier: Its id.
        **state: What the line says of itself afterwards.

    Raises:
        LookupError: when there is no such line.
    """
    found = account.get(kind, identifier)
    if found is None:
        raise LookupError(identifier)
    connected = replace(found, computed={**found.computed, **state})
    account.put(connected)
    return connected
