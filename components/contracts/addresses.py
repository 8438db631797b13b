"""IPv4 addresses as users write them."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, ip_address
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS = rf"({_OCTET}\.){{3}}{_OCTET}"
NETWORK_PATTERN = rf"^{_ADDRESS}/(3[0-2]|[12]?[0-9])$"
"""Form of an IPv4 network; that it has no host bits is checked when it is read."""


def _ipv4_address(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except AddressValueError as error:
        raise ValueError(f"{text[:60]!r} is not an IPv4 address: {error}; write it like 10.40.0.10") from None


Address = Annotated[str, AfterValidator(_ipv4_address), WithJsonSchema({"type": "string", "pattern": f"^{_ADDRESS}$"})]
"""An IPv4 address, such as ``10.40.0.10``."""

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_LONGEST_NAME = 253


def _host_address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        numbers_only = text.rpartition(".")[2].isdigit()
    if len(text) > _LONGEST_NAME or numbers_only or not _NAME.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is neither a host name nor an address; write it like files.example.com")
    return text


HostAddress = Annotated[
    str,
    AfterValidator(_host_address),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME, "pattern": "^[A-Za-z0-9_.:-]+$"}),
]
"""Name (RFC 1123, with underscores, which some sites use) or address of a machine, such as ``files.example.com``."""
