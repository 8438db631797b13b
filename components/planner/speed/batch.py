"""The largest batch that keeps the latency targets."""

from __future__ import annotations

from collections.abc import Callable

from ...contracts.serving import Targets
from .prefill import SPREAD, ttft_middle
from .steady import Steady, steady
from .workload import Lengths, Workload


def largest(limit: int, holds: Callable[[int], bool]) -> int:
    """Largest integer from 1 to ``limit`` for which ``holds``, 0 when none; what holds must hold for all smaller."""
    if limit < 1 or not holds(1):
        return 0
    if holds(limit):
        return limit
    good, bad = 1, limit
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good


def largest_batch(workload: Workload, limit: int, lengths: Lengths, targets: Targets) -> int:
    """Most requests that one replica can run at once under both targets.

    ``limit`` is what memory and ``max_num_seqs`` allow. TTFT is judged by the upper end of its band.
    0 when not even one request meets the targets.
    """
    return largest_steady(steady(workload, lengths), limit, targets)


def largest_steady(at: Steady, limit: int, targets: Targets) -> int:
    """The same for a load that is already worked out."""
    tpot, ttft = targets.tpot, targets.ttft

    def holds(batch: int) -> bool:
        if tpot is not None and at.tpot(batch) > tpot:
            return False
        return ttft is None or SPREAD * ttft_middle(at, batch) <= ttft

    return largest(limit, holds)
