"""Time to the first token."""

from __future__ import annotations

from dataclasses import dataclass

from .collectives import pipeline_bubble
from .efficiency import PREFILL
from .step import decode_step, roofline, time_per_output_token
from .workload import Lengths, Workload


@dataclass(frozen=True, slots=True)
class Band:
    """A range in seconds."""

    low: float
    high: float


_SPREAD = 2.0
"""The band reaches this factor to either side of its middle."""


def prefill(workload: Workload, input_tokens: float, micro_batches: int = 1) -> float:
    """Seconds to compute one prompt of ``input_tokens`` alone; ``micro_batches`` chunks fill the pipeline."""
    features = roofline(workload).features(1, input_tokens, input_tokens * workload.data_parallel)
    busy = PREFILL * features[3] / (1 - pipeline_bubble(workload.pipeline_parallel, micro_batches))
    return busy + decode_step(workload, 1, 1)


def ttft_band(workload: Workload, batch: float, lengths: Lengths) -> Band:
    """Time to first token with ``batch`` requests in the replica; the measured rows stay inside 80 % of the time."""
    alone = prefill(workload, lengths.input_tokens)
    waiting = 0.13 * batch / workload.data_parallel * alone
    middle = alone + waiting + time_per_output_token(workload, batch, lengths)
    return Band(middle / _SPREAD, middle * _SPREAD)
