"""A run that leaves a process behind fails, names it and ends it; processes of others are none of its business."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

_SLEEP = "import time; time.sleep(600)"
_INHERITS = f"""
import subprocess, sys

def test_starts_a_process():
    subprocess.Popen([sys.executable, "-c", {_SLEEP!r}], start_new_session=True)
"""
_CLEAN = f"""
import subprocess, sys

def test_starts_a_program_below_its_folder(tmp_path):
    program = tmp_path / "etcd"
    program.symlink_to(sys.executable)
    subprocess.Popen([program, "-I", "-c", {_SLEEP!r}], start_new_session=True, env={{}})
"""
_ENDS = f"""
import subprocess, sys

def test_ends_what_it_started():
    started = subprocess.Popen([sys.executable, "-c", {_SLEEP!r}])
    started.kill()
    started.wait()
"""


@pytest.fixture
def bystander() -> Generator[subprocess.Popen[bytes], None, None]:
    """A process that looks the same and belongs to somebody else."""
    started = subprocess.Popen([sys.executable, "-I", "-c", _SLEEP])
    yield started
    started.kill()
    started.wait()


def run(project: Path, tmp_path: Path, program: str, *flags: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "test_inner.py"
    file.write_text(program)
    command = [sys.executable, "-m", "pytest", "-p", "tests.leftovers", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [*command, f"--basetemp={tmp_path / 'inner'}", *flags, str(file)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def left_pid(output: str) -> int:
    (line,) = [line for line in output.splitlines() if line.startswith("process ")]
    return int(line.split()[1].rstrip(":"))


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-n", "1")], ids=["one process", "workers"])
@pytest.mark.parametrize("program", [_INHERITS, _CLEAN], ids=["inherited mark", "program of its folder"])
def test_a_process_that_is_left_fails_the_run_and_is_named_and_ended(
    project: Path, tmp_path: Path, program: str, flags: tuple[str, ...], bystander: subprocess.Popen[bytes]
) -> None:
    done = run(project, tmp_path, program, *flags)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "1 passed" in done.stdout
    assert "processes left behind" in done.stdout
    assert _SLEEP in done.stdout, "the command line says what it is"
    assert is_gone(left_pid(done.stdout))
    assert bystander.poll() is None, "a process of somebody else goes on"


def test_a_run_that_ends_all_it_started_passes(project: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    done = run(project, tmp_path, _ENDS)
    assert done.returncode == 0, done.stdout
    assert "left behind" not in done.stdout
    assert time.monotonic() - began < 10
