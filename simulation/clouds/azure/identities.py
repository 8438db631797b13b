"""Managed identities and role assignments."""

from __future__ import annotations

import uuid

from ...provider.errors import CloudError
from ...provider.rules import OneOf, Pattern
from ...provider.tables import Call, Kind, Prop
from ...provider.values import Object, text
from . import vocabulary as v

_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
ROLES = {
    "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b": "Azure Kubernetes Service RBAC Cluster Admin",
    "4abbcc35-e782-43d8-92c5-2d3f1bd2253f": "Azure Kubernetes Service Cluster User Role",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "f1a07417-d97a-45cb-824c-7a7467783830": "Managed Identity Operator",
    "4d97b98b-1d4f-4787-a291-c67834d212e7": "Network Contributor",
    "b12aa53e-6015-4669-85d0-8515ebb3ae7f": "Private DNS Zone Contributor",
    "befefa01-2a29-4197-83a8-272ff33ce314": "DNS Zone Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
}
"""Built-in roles that are known here, by their ids.

Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles.
"""


def _ids(call: Call, _inputs: Object) -> Object:
    space = uuid.UUID(v.TENANT)
    return {
        "clientId": str(uuid.uuid5(space, f"client {call.identifier}")),
        "principalId": str(uuid.uuid5(space, f"principal {call.identifier}")),
        "tenantId": v.TENANT,
    }


IDENTITY = Kind(
    token=v.IDENTITY,
    source=f"{v.SPECS}/msi/resource-manager/Microsoft.ManagedIdentity; {v.RESOURCE_NAMES}",
    service="Microsoft.ManagedIdentity",
    noun="user-assigned identity",
    operation="UserAssignedIdentities",
    make_id=v.ResourceIds(_IDENTITIES, "resourceName"),
    autoname="resourceName",
    properties={
        "resourceName": Prop(allowed=Pattern(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}"), fixed=True),
        "resourceGroupName": v.in_group(),
        **v.PLACED,
    },
    compute=v.described(_IDENTITIES, _ids),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)


def _issued_once(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations: 20 for an identity."""
    others = call.account.where(v.FEDERATION, "resourceName", text(inputs, "resourceName"))
    if any(all(other.text(path) == text(inputs, path) for path in ("issuer", "subject")) for other in others):
        raise CloudError("BadRequest", "Issuer and subject combination already exists for this Managed Identity.")
    if len(others) >= 20:  # noqa: PLR2004 - as above
        raise CloudError("BadRequest", "Too many Federated Identity Credentials on this Managed Identity.")


FEDERATION = Kind(
    token=v.FEDERATION,
    source=f"{v.SPECS}/msi/resource-manager/Microsoft.ManagedIdentity; {v.LEARN}/aks/workload-identity-deploy-cluster",
    service="Microsoft.ManagedIdentity",
    noun="federated identity credential",
    operation="FederatedIdentityCredentials",
    make_id=v.ResourceIds(
        f"{_IDENTITIES}/federatedIdentityCredentials", "resourceName", "federatedIdentityCredentialResourceName"
    ),
    properties={
        "federatedIdentityCredentialResourceName": v.named(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}", longest=120),
        "resourceGroupName": v.in_group(),
        "resourceName": v.by_name(v.IDENTITY, "userAssignedIdentities"),
        "issuer": Prop(allowed=Pattern(r"https://\S+")),
        "subject": Prop(),
        "audiences": Prop(length=(1, 1)),
    },
    on_create=(_issued_once,),
    compute=v.described(f"{_IDENTITIES}/federatedIdentityCredentials"),
    exists=("ResourceExists", "cannot create already existing resource '{id}'"),
)


def _assignment_id(_call: Call, inputs: Object) -> str:
    scope = text(inputs, "scope")
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid5(uuid.UUID(v.TENANT), str(inputs))}"


def _known(call: Call, inputs: Object) -> None:
    """https://learn.microsoft.com/azure/role-based-access-control/troubleshooting."""
    role = text(inputs, "roleDefinitionId").rpartition("/")[2]
    if role not in ROLES:
        raise CloudError(
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{role.replace('-', '')}' does not exist.",
        )
    scope = text(inputs, "scope")
    exists = call.account.find([record.kind for record in call.account.records()], "id", scope) is not None
    if not exists and scope.count("/") > 4:  # noqa: PLR2004 - subscriptions and groups have fewer
        raise CloudError("ResourceNotFound", f"The Resource '{scope.partition('/providers/')[2]}' was not found.")
    principal = text(inputs, "principalId")
    of_identity = call.account.find(v.IDENTITY, "principalId", principal) is not None
    if not of_identity and principal not in (call.account.fact("principals") or "").split():
        raise CloudError(
            "PrincipalNotFound",
            f"Principal {principal.replace('-', '')} does not exist in the directory {v.TENANT}. Check that you "
            "have the "
            "correct principal ID. If you are creating this principal and then immediately assigning a role, this "
            "error "
            "might be related to a replication delay. In this case, set the role assignment principalType "
            "property to a "
            "value, such as ServicePrincipal, User, or Group.",
        )
    if of_identity and text(inputs, "principalType") not in {"", "ServicePrincipal"}:
        raise CloudError(
            "UnmatchedPrincipalType",
            f"The PrincipalId '{principal.replace('-', '')}' has type 'ServicePrincipal', which is different from "
            f"specified PrinciaplType '{text(inputs, 'principalType')}'.",
        )


def _once(call: Call, inputs: Object) -> None:
    for other in call.account.where(v.ROLE_ASSIGNMENT, "scope", text(inputs, "scope")):
        if all(other.text(path) == text(inputs, path) for path in ("principalId", "roleDefinitionId")):
            raise CloudError("RoleAssignmentExists", "The role assignment already exists.")


ROLE_ASSIGNMENT = Kind(
    token=v.ROLE_ASSIGNMENT,
    source=f"{v.SPECS}/authorization/resource-manager/Microsoft.Authorization; "
    f"{v.LEARN}/role-based-access-control/troubleshooting",
    service="Microsoft.Authorization",
    noun="role assignment",
    operation="RoleAssignments",
    make_id=_assignment_id,
    properties={
        "principalId": Prop(allowed=Pattern(v.UUID), fixed=True),
        "principalType": Prop(allowed=OneOf("User", "Group", "ServicePrincipal", "ForeignGroup", "Device"), fixed=True),
        "roleDefinitionId": Prop(
            allowed=Pattern(rf"/subscriptions/{v.UUID}/providers/Microsoft\.Authorization/roleDefinitions/{v.UUID}"),
            fixed=True,
        ),
        "scope": Prop(allowed=Pattern(r"/subscriptions/.+"), fixed=True),
    },
    on_create=(_known, _once),
    compute=v.described("Microsoft.Authorization/roleAssignments"),
)

KINDS = (IDENTITY, FEDERATION, ROLE_ASSIGNMENT)
"""Every type of this file."""


def role_on(call: Call, principal: str, role: str, *scopes: str) -> bool:
    """Whether somebody holds a role, or a greater one, on one of these scopes or above it."""
    enough = {role, "Owner", "Contributor"}
    return any(
        ROLES.get(assignment.text("roleDefinitionId").rpartition("/")[2]) in enough
        and any(scope.startswith(assignment.text("scope")) for scope in scopes)
        for assignment in call.account.where(v.ROLE_ASSIGNMENT, "principalId", principal)
    )
