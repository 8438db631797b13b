"""Managed identities and the roles that they and people hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi
from pulumi_azure_native import authorization, managedidentity

from .settings import PrincipalType


class Role(StrEnum):
    """Azure's built-in roles by the id of their definition.

    https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
    """

    CLUSTER_ADMIN = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
    """Azure Kubernetes Service RBAC Cluster Admin: everything inside of the cluster."""
    CLUSTER_USER = "4abbcc35-e782-43d8-92c5-2d3f1bd2253f"
    """Azure Kubernetes Service Cluster User Role: asks for the address of the API server."""
    CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
    DNS_ZONE_CONTRIBUTOR = "befefa01-2a29-4197-83a8-272ff33ce314"
    """DNS Zone Contributor: writes records of a public zone."""
    IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
    """Managed Identity Operator: puts an identity on machines."""
    NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
    PRIVATE_ZONE_CONTRIBUTOR = "b12aa53e-6015-4669-85d0-8515ebb3ae7f"
    """Private DNS Zone Contributor: writes records and links of a private zone."""
    READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
    """Key Vault Secrets User: reads secrets of a vault whose access is by Azure's roles."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A managed identity.

    Attributes:
        id: Its resource id.
        client_id: Its id as an application.
        principal_id: Its id in role assignments.
    """

    id: pulumi.Output[str]
    client_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]


def managed_identity(
    name: str,
    resource_group: pulumi.Input[str],
    given: pulumi.Input[str] | None,
    tags: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> Identity:
    """An identity, made or the one that is given.

    Args:
        name: Name of a new one.
        resource_group: Resource group of a new one.
        given: Resource id of one that exists.
        tags: Tags of a new one.
        opts: Options of the resource, whose parent look-ups take their provider from.
    """
    if given is not None:
        steps = pulumi.Output.from_input(given).apply(lambda path: path.split("/"))
        found = managedidentity.get_user_assigned_identity_output(
            resource_group_name=steps[4], resource_name=steps[-1], opts=pulumi.InvokeOutputOptions(parent=opts.parent)
        )
        return Identity(id=found.id, client_id=found.client_id, principal_id=found.principal_id)
    made = managedidentity.UserAssignedIdentity(
        name, resource_name_=name, resource_group_name=resource_group, tags=dict(tags) or None, opts=opts
    )
    return Identity(id=made.id, client_id=made.client_id, principal_id=made.principal_id)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A role for somebody on something.

    Attributes:
        subscription: The subscription, of which the role is a definition.
        role: The role.
        principal: Who gets it.
        type: What the principal is; Azure looks a new identity up in vain for minutes unless it is told.
        scope: Resource id on which it holds.
    """

    subscription: str
    role: Role
    principal: pulumi.Input[str]
    type: PrincipalType
    scope: pulumi.Input[str]


def grant(name: str, given: Grant, opts: pulumi.ResourceOptions) -> authorization.RoleAssignment:
    """Assign a role."""
    definitions = f"/subscriptions/{given.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    return authorization.RoleAssignment(
        name,
        principal_id=given.principal,
        principal_type=given.type.value,
        role_definition_id=f"{definitions}/{given.role.value}",
        scope=given.scope,
        opts=opts,
    )
