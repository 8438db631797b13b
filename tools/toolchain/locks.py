"""One installer at a time for each thing that is installed.

Owns the lock files in the cache. The kernel releases a lock when its holder dies, so that a killed installer never
blocks the next one and whatever lies in its scratch folder is known to be left over.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from .processes import Children

_POLL_SECONDS = 0.2


@contextmanager
def exclusive(path: Path, children: Children, waiting: Callable[[], None]) -> Generator[None]:
    """Holds the lock at `path`; calls `waiting` once when another installer has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        told = False
        while not _try_lock(handle.fileno()):
            if not told:
                waiting()
                told = True
            children.pause(_POLL_SECONDS)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
