"""Starting the processes of live nodes under names of ours.

Owns how one is started. Which there are is in ``services``; each outlives whoever started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..control_plane import processes
from .places import Places
from .programs import Programs

_PATIENCE_SECONDS = 3.0
_POLL_SECONDS = 0.005


@dataclass(frozen=True, kw_only=True)
class Service:
    """A process that has to run as long as the nodes live.

    Attributes:
        name: Its name; processes of a node begin with the node's.
        program: The program.
        arguments: Its arguments.
        enter: What enters the namespaces in which it runs; empty for the host's.
        is_python: Whether it is a module of this project.
    """

    name: str
    program: Path
    arguments: Sequence[str]
    enter: Sequence[str] = ()
    is_python: bool = False


@dataclass(frozen=True)
class Launcher:
    """Starts services."""

    places: Places
    programs: Programs

    def launch(self, service: Service) -> int:
        """Start it; its process id."""
        name = self.places.program(service.name)
        name.parent.mkdir(parents=True, exist_ok=True)
        log = self.places.log(service.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        name.unlink(missing_ok=True)
        name.symlink_to(service.program.resolve())
        with log.open("ab") as out:
            started = subprocess.Popen(
                [*service.enter, str(name), *service.arguments],
                cwd="/",
                env=self.programs.environment | (_for_python() if service.is_python else {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        _wait_for_name(started, str(name))
        return started.pid

    def in_node(self, process: int) -> list[str]:
        """What enters the namespaces of a node."""
        return ["nsenter", f"--net=/proc/{process}/ns/net", f"--mount=/proc/{process}/ns/mnt", "--wdns=/"]

    def in_switch(self, process: int) -> list[str]:
        """What enters the namespace in which the nodes' links meet."""
        return ["nsenter", f"--net=/proc/{process}/ns/net"]


def _for_python() -> dict[str, str]:
    """A Python started under another name does not find the virtual environment by itself."""
    search = [str(Path(__file__).resolve().parents[2]), *filter(None, sys.path)]
    return {"PYTHONPATH": os.pathsep.join(search)}


def _wait_for_name(started: subprocess.Popen[bytes], program: str) -> None:
    """Return when the process is listed under its name, or has ended; whoever looks meanwhile would not see it."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and started.poll() is None:
        if processes.started_as(started.pid) == program:
            return
        time.sleep(_POLL_SECONDS)
