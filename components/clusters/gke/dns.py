"""Managed zones of Cloud DNS in which names of Services are written, and who may do that.

Source of the roles: kubernetes-sigs/external-dns v0.22.0, ``docs/tutorials/gke.md`` and ``provider/google/google.go``,
which lists the zones of the project first. The service account of the pods holds them itself, without an account of
Google's in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ...contracts.service_accounts import EXTERNAL_DNS
from .pod_members import pod_member, project_number
from .settings import ManagedZones

_LISTS_ZONES, _CHANGES_RECORDS = "roles/dns.reader", "roles/dns.admin"


@dataclass(frozen=True, kw_only=True)
class DnsArgs:
    """The cluster's project and its zones.

    Attributes:
        project: Project of the cluster.
        zones: Zones in which names are written.
        after: What the project has to have before: its services, and the cluster, with which its identities come.
    """

    project: str
    zones: ManagedZones
    after: Sequence[pulumi.Resource]


class GkeDns(pulumi.ComponentResource):
    """What the service account of external-dns may do.

    Attributes:
        ready: Everything without which it may write nothing.
    """

    ready: list[pulumi.Resource]

    def __init__(self, name: str, args: DnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:GkeDns", name, None, opts)
        after = list(args.after)
        member = project_number(args.project, self, after).apply(
            lambda number: pod_member(number, args.project, EXTERNAL_DNS)
        )
        inside = pulumi.ResourceOptions(parent=self, depends_on=after)
        project = args.zones.project or args.project
        self.ready = [
            gcp.projects.IAMMember(f"{name}-zones", project=project, role=_LISTS_ZONES, member=member, opts=inside),
            *(
                gcp.dns.DnsManagedZoneIamMember(
                    f"{name}-{zone.name}",
                    project=project,
                    managed_zone=zone.name,
                    role=_CHANGES_RECORDS,
                    member=member,
                    opts=inside,
                )
                for zone in args.zones.zones
            ),
        ]
        self.register_outputs({})
