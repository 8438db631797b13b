"""The role of whoever deploys names actions that exist, by Microsoft's clients and by Azure's built-in roles.

The clients have the address of each type in their templates. ``role_actions.txt`` has the actions that built-in roles
name and that are about the same things, read from iann0036/iam-dataset at 2073fa5 (2026-08-22).
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from components.clusters.aks.deployer_rights import DEPLOYER_RIGHTS
from components.clusters.deployer_rights import ACCOUNT, Declared, read_rights
from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.cloud import AZURE

_CLIENTS = ("containerservice", "network", "privatedns", "loganalytics", "storage", "storagecache")
_OPERATIONS = {"read", "write", "delete"}
# https://learn.microsoft.com/azure/role-based-access-control/permissions/networking
_FROM_THE_REFERENCE = {
    "Microsoft.Network/expressRouteCircuits/join/action",
    "Microsoft.Network/connections/sharedKey/write",
    "Microsoft.Network/connections/sharedKey/read",
}


@cache
def addressed() -> frozenset[str]:
    """Types that the clients have an address for, in small letters."""
    found: set[str] = set()
    for client in _CLIENTS:
        spec = find_spec(f"azure.mgmt.{client}")
        assert spec is not None
        assert spec.origin is not None
        for path in Path(spec.origin).parent.rglob("_operations.py"):
            for address in re.findall(r'"(/subscriptions/[^"]+)"', path.read_text(encoding="utf-8")):
                _, _, below = address.partition("/providers/")
                steps = [step for step in below.split("/") if not step.startswith("{")]
                found.add("/".join(steps).lower())
    return frozenset(found)


@cache
def named() -> re.Pattern[str]:
    """What built-in roles name, as one expression."""
    actions = (Path(__file__).parent / "role_actions.txt").read_text(encoding="utf-8").split()
    return re.compile("|".join(re.escape(action.lower()).replace(r"\*", ".*") for action in actions))


def exists(action: str) -> bool:
    """Whether somebody else knows the action."""
    kind, _, operation = action.rpartition("/")
    in_client = operation in _OPERATIONS and kind.lower() in addressed()
    return in_client or named().fullmatch(action.lower()) is not None


def test_every_type_that_a_stack_may_declare_has_its_rights() -> None:
    assert read_rights(DEPLOYER_RIGHTS.table).keys() == {ACCOUNT, *AZURE.kinds} - {v.RESERVATION_GROUP}


def test_every_right_is_an_action_of_azure() -> None:
    rights = {right for found in read_rights(DEPLOYER_RIGHTS.table).values() for right in found}
    assert len(rights) > 90
    assert [right for right in sorted(rights - _FROM_THE_REFERENCE) if not exists(right)] == []
    assert not exists("Microsoft.Network/natGatewais/write")


@pytest.mark.parametrize("token", [token for token in AZURE.kinds if token != v.RESERVATION_GROUP])
def test_a_type_may_be_read_written_and_deleted(token: str) -> None:
    rights = read_rights(DEPLOYER_RIGHTS.table)[token]
    kinds = {right.rpartition("/")[0] for right in rights if right.endswith("/write") and "sharedKey" not in right}
    assert len(kinds) == 1
    assert {f"{kind}/{operation}" for kind in kinds for operation in _OPERATIONS} <= rights


def test_every_row_names_its_page() -> None:
    page = "https://learn.microsoft.com/azure/role-based-access-control/permissions/"
    with DEPLOYER_RIGHTS.table.open(encoding="utf-8", newline="") as file:
        assert all(row["source"].startswith(page) for row in csv.DictReader(file))


def test_the_role_is_what_az_takes() -> None:
    wanted = DEPLOYER_RIGHTS.wanted("azure", [Declared(v.CLUSTER, {}), Declared(v.ROLE_ASSIGNMENT, {})])
    assert wanted is not None
    role = DEPLOYER_RIGHTS.document(wanted)
    assert role.keys() == {"Name", "IsCustom", "Description", "Actions", "NotActions", "AssignableScopes"}
    actions = role["Actions"]
    assert isinstance(actions, list)
    assert {"Microsoft.ContainerService/managedClusters/write", "Microsoft.Authorization/roleAssignments/write"} <= {
        *map(str, actions)
    }
    assert not any("*" in str(action) for action in actions)
