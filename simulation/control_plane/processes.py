"""Processes of this machine, found by the program they were started as.

Owns looking and ending. Recorded process ids are never believed, as the system gives them out
again: a process is ours when it was started under a path inside the control plane's folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_PROC = Path("/proc")
_POLL_SECONDS = 0.02


def running(programs: Iterable[Path]) -> dict[Path, list[int]]:
    """Ids of the live processes that were started as each of the programs."""
    found: dict[Path, list[int]] = {program: [] for program in programs}
    by_text = {str(program): program for program in found}
    for pid, arguments in _arguments():
        program = by_text.get(arguments[0]) if arguments else None
        if program is not None:
            found[program].append(pid)
    return found


def started_below(folder: Path) -> dict[int, Path]:
    """Programs of the live processes that were started below a folder, whether it exists still or not, by their ids."""
    programs = {pid: Path(arguments[0]) for pid, arguments in _arguments() if arguments}
    return {pid: program for pid, program in programs.items() if program.is_relative_to(folder)}


def end(pids: Iterable[int], *, still_ours: Callable[[int], bool], patience: float) -> None:
    """Ask the processes to stop, and kill those that have not after ``patience`` seconds."""
    waiting = [pid for pid in pids if still_ours(pid)]
    for pid in waiting:
        _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while waiting and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        waiting = [pid for pid in waiting if still_ours(pid)]
    for pid in waiting:
        _signal(pid, signal.SIGKILL)
    while any(still_ours(pid) for pid in waiting):
        time.sleep(_POLL_SECONDS)


def started_as(pid: int) -> str | None:
    """The program that a process was started as; None when it has ended."""
    if _PROC.is_dir():
        arguments = _proc_arguments(pid)
        return arguments[0] if arguments else None
    for other, arguments in _arguments():
        if other == pid:
            return arguments[0]
    return None


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _arguments() -> Iterable[tuple[int, list[str]]]:
    if _PROC.is_dir():
        pids = [int(entry) for entry in os.listdir(_PROC) if entry.isdigit()]  # noqa: PTH208 - called in loops
        return ((pid, _proc_arguments(pid)) for pid in pids)
    return _ps_arguments()


def _proc_arguments(pid: int) -> list[str]:
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    # A process that ended and was not collected yet has no arguments.
    return raw.decode(errors="replace").rstrip("\0").split("\0") if raw else []


def _ps_arguments() -> list[tuple[int, list[str]]]:
    listing = subprocess.run(
        ["ps", "-axww", "-o", "pid=,stat=,args="], check=True, capture_output=True, text=True
    ).stdout
    rows: list[tuple[int, list[str]]] = []
    for line in listing.splitlines():
        pid, state, arguments = (*line.split(None, 2), "", "")[:3]
        if pid.isdigit() and not state.startswith("Z"):
            # ps joins arguments with spaces; all of ours begin with two dashes, so that splits them again.
            program, *rest = arguments.split(" --")
            rows.append((int(pid), [program, *(f"--{argument}" for argument in rest)]))
    return rows
