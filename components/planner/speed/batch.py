"""The largest batch that keeps the latency targets."""

from __future__ import annotations

from collections.abc import Callable

from ...contracts.serving import Targets
from .prefill import ttft_band
from .step import time_per_output_token
from .workload import Lengths, Workload


def largest(limit: int, holds: Callable[[int], bool]) -> int:
    """Largest integer from 1 to ``limit`` for which ``holds``, 0 when none; what holds must hold for all smaller."""
    if limit < 1 or not holds(1):
        return 0
    good, bad = 1, limit + 1
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good


def largest_batch(workload: Workload, limit: int, lengths: Lengths, targets: Targets) -> int:
    """Most requests that one replica can run at once under both targets.

    ``limit`` is what memory and ``max_num_seqs`` allow. TTFT is judged by the upper end of its band.
    0 when not even one request meets the targets.
    """

    def holds(batch: int) -> bool:
        if targets.tpot is not None and time_per_output_token(workload, batch, lengths) > targets.tpot:
            return False
        return targets.ttft is None or ttft_band(workload, batch, lengths).high <= targets.ttft

    return largest(limit, holds)
