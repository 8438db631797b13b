"""Managed identities that pods of one service account take on by workload identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import managedidentity

from ...contracts.service_accounts import AccountName
from .roles import Grant, Role, grant, managed_identity
from .settings import PrincipalType

CLIENT_ID = "azure.workload.identity/client-id"
"""Annotation by which a service account says which identity its pods take on."""
# https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust
_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True, kw_only=True)
class PodIdentityArgs:
    """Whose pods may do what.

    Attributes:
        subscription: Subscription of the cluster.
        resource_group: Where the identity is made.
        issuer: Issuer of the cluster's tokens.
        account: Service account of the pods.
        roles: What they may do: a role and the resource id on which it holds, by a label of their own.
        tags: Tags of the identity.
    """

    subscription: str
    resource_group: pulumi.Input[str]
    issuer: pulumi.Input[str]
    account: AccountName
    roles: Mapping[str, tuple[Role, str]]
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


@dataclass(frozen=True, kw_only=True)
class PodIdentity:
    """An identity of pods.

    Attributes:
        annotations: By which their service account takes it on.
        ready: Everything without which they may do nothing.
    """

    annotations: Mapping[str, pulumi.Input[str]]
    ready: Sequence[pulumi.Resource]


def pod_identity(name: str, args: PodIdentityArgs, opts: pulumi.ResourceOptions) -> PodIdentity:
    """Make the identity, for that service account alone.

    Args:
        name: Name of the identity and beginning of the others.
        args: Whose pods may do what.
        opts: Options of each resource.
    """
    identity = managed_identity(name, args.resource_group, None, args.tags, opts)
    trust = managedidentity.FederatedIdentityCredential(
        name,
        resource_group_name=args.resource_group,
        resource_name_=identity.id.apply(lambda known: known.rpartition("/")[2]),
        federated_identity_credential_resource_name=args.account.name,
        issuer=args.issuer,
        subject=args.account.subject,
        audiences=[_AUDIENCE],
        opts=opts,
    )
    granted = [
        grant(
            f"{name}-{label}",
            Grant(
                subscription=args.subscription,
                role=role,
                principal=identity.principal_id,
                type=PrincipalType.SERVICE_PRINCIPAL,
                scope=scope,
            ),
            opts,
        )
        for label, (role, scope) in args.roles.items()
    ]
    return PodIdentity(annotations={CLIENT_ID: identity.client_id}, ready=[trust, *granted])
