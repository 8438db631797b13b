"""The scheduler keeps within memory, and one failure stops nothing else."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.toolchain.errors import InterruptError, ToolchainError
from tools.toolchain.processes import Children
from tools.toolchain.progress import Progress
from tools.toolchain.scheduler import Capacity, Job, Scheduler


class Meter:
    """Adds up what runs at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.memory = self.jobs = self.most_memory = self.most_jobs = 0

    def work(self, memory_mb: int) -> Callable[[], None]:
        def run() -> None:
            with self._lock:
                self.memory, self.jobs = self.memory + memory_mb, self.jobs + 1
                self.most_memory, self.most_jobs = max(self.most_memory, self.memory), max(self.most_jobs, self.jobs)
            time.sleep(0.002)
            with self._lock:
                self.memory, self.jobs = self.memory - memory_mb, self.jobs - 1

        return run


def _job(name: str, memory_mb: int, work: Callable[[], None], *, is_light: bool = False) -> Job:
    return Job(name=name, done=f"built {name}", memory_mb=memory_mb, work=work, is_light=is_light)


def _scheduler(memory_mb: int, jobs: int, children: Children | None = None) -> tuple[Scheduler, io.StringIO]:
    out = io.StringIO()
    return Scheduler(Capacity(memory_mb=memory_mb, jobs=jobs), children or Children(), Progress(out)), out


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 1500), min_size=1, max_size=12), budget=st.integers(100, 3000))
def test_the_budget_is_never_exceeded_except_by_a_job_that_is_larger_alone(sizes: list[int], budget: int) -> None:
    meter = Meter()
    jobs = [_job(str(number), size, meter.work(size)) for number, size in enumerate(sizes)]
    scheduler, _ = _scheduler(budget, 4)

    assert scheduler.run(jobs) == []
    assert meter.most_memory <= max(budget, *sizes)
    assert meter.most_jobs <= 4


def test_a_job_larger_than_the_budget_runs_alone() -> None:
    meter = Meter()
    scheduler, _ = _scheduler(1000, 4)
    scheduler.run([_job("large", 5000, meter.work(5000)), *(_job(str(n), 10, meter.work(10)) for n in range(4))])
    assert meter.most_memory == 5000


def test_light_jobs_take_no_place_from_builds() -> None:
    meter = Meter()
    barrier = threading.Barrier(3, timeout=10)

    def together() -> None:
        barrier.wait()
        meter.work(1)()

    scheduler, _ = _scheduler(1000, 1)
    light = [_job(f"light {n}", 1, together, is_light=True) for n in range(2)]
    assert scheduler.run([_job("build", 100, together), *light]) == []


def test_a_failure_stops_no_other_job_and_is_reported() -> None:
    finished: list[str] = []

    def fail() -> None:
        raise ToolchainError(field="a", cause="b", consequence="c", fix="d")

    scheduler, out = _scheduler(1000, 1)
    failures = scheduler.run([_job("bad", 500, fail), _job("good", 10, lambda: finished.append("good"))])
    assert [failure.field for failure in failures] == ["a"]
    assert finished == ["good"]
    assert "failed: bad after 0 s" in out.getvalue()
    assert "built good in 0 s (1 of 2, 0:00:00)" in out.getvalue()


def test_an_interrupt_ends_the_children_and_every_worker(tmp_path: Path) -> None:
    children = Children()
    seen: list[type[BaseException]] = []

    def sleep() -> None:
        try:
            children.run(["sleep", "60"], log=tmp_path / "log")
        except InterruptError as error:
            seen.append(type(error))
            raise

    def interrupt() -> None:
        time.sleep(0.3)
        raise KeyboardInterrupt

    scheduler, _ = _scheduler(1000, 4, children)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        scheduler.run([_job("sleep", 10, sleep), _job("interrupt", 10, interrupt)])
    assert time.monotonic() - started < 10
    assert seen == [InterruptError]


def test_a_quiet_run_gives_signs_of_life() -> None:
    out, now = io.StringIO(), [0.0]
    progress = Progress(out, clock=lambda: now[0], heartbeat=30)
    for second in range(0, 95, 5):
        now[0] = float(second)
        progress.running(f"at {second}")
    assert out.getvalue().split("\n") == ["at 30", "at 60", "at 90", ""]
