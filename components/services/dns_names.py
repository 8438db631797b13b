"""What is known of external-dns before it is loaded: whose records are whose, when they go, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem

ANNOTATION_PREFIX = "external-dns.kubernetes.io/"
"""What names of annotations begin with, such as ``hostname``; releases before v0.22.0 read others (docs/flags.md)."""


class DnsPolicy(StrEnum):
    """What becomes of a record whose Service is gone."""

    SYNC = "sync"
    """It goes too; records of others are never touched, as each one of its own is marked by a TXT record."""
    UPSERT_ONLY = "upsert-only"
    """It stays until a person deletes it."""


def default_owner(facts: ClusterFacts) -> str:
    """By which name records are marked as this cluster's."""
    return f"strata-{facts.name}"


def dns_refusals(facts: ClusterFacts, field: str) -> Iterator[Problem]:
    """Why external-dns could write nothing.

    Args:
        facts: The cluster.
        field: Setting by which it is asked for.
    """
    if facts.dns is None:
        yield Problem(
            field=field,
            cause="the target names no DNS zones",
            consequence="external-dns would run without a zone that it may write to",
            fix="write target.dns with the zones, or leave external_dns out",
        )
    elif facts.dns.on_internet and not facts.internet:
        yield Problem(
            field=field,
            cause=f"nodes of {facts.name} do not reach the internet, where the API of {facts.dns.provider} answers",
            consequence="no name would ever be written",
            fix="give the network a NAT, or write services: {external_dns: {install: false}}",
        )


def dns_notes(facts: ClusterFacts, policy: DnsPolicy, owner: str | None) -> Iterator[str]:
    """What somebody may not expect of records.

    Args:
        facts: The cluster.
        policy: What becomes of a record whose Service is gone.
        owner: By which name records are marked; None for the default.
    """
    if facts.dns is not None and policy is DnsPolicy.UPSERT_ONLY:
        zones = ", ".join(zone.domain for zone in facts.dns.zones)
        yield (
            f"records of external-dns stay in {zones} when their Services go, and when the stack goes: delete those "
            f"whose TXT record says external-dns/owner={owner or default_owner(facts)}, or write policy: sync"
        )
