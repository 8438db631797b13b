"""Mistakes that people made: each is refused with its field, its line and a way out, or accepted for a reason."""

from __future__ import annotations

import copy
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue

from components.contracts.model import Contract
from stacks.yaml_file import read_yaml
from tests.fuzz.checking import Answer, answer
from tests.stack_files import put, remove

ACCEPTED = {
    "zone-region-none": "only the account knows its regions; preview asks it before anything is made",
    "zone-region-none-azure": "only the subscription knows its regions; preview asks it before anything is made",
    "zone-unused-missing": "only the account knows its zones; preview asks it before anything is made",
    "ver-new-gke": "GKE offers versions by channel and region; preview asks it before anything is made",
    "mod-gpu-near": "an alias of H100-SXM in the catalog of GPUs",
    "team-quota-number": "Kubernetes takes amounts without quotes, and every other quantity may be a number too",
    "existing-missing-file": "the kubeconfig may be written before the run; preview asks the cluster",
}
"""What is accepted, and why that is right."""


class Case(Contract):
    """A mistake.

    Attributes:
        name: Its name.
        wrong: What is wrong.
        stack: The project's stack that is changed.
        set: Places below ``config`` with their new value.
        remove: Places that are removed.
        field: Regular expression of the field to blame.
        alone: Whether nothing else may be blamed, though the one wrong setting breaks several rules.
    """

    name: str
    wrong: str
    stack: str
    set: tuple[tuple[tuple[str | int, ...], JsonValue], ...] = ()
    remove: tuple[tuple[str | int, ...], ...] = ()
    field: str
    alone: bool = False


def cases() -> list[Case]:
    found = read_yaml(Path(__file__).with_name("mistakes.yaml")).value
    assert isinstance(found, list)
    return [Case.model_validate_json(json.dumps(case)) for case in found]


@pytest.fixture(scope="module")
def folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("stacks")
    for path in project.glob("Pulumi*.yaml"):
        shutil.copy(path, made)
    return made


def written(folder: Path, case: Case) -> str:
    """The stack's file with the mistake."""
    file = copy.deepcopy(read_yaml(folder / f"Pulumi.{case.stack}.yaml").value)
    assert isinstance(file, dict)
    for place, value in case.set:
        put(file["config"], place, value)
    for place in case.remove:
        remove(file["config"], place)
    return yaml.safe_dump(file, allow_unicode=True, sort_keys=False)


def said(case: Case, folder: Path) -> Answer:
    return answer(folder, case.stack, written(folder, case))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_mistake_is_refused_with_its_field_or_accepted_for_a_reason(case: Case, folder: Path) -> None:
    found = said(case, folder)
    assert found.faults() == []
    if case.name in ACCEPTED:
        assert found.problems == (), f"refused now: take it off the list\n{found.text}"
        return
    assert found.problems, f"accepted, though it cannot work: {case.wrong}"
    fields = [problem.field for problem in found.problems]
    assert any(re.match(case.field, field) for field in fields), f"{case.field} is not blamed: {fields}"
    assert len(fields) == 1 or not case.alone, f"one mistake is said several times:\n{found.text}"


def test_every_reason_belongs_to_a_case() -> None:
    assert set(ACCEPTED) <= {case.name for case in cases()}
