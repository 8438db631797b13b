"""Hosted zones of Route 53 in which names of Services are written, and what the role may do that writes them.

Source of the actions: kubernetes-sigs/external-dns v0.22.0, ``docs/tutorials/aws.md`` and ``provider/aws/aws.go``; tags
of zones are asked for only where they are filtered by, which ours are not.
"""

from __future__ import annotations

from collections.abc import Sequence

from .roles import Statement
from .settings import HostedZones

# What external-dns makes of a load balancer, and the marks of its own beside it.
_TYPES = ["A", "AAAA", "CNAME", "TXT"]


def dns_statements(zones: HostedZones) -> Sequence[Statement]:
    """What the role of external-dns may do.

    Args:
        zones: Zones in which it writes.
    """
    named = [f"arn:aws:route53:::hostedzone/{zone.id}" for zone in zones.zones]
    return (
        {"Effect": "Allow", "Action": ["route53:ListHostedZones"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["route53:ListResourceRecordSets"], "Resource": named},
        {
            "Effect": "Allow",
            "Action": ["route53:ChangeResourceRecordSets"],
            "Resource": named,
            "Condition": {"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": _TYPES}},
        },
    )
