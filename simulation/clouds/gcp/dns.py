"""Managed zones of Cloud DNS, and whether pods of a cluster may write records into one."""

from __future__ import annotations

from ...provider.dns_records import DnsService, Writer
from ...provider.store import Account, Record
from . import vocabulary as v


def _may_write(account: Account, writer: Writer, zone: Record) -> bool:
    """By the role on the zone, where it may list those of the project; of all clusters of the project alike."""
    subject = f"/subject/ns/{writer.namespace}/sa/{writer.account}"
    lists = [
        grant
        for grant in account.where(v.IAM_MEMBER, "role", "roles/dns.reader")
        if grant.text("member").endswith(subject)
    ]
    return bool(lists) and any(
        grant.text("member").endswith(subject) and grant.text("role") == "roles/dns.admin"
        for grant in account.where(v.ZONE_MEMBER, "managedZone", zone.text("name"))
    )


DNS = DnsService(
    source="https://cloud.google.com/dns/docs/access-control; "
    "https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity",
    provider="google",
    zone=v.MANAGED_ZONE,
    record=v.DNS_RECORD,
    domain=lambda zone: zone.text("dnsName").rstrip("."),
    may_write=_may_write,
)
"""Cloud DNS."""
