"""From where a cluster's API server can be reached."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, summarize_address_range
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from .addresses import NETWORK_PATTERN
from .model import Contract
from .sequences import Items
from .shown_text import excerpt

_MOST_LISTED = 4


def _ipv4_network(text: str) -> str:
    try:
        network = IPv4Network(text)
    except ValueError as error:
        networks = _from_to(text)
        if networks:
            more = " and so on" if len(networks) > _MOST_LISTED else ""
            shown = ", ".join(str(part) for part in networks[:_MOST_LISTED])
            raise ValueError(
                f"{excerpt(text)!r} names a first and a last address, and networks are wanted; "
                f"write it as entries of their own: {shown}{more}"
                if len(networks) > 1
                else f"{excerpt(text)!r} names a first and a last address, and a network is wanted; write {shown}"
            ) from None
        raise ValueError(f"{excerpt(text)!r} is not an IPv4 network: {error}; write it like 10.20.0.0/16") from None
    return str(network)


def _from_to(text: str) -> list[IPv4Network]:
    """The networks of a range such as ``10.40.3.0-10.40.3.10``, as MetalLB writes it; none of other texts."""
    first, _, last = text.partition("-")
    try:
        return list(summarize_address_range(IPv4Address(first.strip()), IPv4Address(last.strip())))
    except ValueError:
        return []


Cidr = Annotated[str, AfterValidator(_ipv4_network), WithJsonSchema({"type": "string", "pattern": NETWORK_PATTERN})]
"""An IPv4 network without host bits, such as ``10.20.0.0/16``."""


class PrivateAccess(Contract):
    """Only from the cluster's network and the networks joined to it."""

    kind: Literal["private"] = "private"
    cidrs: Items[Cidr] = ()
    """Further private networks that may reach the API server, such as the one Pulumi runs in."""


class PublicAccess(Contract):
    """From the internet as well, but only from these networks."""

    kind: Literal["public-cidrs"] = "public-cidrs"
    cidrs: Annotated[Items[Cidr], Field(min_length=1, max_length=40)]
    """Public networks that may connect."""


ApiAccess = Annotated[PrivateAccess | PublicAccess, Field(discriminator="kind")]
"""From where the API server can be reached."""
