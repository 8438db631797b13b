"""Hosted zones of Route 53 in which names of Services are written, and the role by which that is allowed.

Source of the actions: kubernetes-sigs/external-dns v0.22.0, ``docs/tutorials/aws.md`` and ``provider/aws/aws.go``; tags
of zones are asked for only where they are filtered by, which ours are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ...contracts.service_accounts import EXTERNAL_DNS
from .roles import Principal, Statement, own_policy, service_role
from .settings import HostedZones, IamRoles

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


@dataclass(frozen=True, kw_only=True)
class DnsArgs:
    """The cluster and its zones.

    Attributes:
        cluster_name: Name of the cluster, known once the control plane is active.
        zones: Zones in which names are written.
        iam: Path and permissions boundary of the role.
        tags: Tags of the role.
    """

    cluster_name: pulumi.Input[str]
    zones: HostedZones
    iam: IamRoles = field(default_factory=IamRoles)
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


def dns_identity(name: str, args: DnsArgs, opts: pulumi.ResourceOptions) -> Iterator[pulumi.Resource]:
    """The role of external-dns, and everything without which its pods cannot take it on.

    Args:
        name: Name of the role and prefix of the others.
        args: The cluster and its zones.
        opts: Options of each resource.
    """
    role, ready = service_role(name, Principal.POD, [], args.iam, args.tags, opts)
    yield from ready
    yield own_policy(name, role, dns_statements(args.zones), opts)
    yield aws.eks.PodIdentityAssociation(
        name,
        cluster_name=args.cluster_name,
        namespace=EXTERNAL_DNS.namespace,
        service_account=EXTERNAL_DNS.name,
        role_arn=role.arn,
        tags=dict(args.tags) or None,
        opts=opts,
    )
