"""The rights of whoever deploys, as a custom role of the subscription.

A type needs to read, write and delete itself, and to join what it is attached to. The table has the page of Microsoft's
reference beside each row; published clients and built-in roles judge it in the tests.
"""

from __future__ import annotations

from pathlib import Path

from ..deployer_rights import DeployerRights, Json, Wanted

_SUBSCRIPTION = "<subscription>"


def _role(wanted: Wanted) -> dict[str, Json]:
    """A role as `az role definition create --role-definition` takes it."""
    return {
        "Name": f"Strata deployer of {wanted.stack}",
        "IsCustom": True,
        "Description": f"Brings the stack {wanted.stack} up and down",
        "Actions": [*wanted.rights],
        "NotActions": [],
        "AssignableScopes": [f"/subscriptions/{_SUBSCRIPTION}"],
    }


DEPLOYER_RIGHTS = DeployerRights(
    package="azure-native",
    table=Path(__file__).with_name("deployer_rights.csv"),
    document=_role,
    advice=(
        "az role definition create --role-definition @role.json",
        f"az role assignment create --assignee <deployer> --role '<its Name>' --scope /subscriptions/{_SUBSCRIPTION}",
    ),
)
