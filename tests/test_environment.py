"""A variable that a file's tests leave behind fails the next file's first test, which names file and variable."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_FIXTURE = """
import os, pytest

@pytest.fixture(scope="session")
def definitions():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEFINITIONS", "theirs")
        {body}

def test_first(definitions):
    pass
"""
_STAYS = _FIXTURE.format(body="yield")
_GOES = _FIXTURE.format(body="pass")
_NEXT = """
def test_next():
    pass

def test_another():
    pass
"""


def run(project: Path, folder: Path, first: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_a.py").write_text(first)
    (folder / "test_b.py").write_text(_NEXT)
    command = [sys.executable, "-m", "pytest", "-p", "tests.environment", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [*command, str(folder / "test_a.py"), str(folder / "test_b.py")],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_a_variable_that_stays_fails_the_first_test_of_the_next_file_alone(project: Path, tmp_path: Path) -> None:
    done = run(project, tmp_path, _STAYS)
    assert done.returncode == 1
    assert "test_a.py left other values of DEFINITIONS" in done.stdout
    assert "2 passed, 1 error" in done.stdout


def test_a_variable_that_goes_fails_nothing(project: Path, tmp_path: Path) -> None:
    done = run(project, tmp_path, _GOES)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
