"""Kubernetes, node images and with them the GPU driver of an EKS stack are upgraded as docs/upgrades.md says.

Simulated, with a real engine, API server and scheduler. Steps of the class build on each other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.clouds import cloud_of
from simulation.provider.faults import CallRecord, recorded_calls
from simulation.provider.store import Record, Store
from tests.e2e.pods import servers
from tests.e2e.results import counts
from tests.sandbox import Sandbox, sandbox

STACK = os.environ.get("STACK", "")
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(STACK != "aws", reason="part of `make e2e STACK=aws`: settings and calls are those of EKS"),
]
_TOO_FAR = 'kubernetes_version: "1.36"'
_WRITTEN, _OLD, _NEW = (f'kubernetes_version: "{version}"' for version in ("1.35", "1.34", "1.35"))
_POOLS = {"h100", "l40s", "cpu"}
_NODES = "{range .items[*]}{.metadata.labels.strata\\.dev/pool} {.status.nodeInfo.kubeletVersion}{'\\n'}{end}"


class Account:
    """The simulated account of a sandbox, as it changes.

    Args:
        box: Whose.
    """

    def __init__(self, box: Sandbox) -> None:
        self._store = Store(box.folder / ".strata" / "simulated" / "aws.sqlite", cloud_of("aws").seed)
        self._seen = 0

    def calls(self) -> list[CallRecord]:
        """What was called since this was asked last."""
        with self._store.transaction() as now:
            calls = recorded_calls(now)
        fresh, self._seen = calls[self._seen :], len(calls)
        return fresh

    def records(self, kind: str) -> list[Record]:
        with self._store.transaction() as now:
            return now.records(kind)


@pytest.fixture(scope="class")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("upgrade"), STACK) as made:
        # Long enough that the older version does not leave support while this test is in use.
        made.edit(_WRITTEN, f"{_OLD}\n    support: EXTENDED")
        up(made)
        yield made
        assert made.strata("down", timeout=600).returncode == 0


@pytest.fixture(scope="class")
def account(box: Sandbox) -> Account:
    made = Account(box)
    made.calls()
    return made


def up(box: Sandbox) -> str:
    done = box.strata("up", timeout=600)
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def versions(box: Sandbox) -> dict[str, set[str]]:
    """Minor versions of the nodes of each pool."""
    found: dict[str, set[str]] = {}
    for line in box.kubectl("get", "nodes", "-o", f"jsonpath={_NODES}").splitlines():
        pool, version = line.split()
        found.setdefault(pool, set()).add(version.removeprefix("v").rpartition(".")[0])
    return found


def updated(calls: list[CallRecord]) -> list[str]:
    """Types of what was updated, in order."""
    assert {call.operation for call in calls if not call.code} <= {"update"}, "nothing is made and nothing goes"
    return [call.kind for call in calls if not call.code]


class TestUpgrade:
    def test_a_skipped_minor_version_is_refused_before_anything_changes(self, box: Sandbox, account: Account) -> None:
        box.edit(_OLD, _TOO_FAR)
        done = box.strata("up", timeout=600)
        said = done.stdout + done.stderr
        assert done.returncode != 0
        assert "Unsupported Kubernetes minor version update from 1.34 to 1.36" in said
        assert "Traceback" not in said
        assert updated(account.calls()) == []
        assert versions(box) == {pool: {"1.34"} for pool in _POOLS}
        box.edit(_TOO_FAR, _OLD)

    def test_a_preview_of_one_minor_version_replaces_nothing(self, box: Sandbox) -> None:
        box.edit(_OLD, _NEW)
        done = box.strata("preview", "--report", "preview.md", timeout=600)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        report = (box.folder / "preview.md").read_text()
        assert "| `kubernetes_version` |" in report or "`1.34` | `1.35`" in report, report[:3000]
        assert "#### Replaced or deleted" not in report

    def test_the_control_plane_goes_first_and_the_nodes_of_every_pool_follow(
        self, box: Sandbox, account: Account
    ) -> None:
        done = counts(up(box))
        assert done.keys() <= {"updated", "unchanged"}, done
        order = updated(account.calls())
        assert order[0] == v.CLUSTER
        assert order.count(v.NODE_GROUP) == len(_POOLS)
        assert versions(box) == {pool: {"1.35"} for pool in _POOLS}

    def test_models_run_on_the_new_nodes(self, box: Sandbox) -> None:
        nodes = set(box.kubectl("get", "nodes", "-o", "name").split())
        pods = servers(box)
        assert [pod.status.phase for pod in pods] == ["Running", "Running"]
        assert {f"node/{pod.spec.node}" for pod in pods} <= nodes

    def test_another_node_release_rolls_the_nodes_and_nothing_else(self, box: Sandbox, account: Account) -> None:
        before = set(box.kubectl("get", "nodes", "-o", "name").split())
        box.edit(_NEW, f"{_NEW}\n    node_release: 1.35.0-20260520")
        assert counts(up(box)).keys() <= {"updated", "unchanged"}
        assert updated(account.calls()) == [v.NODE_GROUP] * len(_POOLS)
        assert {record.text("releaseVersion") for record in account.records(v.NODE_GROUP)} == {"1.35.0-20260520"}
        assert not before & set(box.kubectl("get", "nodes", "-o", "name").split()), "another image is another machine"
        assert [pod.status.phase for pod in servers(box)] == ["Running", "Running"]

    def test_after_all_that_an_update_changes_nothing(self, box: Sandbox) -> None:
        assert set(counts(up(box))) == {"unchanged"}
