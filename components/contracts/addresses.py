"""IPv4 addresses as users write them."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, WithJsonSchema

from .shown_text import excerpt

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS = rf"({_OCTET}\.){{3}}{_OCTET}"
NETWORK_PATTERN = rf"^{_ADDRESS}/(3[0-2]|[12]?[0-9])$"
"""Form of an IPv4 network; that it has no host bits is checked when it is read."""


def _ipv4_address(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except AddressValueError as error:
        raise ValueError(f"{excerpt(text)!r} is not an IPv4 address: {error}; write it like 10.40.0.10") from None


Address = Annotated[str, AfterValidator(_ipv4_address), WithJsonSchema({"type": "string", "pattern": f"^{_ADDRESS}$"})]
"""An IPv4 address, such as ``10.40.0.10``."""

HOST_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
"""One part of a host's name."""
LONGEST_NAME = 253
"""Characters of a host's name."""
_NAME = re.compile(rf"{HOST_LABEL}(\.{HOST_LABEL})*\.?")


def _host_address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        numbers_only = text.rpartition(".")[2].isdigit()
    if len(text) > LONGEST_NAME or numbers_only or not _NAME.fullmatch(text):
        raise ValueError(
            f"{excerpt(text)!r} is neither a host name nor an address; write it like server.example.com or 10.40.0.10"
        )
    return text


HostAddress = Annotated[
    str,
    AfterValidator(_host_address),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": "^[A-Za-z0-9_.:-]+$"}),
]
"""Name (RFC 1123, with underscores, which some sites use) or address of a machine, such as ``files.example.com``."""


def with_real_port(url: str) -> str:
    """The URL; raises ValueError where it has a port that does not exist."""
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"{excerpt(url)!r} has a port that does not exist; use 1 to 65535")
    return url


def host_of(url: str) -> str:
    """Name or address of a URL's machine, in lower case; empty where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
