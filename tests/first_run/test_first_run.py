"""The first run's stacks are accepted, and their page says what the program computes."""

from __future__ import annotations

import json
from functools import cache

import pytest

from stacks.layers.promises import AllocatableDevices, ReadyNodes

from .page import PAGE, rights, rights_file, written
from .stacks import STACKS, FirstRun, file_of, first_run

pytestmark = [pytest.mark.slow]
_STALE = "run python -m tests.first_run.page"


@cache
def runs() -> dict[str, FirstRun]:
    return {name: first_run(name) for name in STACKS}


def test_the_page_says_what_the_program_computes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, runs()) == page, _STALE
    assert page.count("an hour**") == 3


@pytest.mark.parametrize("name", STACKS)
def test_the_rights_are_what_the_program_registers(name: str) -> None:
    assert rights_file(name).read_text(encoding="utf-8") == rights(runs()[name]), _STALE
    assert json.loads(rights(runs()[name]))


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_is_the_smallest_with_one_gpu(name: str) -> None:
    promises = runs()[name].checked.promises
    devices = [promise for promise in promises if isinstance(promise, AllocatableDevices)]
    assert [promise.per_node for promise in devices] == [1]
    assert sum(promise.count for promise in promises if isinstance(promise, ReadyNodes)) <= 5
    assert "secrets" not in file_of(name).read_text(encoding="utf-8"), "nobody needs a token for a first run"


def test_both_doors_of_gke_are_tried() -> None:
    texts = {name: file_of(name).read_text(encoding="utf-8") for name in STACKS}
    assert "api_endpoint: dns" in texts["first-gke"]
    assert "api_endpoint: ip" in texts["first-gke-ip"]
    assert "# " in texts["first-gke"].partition("project:")[2].splitlines()[0], "what has to be changed is marked"
