"""Addresses and names by which no other machine can be reached."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, ip_address

CLASS_E = IPv4Network("240.0.0.0/4")
"""Reserved addresses, which some networks use nevertheless."""
# RFC 6890 and https://www.iana.org/assignments/iana-ipv4-special-registry; the last is RFC 1112's class E.
_SPECIAL_USE = (
    (IPv4Network("0.0.0.0/8"), "'this network' (RFC 791): a source address of hosts that have none yet"),
    (IPv4Network("127.0.0.0/8"), "loopback (RFC 1122): they never leave the machine that uses them"),
    (IPv4Network("169.254.0.0/16"), "link-local (RFC 3927): no router passes them on"),
    (IPv4Network("192.0.0.0/24"), "assigned to protocols of the IETF (RFC 6890)"),
    (IPv4Network("192.0.2.0/24"), "for documentation (RFC 5737)"),
    (IPv4Network("192.88.99.0/24"), "for relays of 6to4 (RFC 7526)"),
    (IPv4Network("198.51.100.0/24"), "for documentation (RFC 5737)"),
    (IPv4Network("203.0.113.0/24"), "for documentation (RFC 5737)"),
    (IPv4Network("224.0.0.0/4"), "multicast (RFC 5771): no machine has one as its own"),
    (CLASS_E, "reserved (RFC 1112)"),
)
# RFC 6761, section 6.3: names below localhost are loopback.
_OWN_NAMES = (".localhost", ".localhost.localdomain")


def special_use(network: IPv4Network) -> str | None:
    """What addresses of a range are reserved for, as the predicate of a sentence; None where they are ordinary ones."""
    return next((use for block, use in _SPECIAL_USE if network.subnet_of(block)), None)


def is_own_address(host: str) -> bool:
    """Whether every machine means itself by a name or address, such as ``localhost`` or ``127.0.0.1``."""
    if f".{host.lower().rstrip('.')}".endswith(_OWN_NAMES):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def unreachable_use(host: str) -> str | None:
    """Why no other machine answers at a host, as the predicate of a sentence; None where one may.

    Args:
        host: Name or address, such as ``localhost`` or ``169.254.169.254``.
    """
    if is_own_address(host):
        return "the name or address by which every machine finds itself"
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return special_use(IPv4Network(address))
    is_special = address.is_unspecified or address.is_link_local or address.is_multicast
    return "for one network segment or no machine at all (RFC 4291)" if is_special else None
