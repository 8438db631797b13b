"""Time to the first token."""

from __future__ import annotations

from dataclasses import dataclass

from .efficiency import TTFT
from .steady import Steady, steady
from .workload import Lengths, Workload

TTFT_FEATURES = ("own prompt", "prompts ahead", "decode steps", "wait for a place", "request handling")
"""Seconds for the first four, a count for the last."""

SPREAD = 2.0
"""The band reaches this factor to either side of its middle; docs/accuracy.md has the share of rows inside."""

_BEST_UTILIZATION = 0.65
"""Part of the peak FLOP/s that prefill reaches at best; published figures are 0.45 to 0.65."""


@dataclass(frozen=True, slots=True)
class Band:
    """A range in seconds."""

    low: float
    high: float


def ttft_features(at: Steady, batch: float, queued: float = 0.0) -> tuple[float, ...]:
    """Values of ``TTFT_FEATURES`` with ``batch`` requests running and ``queued`` more waiting for a place.

    A place frees up after a residence time divided by the number of places.
    """
    alone, step = at.prompt_step(), at.decode(batch)
    others = max(batch / at.roofline.workload.data_parallel - 1, 0.0)
    wait = queued / max(batch, 1.0) * (alone + at.lengths.output_tokens * at.tpot(batch)) if queued else 0.0
    return alone, others * alone, step, wait, 1.0


def ttft_middle(at: Steady, batch: float, queued: float = 0.0) -> float:
    """Middle of the band in seconds."""
    coefficients = TTFT[at.roofline.workload.engine]
    return sum(map(float.__mul__, coefficients, ttft_features(at, batch, queued)))


def ttft_band(workload: Workload, batch: float, lengths: Lengths) -> Band:
    """Time to first token with ``batch`` requests in the replica."""
    return band(ttft_middle(steady(workload, lengths), batch))


def band(middle: float) -> Band:
    """The range around a prediction."""
    return Band(middle / SPREAD, middle * SPREAD)


def prompt_time(at: Steady, micro_batches: int = 1) -> float:
    """Seconds of engine time that one prompt takes: at the fitted speed, but never above the best utilization seen."""
    return max(at.prompt_step(micro_batches), _floor(at))


def prompt_occupancy(at: Steady) -> float:
    """Seconds for which one prompt keeps others waiting: in a pipeline those of one stage, as the next one follows."""
    return max(at.prompt_step() / at.roofline.workload.pipeline_parallel, _floor(at))


def _floor(at: Steady) -> float:
    line, tokens = at.roofline, at.lengths.input_tokens
    return tokens * line.prompt_token(tokens) / line.workload.pipeline_parallel / _BEST_UTILIZATION


def prefill(workload: Workload, input_tokens: float, micro_batches: int = 1) -> float:
    """Seconds to compute one prompt of ``input_tokens`` alone; ``micro_batches`` chunks fill the pipeline."""
    return prompt_time(steady(workload, Lengths(input_tokens, 1)), micro_batches)


def prefill_occupancy(workload: Workload, input_tokens: float) -> float:
    """Seconds for which a prompt of ``input_tokens`` keeps others waiting in a replica that only prefills."""
    return prompt_occupancy(steady(workload, Lengths(input_tokens, 1)))
