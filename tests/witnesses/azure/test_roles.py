"""Roles that are assigned are Azure's built-in roles of that name, by the list that Azure itself gives out.

``built_in_roles.txt`` has ids and names of all built-in roles about Kubernetes, DNS, networks, vaults and managed
identities, and of the general ones, read from ``azure/built-in-roles-raw.json`` of iann0036/iam-dataset at 2073fa5
(2026-08-22), which collects what Azure answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from components.clusters.aks.roles import Role
from simulation.clouds.azure.identities import ROLES

NAMES: Mapping[Role, str] = {
    Role.CLUSTER_ADMIN: "Azure Kubernetes Service RBAC Cluster Admin",
    Role.CLUSTER_USER: "Azure Kubernetes Service Cluster User Role",
    Role.CONTRIBUTOR: "Contributor",
    Role.DNS_ZONE_CONTRIBUTOR: "DNS Zone Contributor",
    Role.IDENTITY_OPERATOR: "Managed Identity Operator",
    Role.NETWORK_CONTRIBUTOR: "Network Contributor",
    Role.PRIVATE_ZONE_CONTRIBUTOR: "Private DNS Zone Contributor",
    Role.READER: "Reader",
    Role.SECRETS_USER: "Key Vault Secrets User",
}
"""What each role that the program assigns is meant to be."""


def published() -> dict[str, str]:
    """Names of built-in roles by their ids."""
    lines = (Path(__file__).parent / "built_in_roles.txt").read_text(encoding="utf-8").splitlines()
    return {identifier: name for identifier, _, name in (line.partition(" ") for line in lines)}


def faults(named: Mapping[str, str]) -> list[str]:
    """Ids under which Azure has another role, or none."""
    known = published()
    return [f"{name}: {known.get(role, 'no role')}" for role, name in named.items() if known.get(role) != name]


def test_every_role_that_is_assigned_is_the_one_that_is_meant() -> None:
    assert NAMES.keys() == set(Role)
    assert faults({role.value: name for role, name in NAMES.items()}) == []


def test_the_roles_of_the_simulation_are_azures() -> None:
    assert faults(ROLES) == []
    assert set(Role) <= ROLES.keys(), "an assignment would be refused"


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        ({Role.READER.value: "Contributor"}, "Contributor: Reader"),
        ({"b1ff04bb-8a4e-4dc4-8eb5-8693973ce19c": NAMES[Role.CLUSTER_ADMIN]}, f"{NAMES[Role.CLUSTER_ADMIN]}: no role"),
    ],
)
def test_a_planted_wrong_id_is_found(planted: Mapping[str, str], complaint: str) -> None:
    assert faults(planted) == [complaint]
