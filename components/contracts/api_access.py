"""From where a cluster's API server can be reached."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from .addresses import NETWORK_PATTERN
from .model import Contract
from .sequences import Items


def _ipv4_network(text: str) -> str:
    try:
        network = IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"{text[:60]!r} is not an IPv4 network: {error}; write it like 10.20.0.0/16") from None
    return str(network)


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
