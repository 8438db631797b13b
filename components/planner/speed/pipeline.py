"""How full the stages of a pipeline are: batches in flight, and the share of time that a stage idles (the bubble).

vLLM schedules as many batches as there are stages before it waits for one (0.33.0, ``max_concurrent_batches``), so the
pipeline is full as long as that many requests run. A stage also idles for the difference to the fullest one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .collectives import pipeline_bubble


@dataclass(frozen=True, kw_only=True, slots=True)
class Occupancy:
    """A pipeline at one load."""

    micro_batches: float
    """Batches in flight on average, at most the stages."""
    bubble: float
    """Share of time that a stage idles, on average over the stages."""


def decoding(stages: int, layers: int, running: float) -> Occupancy:
    """With ``running`` requests in the replica, each of which is in one batch at a time."""
    in_flight = min(float(stages), max(running, 1.0))
    evenness = layers / stages / math.ceil(layers / stages)
    return Occupancy(micro_batches=in_flight, bubble=1 - in_flight / stages * evenness)


def one_prompt(stages: int, chunks: int) -> Occupancy:
    """While a prompt passes alone in ``chunks`` parts, one after the other."""
    return Occupancy(micro_batches=float(min(stages, chunks)), bubble=pipeline_bubble(stages, chunks))
