"""Zones of Azure DNS in which names of Services are written, and the roles by which that is allowed.

Source of the roles: kubernetes-sigs/external-dns v0.22.0, ``docs/tutorials/azure.md`` ("Managed Identity Using Workload
Identity") and ``provider/azure``, which lists the zones of the resource group first.
"""

from __future__ import annotations

from collections.abc import Mapping

from .roles import Role
from .settings import DnsZones


def dns_roles(zones: DnsZones, subscription: str) -> Mapping[str, tuple[Role, str]]:
    """What the identity of external-dns may do, and on which resource.

    Args:
        zones: Zones in which it writes.
        subscription: Subscription of the zones.
    """
    group = f"/subscriptions/{subscription}/resourceGroups/{zones.resource_group}"
    kind, role = (
        ("privateDnsZones", Role.PRIVATE_ZONE_CONTRIBUTOR) if zones.private else ("dnsZones", Role.DNS_ZONE_CONTRIBUTOR)
    )
    written = {zone: (role, f"{group}/providers/Microsoft.Network/{kind}/{zone}") for zone in zones.zones}
    return {"zones": (Role.READER, group), **written}
