"""Running a program whose output is shown live and whose last output is kept.

On a terminal the program gets a pseudo-terminal, because the engine prints differently into a pipe.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TAIL_BYTES = 65_536


@dataclass(frozen=True)
class Finished:
    """How a program ended.

    Attributes:
        code: Exit status.
        tail: The end of what it printed.
    """

    code: int
    tail: str


def run_live(command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Finished:
    """Run the program and show its output live."""
    reader, writer = pty.openpty() if sys.stdout.isatty() else os.pipe()
    sys.stdout.flush()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer
    )
    os.close(writer)
    tail = b""
    try:
        while chunk := _read(reader):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            tail = (tail + chunk)[-_TAIL_BYTES:]
    finally:
        os.close(reader)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # The program got the same signal and ends its work before it exits.
            code = process.wait()
    return Finished(code, tail.decode(errors="replace"))


def _read(reader: int) -> bytes:
    try:
        return os.read(reader, 8192)
    except OSError:
        # Linux reports the end of a pseudo-terminal as an error.
        return b""
