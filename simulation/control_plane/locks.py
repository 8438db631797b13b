"""One changer at a time: start, stop, reset and delete of a control plane exclude each other."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Generator
from pathlib import Path

from components.contracts.errors import StrataError

_POLL_SECONDS = 0.1


@contextlib.contextmanager
def exclusive(path: Path, *, patience: float, tell: Callable[[str], None]) -> Generator[None]:
    """Hold the lock file; the system frees it when this process ends, however it ends.

    Raises:
        StrataError: when another process holds it for longer than ``patience`` seconds.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, path, patience, tell)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, patience: float, tell: Callable[[str], None]) -> None:
    deadline = time.monotonic() + patience
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace") or "unknown"
            if time.monotonic() > deadline:
                raise StrataError.of(
                    "control plane",
                    cause=f"process {holder} has been changing it for more than {patience:.0f} s ({path})",
                    consequence="two changes at once could damage it, so this one did not begin",
                    fix=f"wait for process {holder}, or end it and try again",
                ) from None
            if not told:
                tell(f"waiting for process {holder}, which is changing this control plane")
                told = True
            time.sleep(_POLL_SECONDS)
        else:
            return
