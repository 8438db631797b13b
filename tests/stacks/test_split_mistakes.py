"""Stacks that name the wrong stack below: refused by their files, while nothing is up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from stacks.checks import files_only
from stacks.reading import read_stack
from tests.stack_files import replace_text

MISTAKES = {
    "itself": ("aws-platform", "foundation: aws-foundation", "foundation: aws-platform", "holds no foundation"),
    "links": ("aws-platform", "foundation: aws-foundation", "foundation: hybrid", "is of scope hybrid"),
    "a platform for its foundation": (
        "aws-serving",
        "foundation: aws-foundation",
        "foundation: aws-platform",
        "holds no foundation",
    ),
    "a stack with a platform of its own": (
        "aws-platform",
        "foundation: aws-foundation",
        "foundation: aws",
        "holds a platform of its own",
    ),
    "a foundation for its platform": (
        "aws-serving",
        "platform: aws-platform",
        "platform: aws-foundation",
        "holds no platform",
    ),
}


def problems(project: Path, folder: Path, stack: str, old: str, new: str) -> list[str]:
    for path in project.glob("Pulumi*.yaml"):
        shutil.copy(path, folder)
    replace_text(project, folder, stack, old, new)
    checked = None
    try:
        checked = read_stack(folder, stack).stack.check(files_only(folder))
    except StrataError as error:
        return [str(problem) for problem in error.problems]
    return [str(problem) for problem in checked.missing.problems] if checked.missing else []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_stack_of_the_wrong_kind_is_refused(mistake: str, project: Path, tmp_path: Path) -> None:
    stack, old, new, said = MISTAKES[mistake]
    assert any(said in problem for problem in problems(project, tmp_path, stack, old, new))


def test_a_slip_in_the_name_is_answered_with_the_name(project: Path, tmp_path: Path) -> None:
    found = problems(project, tmp_path, "aws-platform", "foundation: aws-foundation", "foundation: aws-foundatoin")
    assert "did you mean 'aws-foundation'?" in found[0]


def test_the_right_stacks_are_only_not_up(project: Path, tmp_path: Path) -> None:
    found = problems(project, tmp_path, "aws-serving", "scope: serving", "scope: serving")
    assert len(found) == 2
    assert all("is not up" in problem for problem in found)
