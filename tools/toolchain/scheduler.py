"""Runs jobs in parallel without running out of memory.

Owns which job starts when: the largest first, and smaller ones beside it while the sum stays within the budget. It
deliberately does not know what a job does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from .errors import ToolchainError
from .processes import Children
from .progress import Progress, clock_time, spoken

_TICK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Job:
    """A piece of work, how much memory it takes, and how its success is told.

    A light one mostly waits for a network or a disk, so it takes no place from those that want cores.
    """

    name: str
    done: str
    memory_mb: int
    work: Callable[[], None]
    is_light: bool = False


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What the jobs may use together."""

    memory_mb: int
    jobs: int


@dataclass(frozen=True)
class _Running:
    job: Job
    since: float


class Scheduler:
    """Runs one batch of jobs to its end."""

    def __init__(self, capacity: Capacity, children: Children, progress: Progress) -> None:
        self._capacity = capacity
        self._children = children
        self._progress = progress
        self._running: dict[Future[None], _Running] = {}
        self._failures: list[ToolchainError] = []
        self._total = 0
        self._finished = 0

    def run(self, jobs: Sequence[Job]) -> list[ToolchainError]:
        """Runs every job; one that fails stops none of the others, because what they finish is kept."""
        pending = sorted(jobs, key=lambda job: (not job.is_light, -job.memory_mb))
        self._total = len(pending)
        with ThreadPoolExecutor(max_workers=max(1, len(pending))) as pool:
            try:
                while pending or self._running:
                    self._start_what_fits(pending, pool)
                    self._wait_a_tick(len(pending))
            except BaseException:
                self._children.stop()
                raise
        return self._failures

    def _start_what_fits(self, pending: list[Job], pool: ThreadPoolExecutor) -> None:
        for job in list(pending):
            if self._fits(job):
                pending.remove(job)
                self._running[pool.submit(job.work)] = _Running(job, time.monotonic())

    def _fits(self, job: Job) -> bool:
        """A job larger than the whole budget runs alone: swapping beats not running at all."""
        if not self._running:
            return True
        jobs = [running.job for running in self._running.values()]
        has_place = job.is_light or sum(not other.is_light for other in jobs) < self._capacity.jobs
        return has_place and sum(other.memory_mb for other in jobs) + job.memory_mb <= self._capacity.memory_mb

    def _wait_a_tick(self, pending: int) -> None:
        finished, _ = wait(self._running, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED)
        for future in finished:
            self._collect(self._running.pop(future), future)
        if self._running:
            self._progress.running(self._status(pending))
        else:
            self._progress.clear()

    def _collect(self, running: _Running, future: Future[None]) -> None:
        took = time.monotonic() - running.since
        error = future.exception()
        if isinstance(error, OSError):
            error = _unexpected(running.job, error)
        if isinstance(error, ToolchainError):
            self._failures.append(error)
            self._progress.say(f"failed: {running.job.name} after {spoken(took)}")
        elif error is not None:
            raise error
        else:
            self._finished += 1
            place = f"{self._finished} of {self._total}, {clock_time(self._progress.elapsed)}"
            self._progress.say(f"{running.job.done} in {spoken(took)} ({place})")

    def _status(self, pending: int) -> str:
        now = time.monotonic()
        names = ", ".join(f"{one.job.name} {spoken(now - one.since)}" for one in self._running.values())
        waiting = f"; {pending} waiting" if pending else ""
        return f"{self._finished} of {self._total} done, {clock_time(self._progress.elapsed)}: {names}{waiting}"


def _unexpected(job: Job, error: OSError) -> ToolchainError:
    return ToolchainError(
        field=job.name,
        cause=str(error),
        consequence="it is not installed",
        fix="remove the cause (disk full? no right to write?), then run the same command again",
    )
