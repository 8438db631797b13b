"""Prefill and decode in different pods that transfer the cache over the fabric.

Both roles use the same layout, which satisfies the connectors' rule that decode ranks be a multiple of
prefill ranks. Prefill replicas are kept below 75 % of their time; decode steps carry no prompts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...contracts.serving import Targets
from ..speed import Lengths, Workload, decode_step, kv_transfer, prefill, ttft_band
from ..speed.prefill import prefill_occupancy
from ..speed.queueing import MAX_UTILIZATION, prefill_wait

TRANSFER_SHARE = 0.2
"""Largest part of the TTFT target that the transfer of the cache may take; beyond it aggregated serving is better."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """Replicas of each role and what they achieve; seconds."""

    prefill: int
    decode: int
    batch: float
    """Requests running in each decode replica."""
    tpot: float
    ttft_low: float
    ttft_high: float
    transfer: float
    because: str
    missed: str
    missed_because: str


def split(
    work: Workload, limit: int, rate: float | None, lengths: Lengths, targets: Targets, bandwidth: float
) -> Split:
    """Size both roles.

    Args:
        work: One replica of either role.
        limit: Requests that memory lets a decode replica run at once.
        rate: Requests per second; None for one replica of each role.
        lengths: Mean lengths, tokens.
        targets: Latency to keep.
        bandwidth: Fabric of one replica, all cards together, bytes per second.
    """
    alone = prefill(work, lengths.input_tokens)
    transfer = kv_transfer(work.model, lengths.input_tokens, bandwidth)
    batch = _batch(work, limit, lengths, targets.tpot)
    step = _step(work, max(1, batch), lengths)
    occupied = prefill_occupancy(work, lengths.input_tokens)
    prefills = max(1, math.ceil(rate * occupied / MAX_UTILIZATION)) if rate else 1
    per_decode = MAX_UTILIZATION * max(1, batch) / (lengths.output_tokens * step)
    decodes = max(1, math.ceil(rate / per_decode)) if rate else 1
    running = min(batch, rate / decodes * lengths.output_tokens * step) if rate else float(batch)
    wait = prefill_wait(rate / prefills, occupied) if rate else 0.0
    first = ttft_band(work, 1, lengths)
    missed, why = _missed(batch, step, first.high + wait + transfer, transfer, targets)
    return Split(
        prefill=prefills,
        decode=decodes,
        batch=running,
        tpot=_step(work, max(1.0, running), lengths),
        ttft_low=first.low + wait + transfer,
        ttft_high=first.high + wait + transfer,
        transfer=transfer,
        because=f"a prompt takes {alone * 1e3:.0f} ms of prefill and {transfer * 1e3:.1f} ms of cache transfer; "
        f"a decode replica finishes {per_decode:.2f} requests/s at 75 % of {batch} running",
        missed=missed,
        missed_because=why,
    )


def _step(work: Workload, batch: float, lengths: Lengths) -> float:
    step = decode_step(work, batch, lengths.input_tokens + lengths.output_tokens / 2)
    return step / work.drafting.tokens_per_step


def _batch(work: Workload, limit: int, lengths: Lengths, tpot: float | None) -> int:
    """Largest batch whose step keeps the target; 0 when not even one request does."""
    if tpot is None:
        return limit
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _step(work, middle, lengths) <= tpot else (low, middle - 1)
    return low


def _missed(batch: int, step: float, first: float, transfer: float, targets: Targets) -> tuple[str, str]:
    if batch == 0:
        return "targets.tpot", f"a token takes {step * 1e3:.1f} ms even for a single request, above {targets.tpot}"
    if targets.ttft is None:
        return "", ""
    if transfer > TRANSFER_SHARE * targets.ttft:
        return (
            "topology",
            f"transferring the cache takes {transfer * 1e3:.0f} ms, more than a fifth of {targets.ttft} to first token",
        )
    if first > targets.ttft:
        return "targets.ttft", f"the first token takes up to {first:.3g} s, above {targets.ttft}"
    return "", ""
