"""An HTTP proxy between the hosts and the internet: how it is written, and what hosts reach without it."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from .addresses import HOST_LABEL, LONGEST_NAME, with_real_port
from .forms import Form
from .model import Contract
from .sequences import Items
from .shown_text import excerpt

_EXAMPLE = "http://proxy.lab.example.com:3128"
_DIRECT = re.compile(rf"\.?{HOST_LABEL}(\.{HOST_LABEL})*")


def _without_password(text: object) -> object:
    if isinstance(text, str) and "@" in text:
        raise ValueError(
            "names a user or a password, which would be in files of every host and in the state in plain text; "
            f"let the proxy admit the hosts by their addresses, and write {_EXAMPLE}"
        )
    return text


def _direct(text: str) -> str:
    if "*" in text:
        raise ValueError(
            f"{excerpt(text)!r} has a *, which programs read differently; write .example.com for all names below it"
        )
    if "://" in text:
        name = urlsplit(text).hostname or "example.com"
        raise ValueError(
            f"{excerpt(text)!r} is a URL, and all of a machine is reached directly or none; write {excerpt(name)}"
        )
    if "/" in text:
        try:
            return str(IPv4Network(text))
        except ValueError as error:
            raise ValueError(f"{excerpt(text)!r} is not an IPv4 network: {error}; write it like 10.20.0.0/16") from None
    if len(text) > LONGEST_NAME or not _DIRECT.fullmatch(text):
        raise ValueError(
            f"{excerpt(text)!r} is not a name, an address or a network; "
            "write it like registry.example.com, .example.com or 10.20.0.0/16"
        )
    return text


ProxyUrl = Annotated[
    str,
    BeforeValidator(_without_password),
    AfterValidator(with_real_port),
    Form(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/?", _EXAMPLE),
]
"""Address of a proxy, without user and password."""
DirectName = Annotated[str, AfterValidator(_direct)]
"""What is reached without the proxy: a name, a domain with a dot before it, an address or a network."""


class HttpProxy(Contract):
    """Proxy between a network and the internet: hosts, where it is theirs, and the Job that fetches models use it."""

    https: ProxyUrl
    """Proxy for addresses that begin with ``https://``."""
    http: ProxyUrl | None = None
    """Proxy for addresses that begin with ``http://``, such as those of the distribution; ``https`` where left out."""
    no_proxy: Annotated[Items[DirectName], Field(max_length=100)] = ()
    """Further names and networks that are reached directly; those of the cluster always are."""

    @property
    def for_http(self) -> str:
        """Proxy for addresses that begin with ``http://``."""
        return self.http or self.https
