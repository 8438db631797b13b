"""A test run leaves no process behind: a pytest plugin that looks when the run ends.

A process belongs to the run when it inherited the run's mark from its environment, or when it was started as a program
below the run's temporary folder, as the processes of control planes are, whose environment is a clean one. Processes of
other runs, of other checkouts and of the developer have neither.
"""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from simulation.control_plane import processes

VARIABLE = "STRATA_TEST_RUNS"
"""Marks of the runs that a process belongs to; a run started by a test is part of two."""

_PROC = Path("/proc")
# Plugins look once a second whether their engine is gone.
_GRACE_SECONDS = 5.0
_PATIENCE_SECONDS = 10.0
_POLL_SECONDS = 0.1
_MARK = pytest.StashKey[str]()
_FOUND = pytest.StashKey[dict[int, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Mark everything that this run will start; workers of a distributed run inherit the mark."""
    if _is_worker(config):
        return
    mark = uuid.uuid4().hex
    config.stash[_MARK] = mark
    os.environ[VARIABLE] = ":".join(filter(None, (os.environ.get(VARIABLE, ""), mark)))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """End what is left once fixtures and workers are gone, and fail the run for it."""
    mark = session.config.stash.get(_MARK, None)
    result = yield
    if mark is None:
        return result
    folder = _temporary_folder(session.config)
    found = _left(mark, folder)
    deadline = time.monotonic() + _GRACE_SECONDS
    while found and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        found = _left(mark, folder)
    if found:
        processes.end(found, still_ours=lambda pid: pid in _left(mark, folder), patience=_PATIENCE_SECONDS)
        _report(session.config, found)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result


def _report(config: pytest.Config, found: dict[int, str]) -> None:
    lines = [f"process {pid}: {command}" for pid, command in sorted(found.items())]
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not isinstance(reporter, pytest.TerminalReporter):
        return
    reporter.ensure_newline()
    reporter.section("processes left behind by this run; they were ended", sep="=", red=True)
    for line in lines:
        reporter.write_line(line)


def _left(mark: str, folder: Path | None) -> dict[int, str]:
    """Command lines of the live processes that belong to the run, by process id."""
    own = _own_line()
    return {
        pid: " ".join(arguments)
        for pid, arguments, environment in _everyone()
        if pid not in own and (mark in environment or (folder and arguments and _is_below(arguments[0], folder)))
    }


def _is_below(program: str, folder: Path) -> bool:
    return Path(program).is_absolute() and Path(program).is_relative_to(folder)


def _everyone() -> Iterator[tuple[int, list[str], str]]:
    """Id, arguments and environment of every process that may be looked at."""
    if not _PROC.is_dir():
        # The arguments and the environment of a process, in one text.
        listing = subprocess.run(["ps", "-axwwE", "-o", "pid=,command="], check=True, capture_output=True, text=True)
        for line in listing.stdout.splitlines():
            pid, _, text = line.strip().partition(" ")
            yield int(pid), text.split(), text
        return
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                arguments = (entry / "cmdline").read_bytes().decode(errors="replace")
                environment = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            # One that ended and was not collected yet has no arguments.
            if arguments:
                yield int(entry.name), arguments.rstrip("\0").split("\0"), environment


def _own_line() -> set[int]:
    """This process and its parent, which may be a test of a run around this one."""
    return {os.getpid(), os.getppid()}


def _temporary_folder(config: pytest.Config) -> Path | None:
    """Where fixtures of this run and of its workers make their folders."""
    factory = getattr(config, "_tmp_path_factory", None)
    return factory.getbasetemp().resolve() if isinstance(factory, pytest.TempPathFactory) else None


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")
