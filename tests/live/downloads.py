"""Hurting the checkpoints of live nodes: a download is cut by a kill of its program, a file of weights is cut short."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from simulation.live import namespaces
from simulation.live.places import Places

_PROGRAM = b"/opt/strata/fetch_program.py"
_POLL_SECONDS = 0.02


@dataclass
class Cut:
    """What was cut.

    Attributes:
        there: Bytes of weights that were there when the program was killed; 0 until then.
    """

    there: int = 0


@contextmanager
def cut_once(places: Places, size: int) -> Generator[Cut]:
    """Kill the program that downloads once, when more than so many bytes are there, while the block runs."""
    cut, ended = Cut(), threading.Event()
    thread = threading.Thread(target=_watch, args=(places, size, cut, ended))
    thread.start()
    try:
        yield cut
    finally:
        ended.set()
        thread.join()


def _watch(places: Places, size: int, cut: Cut, ended: threading.Event) -> None:
    while not cut.there and not ended.wait(_POLL_SECONDS):
        for process in _downloading(places):
            there = _under_way(Path(f"/proc/{process}/root/models"))
            if there > size:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
                    cut.there = there


def _downloading(places: Places) -> Iterator[int]:
    """Processes of the catalog's program in pods of these live nodes."""
    for folder in namespaces.cgroups(places):
        for file in folder.rglob("cgroup.procs"):
            with suppress(OSError):
                for process in file.read_text().split():
                    if _PROGRAM in Path(f"/proc/{process}/cmdline").read_bytes():
                        yield int(process)


def _under_way(catalog: Path) -> int:
    """Bytes of files that are not whole yet."""
    found = 0
    with suppress(OSError):
        for part in catalog.rglob("*.safetensors.part"):
            found += part.stat().st_size
    return found


@contextmanager
def damaged(file: Path) -> Generator[None]:
    """Cut a file short while the block runs."""
    whole = file.read_bytes()
    os.truncate(file, len(whole) // 2)
    try:
        yield
    finally:
        file.write_bytes(whole)
