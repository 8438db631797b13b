"""What the user sees while the installer works.

Owns the live line on a terminal, the plain lines elsewhere, and the elapsed times in both. It deliberately decides
nothing; it is told what happens.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

# A CI system takes a job that prints nothing for minutes for dead.
HEARTBEAT_SECONDS = 30.0
_ERASE_LINE = "\r\x1b[2K"


class Progress:
    """Prints lines that stay, and one that says what is running."""

    def __init__(
        self,
        out: TextIO = sys.stderr,
        clock: Callable[[], float] = time.monotonic,
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._out = out
        self._clock = clock
        self._heartbeat = heartbeat
        self._live = out.isatty()
        self._started = clock()
        self._last_output = self._started
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Seconds since the installer began."""
        return self._clock() - self._started

    def say(self, line: str) -> None:
        """A line that stays."""
        with self._lock:
            self._write(f"{_ERASE_LINE if self._live else ''}{line}\n")

    def running(self, line: str) -> None:
        """What is being done now: redrawn on a terminal, printed now and then elsewhere."""
        with self._lock:
            if self._live:
                width = shutil.get_terminal_size().columns - 1
                self._write(f"{_ERASE_LINE}{line[:width]}")
            elif self._clock() - self._last_output >= self._heartbeat:
                self._write(f"{line}\n")

    def clear(self) -> None:
        """Takes the live line away."""
        with self._lock:
            if self._live:
                self._write(_ERASE_LINE)

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
        self._last_output = self._clock()


def spoken(seconds: float) -> str:
    """A short time as text: `25 s`, `4 min 10 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def clock_time(seconds: float) -> str:
    """A running time as on a stopwatch: `0:01:10`."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
