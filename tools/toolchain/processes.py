"""Programs that the installer starts.

Owns their process groups and their end: each leads its own group, so that stopping it stops its compilers and linkers
too, and nothing that somebody else started is ever touched.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import InterruptError

_POLITE_SECONDS = 5.0
_POLL_SECONDS = 0.1


class Children:
    """The running children, and whether new ones may still start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopping = threading.Event()

    def check(self) -> None:
        """Gives up the caller's work when the user has interrupted."""
        if self._stopping.is_set():
            raise InterruptError

    def pause(self, seconds: float) -> None:
        """Sleeps, and gives up when the user interrupts meanwhile."""
        self._stopping.wait(seconds)
        self.check()

    def run(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> int:
        """Runs a program to its end, its output in `log`, and returns its exit status."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            child = self._start(argv, output.fileno(), cwd, env)
            try:
                status = child.wait()
            finally:
                with self._lock:
                    self._running.discard(child)
        self.check()
        return status

    def _start(
        self, argv: Sequence[str], output: int, cwd: Path | None, env: Mapping[str, str] | None
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            self.check()
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=None if env is None else dict(env),
                start_new_session=True,
            )
            self._running.add(child)
            return child

    def stop(self) -> None:
        """Ends every child: politely first, then for good."""
        with self._lock:
            self._stopping.set()
            children = list(self._running)
        for child in children:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + _POLITE_SECONDS
        while time.monotonic() < deadline and any(child.poll() is None for child in children):
            time.sleep(_POLL_SECONDS)
        for child in children:
            _signal_group(child, signal.SIGKILL)


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if child.poll() is not None:
        return
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def tail(log: Path, lines: int = 20) -> str:
    """The end of a log, indented for an error message."""
    try:
        text = log.read_text(errors="replace").rstrip()
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
