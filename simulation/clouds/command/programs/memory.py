"""What the system's programs of a simulated host remember, and where the host's files lie.

Stands alone, like ``host``, which imports it.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NoReturn


@dataclass
class Host:
    """What the programs of one host remember."""

    swap: bool = True
    modules: list[str] = field(default_factory=list[str])
    kernel: dict[str, str] = field(default_factory=dict[str, str])
    packages: dict[str, str] = field(default_factory=dict[str, str])
    held: list[str] = field(default_factory=list[str])
    running: list[str] = field(default_factory=list[str])
    repository: str = ""
    """Minor version of Kubernetes whose packages the last ``apt-get update`` found."""


def root(path: str) -> Path:
    """A path of the host as one of this machine."""
    return Path(os.environ["STRATA_SIMULATED_ROOT"] + path)


def fail(message: str, status: int = 1) -> NoReturn:
    """End as a program does that has failed."""
    sys.stderr.write(f"{message}\n")
    sys.exit(status)


@contextmanager
def remembered() -> Generator[Host]:
    """The host's memory, written back afterwards; one program at a time."""
    file = Path(os.environ["STRATA_SIMULATED_ROOT"]).parent / "host.json"
    with file.open("a+", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.seek(0)
        text = held.read()
        host = Host(**json.loads(text)) if text else Host()
        yield host
        held.seek(0)
        held.truncate()
        held.write(json.dumps(asdict(host)))
