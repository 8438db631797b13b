"""The role of whoever deploys has permissions that exist, and all that Google's own methods ask for.

Two lists judge it, both read from iann0036/iam-dataset at 2073fa5 (2026-08-22), which collects them from Google:
``permissions.txt`` has every permission of these resources that a predefined role holds, ``method_permissions.csv``
what each method of Google's APIs asks for by its reference.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.clusters.deployer_rights import ACCOUNT, Declared, read_rights
from components.clusters.gke.deployer_rights import DEPLOYER_RIGHTS
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.cloud import GCP

_HERE = Path(__file__).parent
_SEEDED = {v.INTERCONNECT, v.RESERVATION, v.CRYPTO_KEY, v.HUB, v.BUCKET}
"""What the project holds before any program."""


def asked() -> Iterator[tuple[str, str, str]]:
    with (_HERE / "method_permissions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["used_by"], row["method"], row["permission"]


def test_every_type_that_a_stack_may_declare_has_its_rights() -> None:
    assert read_rights(DEPLOYER_RIGHTS.table).keys() == {ACCOUNT, *GCP.kinds} - _SEEDED


def test_every_right_is_a_permission_of_google_s() -> None:
    known = set((_HERE / "permissions.txt").read_text(encoding="utf-8").split())
    rights = {right for found in read_rights(DEPLOYER_RIGHTS.table).values() for right in found}
    assert len(rights) > 80
    assert rights - known == set()
    assert "compute.networks.write" not in known


def test_what_a_method_asks_for_is_among_the_rights_of_its_type() -> None:
    rights, rows = read_rights(DEPLOYER_RIGHTS.table), list(asked())
    assert len(rows) > 80
    assert [row for row in rows if row[2] not in rights[row[0]]] == []


def test_every_row_names_its_page() -> None:
    with DEPLOYER_RIGHTS.table.open(encoding="utf-8", newline="") as file:
        assert all(row["source"].startswith("https://docs.cloud.google.com/") for row in csv.DictReader(file))


def test_the_role_is_what_gcloud_takes() -> None:
    grant = "gcp:projects/iAMMember:IAMMember"
    wanted = DEPLOYER_RIGHTS.wanted("gcp", [Declared(v.CLUSTER, {}), Declared(grant, {"role": "roles/viewer"})])
    assert wanted is not None
    role = DEPLOYER_RIGHTS.document(wanted)
    assert role.keys() == {"title", "description", "stage", "includedPermissions"}
    assert "grants roles/viewer" in str(role["description"])
    assert "container.clusters.connect" in str(role["includedPermissions"]), "a cluster is reached by name with it"
    assert "lustre" not in str(role["includedPermissions"])


def test_a_type_without_rights_is_refused() -> None:
    with pytest.raises(LookupError, match="gcp:sql/database:Database"):
        DEPLOYER_RIGHTS.wanted("gcp", [Declared("gcp:sql/database:Database", {})])
