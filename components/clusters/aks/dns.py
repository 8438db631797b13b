"""Zones of Azure DNS in which names of Services are written, and the identity by which that is allowed.

Source of the roles: kubernetes-sigs/external-dns v0.22.0, ``docs/tutorials/azure.md`` ("Managed Identity Using Workload
Identity") and ``provider/azure``, which lists the zones of the resource group first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import managedidentity

from ...contracts.service_accounts import EXTERNAL_DNS
from .roles import Grant, Role, grant, managed_identity
from .settings import DnsZones, PrincipalType

CLIENT_ID = "azure.workload.identity/client-id"
"""Annotation by which a service account says which identity its pods take on."""
# https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust
_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True, kw_only=True)
class DnsArgs:
    """The cluster and its zones.

    Attributes:
        subscription: Subscription of cluster and zones.
        resource_group: Where the identity is made.
        issuer: Issuer of the cluster's tokens.
        zones: Zones in which names are written.
        tags: Tags of the identity.
    """

    subscription: str
    resource_group: pulumi.Input[str]
    issuer: pulumi.Input[str]
    zones: DnsZones
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


@dataclass(frozen=True, kw_only=True)
class DnsIdentity:
    """The identity of external-dns.

    Attributes:
        annotations: By which its service account takes it on.
        ready: Everything without which it may write nothing.
    """

    annotations: Mapping[str, pulumi.Input[str]]
    ready: Sequence[pulumi.Resource]


def dns_identity(name: str, args: DnsArgs, opts: pulumi.ResourceOptions) -> DnsIdentity:
    """Make the identity, for the service account of external-dns alone.

    Args:
        name: Name of the identity and beginning of the others.
        args: The cluster and its zones.
        opts: Options of each resource.
    """
    identity = managed_identity(name, args.resource_group, None, args.tags, opts)
    trust = managedidentity.FederatedIdentityCredential(
        name,
        resource_group_name=args.resource_group,
        resource_name_=identity.id.apply(lambda known: known.rpartition("/")[2]),
        federated_identity_credential_resource_name=EXTERNAL_DNS.name,
        issuer=args.issuer,
        subject=EXTERNAL_DNS.subject,
        audiences=[_AUDIENCE],
        opts=opts,
    )
    group = f"/subscriptions/{args.subscription}/resourceGroups/{args.zones.resource_group}"
    kind, role = (
        ("privateDnsZones", Role.PRIVATE_ZONE_CONTRIBUTOR)
        if args.zones.private
        else ("dnsZones", Role.DNS_ZONE_CONTRIBUTOR)
    )
    wanted = {"zones": (Role.READER, group)} | {
        zone: (role, f"{group}/providers/Microsoft.Network/{kind}/{zone}") for zone in args.zones.zones
    }
    granted = [
        grant(
            f"{name}-{label}",
            Grant(
                subscription=args.subscription,
                role=given,
                principal=identity.principal_id,
                type=PrincipalType.SERVICE_PRINCIPAL,
                scope=scope,
            ),
            opts,
        )
        for label, (given, scope) in wanted.items()
    ]
    return DnsIdentity(annotations={CLIENT_ID: identity.client_id}, ready=[trust, *granted])
