"""A GPU machine type that nobody has is added by one row of the program and one of the simulated cloud, and serves.

No code knows it: not its name, which begins like no other, nor anything that follows from it. ``STACK`` chooses the
cloud.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.new_machine import CATALOG, NEW_MACHINES, POOL, NewMachine, add_row
from tests.e2e.pods import servers
from tests.sandbox import Sandbox, sandbox

STACK = os.environ.get("STACK", "aws")
pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(STACK not in NEW_MACHINES, reason=f"stack {STACK} buys no machines of a cloud by type"),
]


@pytest.fixture(scope="module")
def machine() -> NewMachine:
    return NEW_MACHINES[STACK]


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory, machine: NewMachine) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("machine"), STACK) as made:
        for old, new in machine.edits:
            made.edit(old, new)
        yield made


def test_without_a_row_nobody_knows_it(box: Sandbox, machine: NewMachine) -> None:
    done = box.strata("check")
    assert done.returncode != 0
    assert f"{machine.name!r} is not in the instance catalog" in done.stdout + done.stderr


def test_the_cloud_does_not_sell_what_only_the_program_knows(box: Sandbox, machine: NewMachine) -> None:
    add_row(box.folder / CATALOG, machine.catalog_row)
    done = box.strata("check")
    assert done.returncode == 0, done.stdout + done.stderr
    refused = box.strata("preview", timeout=600)
    assert refused.returncode != 0
    assert machine.not_sold in refused.stdout + refused.stderr


def test_with_a_row_of_the_cloud_too_it_is_planned_bought_and_serves(box: Sandbox, machine: NewMachine) -> None:
    add_row(box.folder / machine.table, machine.row)
    done = box.strata("up", timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "qwen2-7b" in done.stdout
    selector = f"node.kubernetes.io/instance-type={machine.name}"
    nodes = box.kubectl("get", "nodes", "-l", selector, "-o", "name").split()
    assert len(nodes) == 1
    pods = servers(box)
    assert [pod.status.phase for pod in pods] == ["Running", "Running"]
    assert {f"node/{pod.spec.node}" for pod in pods} == set(nodes)


def test_its_price_is_in_the_plan(box: Sandbox, machine: NewMachine) -> None:
    done = box.strata("plan")
    assert done.returncode == 0, done.stderr
    assert f"{machine.name}, pool {POOL}" in done.stdout
    assert "$10.75 per hour" in done.stdout, "two servers take two of its four GPUs"


def test_it_goes_again_with_the_stack(box: Sandbox) -> None:
    done = box.strata("down", timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
