"""Zones of DNS that are named twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.dns import NameServer
from ...contracts.errors import Problem
from .duplicates import duplicate_problems

_FIELD = "target.dns.zones"


def zone_id_problems(ids: Sequence[str]) -> Iterator[Problem]:
    """Zones whose id or name in their DNS service is listed already."""
    return duplicate_problems(_FIELD, ids, "a zone has one domain, and rights in it are given once")


def domain_problems(domains: Sequence[str], consequence: str) -> Iterator[Problem]:
    """Domains that are listed already.

    Args:
        domains: Domains of the zones.
        consequence: What a second one would do.
    """
    return duplicate_problems(_FIELD, domains, consequence)


def name_server_problems(server: NameServer | None) -> Iterator[Problem]:
    """Zones of a name server that are named twice."""
    if server is not None:
        yield from domain_problems(server.zones, "external-dns would have the zone transferred twice in each round")
