"""Time and memory of a command with all its processes, and the CPU that running processes use."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_GIB = 2**30
_SAMPLING = 0.2
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Measured:
    """What a command took.

    Attributes:
        seconds: From start to end.
        memory: Most memory of all its processes together at one time, GiB of resident pages.
    """

    seconds: float
    memory: float


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run a command to its end.

    Raises:
        RuntimeError: when it fails, with the end of what it said.
    """
    begin = time.monotonic()
    # A file, because a cluster that the command starts keeps a pipe open for as long as it runs.
    with (
        tempfile.TemporaryFile(mode="w+") as said,
        subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        ) as process,
    ):
        most = _MostMemory(process.pid)
        most.start()
        code = process.wait()
        seconds = time.monotonic() - begin
        most.stop()
        if code:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {said.read()[-3000:]}")
    return Measured(seconds, most.found / _GIB)


def cores_in_use(pids: Sequence[int], seconds: float) -> float:
    """Cores that these processes use on average over that time."""
    before = sum(map(_cpu_seconds, pids))
    time.sleep(seconds)
    return (sum(map(_cpu_seconds, pids)) - before) / seconds


def memory_of(pids: Iterable[int]) -> float:
    """Resident memory of these processes, GiB."""
    return sum(map(_resident, pids)) / _GIB


class _MostMemory(threading.Thread):
    """Looks at the memory of a process and its descendants until it is stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._stopped = threading.Event()
        self.found = 0

    def run(self) -> None:
        while not self._stopped.wait(_SAMPLING):
            self.found = max(self.found, sum(map(_resident, _tree(self._pid))))

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def _tree(root: int) -> list[int]:
    """A process and its descendants; children of Go programs may belong to any of their threads."""
    found = [root]
    for pid in found:
        for children in Path("/proc", str(pid), "task").glob("*/children"):
            found += [int(child) for child in _read(children).split()]
    return found


def _resident(pid: int) -> int:
    fields = _read(Path("/proc", str(pid), "statm")).split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def _cpu_seconds(pid: int) -> float:
    fields = _read(Path("/proc", str(pid), "stat")).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _read(path: Path) -> str:
    """A file of /proc; empty when its process has ended meanwhile."""
    try:
        return path.read_text()
    except OSError:
        return ""
