"""Zones of Azure DNS, and whether pods of a cluster may write records into one."""

from __future__ import annotations

from ...provider.dns_records import DnsService, Writer
from ...provider.store import Account, Record
from ...provider.tables import Call
from . import vocabulary as v
from .identities import role_on


def _may_write(account: Account, writer: Writer, zone: Record) -> bool:
    """By the role of the managed identity that trusts the service account."""
    subject = f"system:serviceaccount:{writer.namespace}:{writer.account}"
    call = Call(account=account, region="")
    for trust in account.where(v.FEDERATION, "subject", subject):
        identity = account.find(v.IDENTITY, "name", trust.text("resourceName"))
        if identity and role_on(call, identity.text("principalId"), "DNS Zone Contributor", zone.identifier):
            return True
    return False


DNS = DnsService(
    source="https://learn.microsoft.com/azure/dns/dns-protect-zones-recordsets; "
    "https://learn.microsoft.com/azure/aks/workload-identity-overview",
    provider="azure",
    zone=v.DNS_ZONE,
    record=v.DNS_RECORD,
    domain=lambda zone: zone.text("zoneName"),
    may_write=_may_write,
)
"""Azure DNS."""
