"""How programs in a cluster reach what is outside of it: through which proxy, and which authorities they trust."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from urllib.parse import urlsplit

from .addresses import host_of
from .model import Contract
from .sequences import Items

PROXY_VARIABLES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"})
"""Variables that programs read, in upper or lower case."""


class ProxyAddresses(Contract):
    """An HTTP proxy, and what is reached without it."""

    http: str
    """Proxy for addresses that begin with ``http://``."""
    https: str
    """Proxy for addresses that begin with ``https://``."""
    direct: Items[str] = ()
    """Names, domains with a dot before them, addresses and networks that are reached without it."""

    def before(self, url: str) -> str | None:
        """The proxy that stands before an address; None where it is reached directly."""
        host = host_of(url)
        if any(covers(entry, host) for entry in self.direct):
            return None
        return self.http if urlsplit(url).scheme == "http" else self.https


class WayOut(Contract):
    """The way from a cluster's pods to the outside; nothing where it is open and no authority is private."""

    proxy: ProxyAddresses | None = None
    certificates: Items[str] = ()
    """Certificates of private authorities, each in PEM."""

    def proxy_before(self, url: str) -> str | None:
        """The proxy that stands before an address; None where it is reached directly."""
        return self.proxy.before(url) if self.proxy else None

    def variables(self, url: str) -> dict[str, str]:
        """What tells a program of the proxy, by name.

        Args:
            url: What it will ask; Python reads no networks in ``NO_PROXY``, so a name in one is added to it.
        """
        if self.proxy is None:
            return {}
        named = [host_of(url)] if self.proxy.before(url) is None else []
        return {
            "HTTP_PROXY": self.proxy.http,
            "HTTPS_PROXY": self.proxy.https,
            "NO_PROXY": ",".join(dict.fromkeys((*self.proxy.direct, *named))),
        }


def way_out_with(way_out: WayOut, variables: Mapping[str, str]) -> WayOut:
    """The way out of a program whose user sets variables of a proxy, which then replace what is known.

    Args:
        way_out: What is known.
        variables: Variables by name, in any case.
    """
    given = {name.upper(): value for name, value in variables.items() if name.upper() in PROXY_VARIABLES}
    http, https = (_with_scheme(given.get(name, "")) for name in ("HTTP_PROXY", "HTTPS_PROXY"))
    if not http and not https:
        return way_out
    direct = tuple(entry.strip() for entry in given.get("NO_PROXY", "").split(",") if entry.strip())
    proxy = ProxyAddresses(http=http or https, https=https or http, direct=direct)
    return way_out.model_copy(update={"proxy": proxy})


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def covers(entry: str, host: str) -> bool:
    """Whether an entry of ``NO_PROXY`` means a machine.

    Args:
        entry: A name, a domain with a dot before it, an address or a network.
        host: Name or address of the machine.
    """
    if "/" not in entry:
        name = entry.lower().lstrip(".")
        return host == name or host.endswith(f".{name}")
    try:
        return IPv4Address(host) in IPv4Network(entry)
    except AddressValueError:
        return False
