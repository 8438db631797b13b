"""Bytes that GPUs exchange, and the pipeline bubble.

Only counts what crosses a link; how fast it really goes is a fitted coefficient in ``efficiency``.
"""

from __future__ import annotations

# A token is dispatched to its experts in 8 bits and combined in 16 (DeepEP's normal mode).
_DISPATCH_AND_COMBINE_BYTES = 1 + 2


def all_reduce_bytes(message: float, gpus: int) -> float:
    """Bytes that a ring all-reduce of ``message`` bytes sends over each GPU's link: 2 (n - 1) / n × message."""
    return 2 * (gpus - 1) / gpus * message


def all_to_all_bytes(tokens: float, hidden: int, active_experts: int, gpus: int) -> float:
    """Bytes that one GPU sends and receives in a MoE layer to dispatch ``tokens`` of its own and combine the results.

    Each token goes to ``active_experts`` GPUs, of which (n - 1) / n are others.
    """
    return tokens * active_experts * hidden * _DISPATCH_AND_COMBINE_BYTES * (gpus - 1) / gpus


def stage_bytes(stages: int, message: float) -> float:
    """Bytes that a token sends along a pipeline: hidden states and residual, from each stage to the next."""
    return 2 * message * (stages - 1)


def pipeline_bubble(stages: int, micro_batches: int) -> float:
    """Part of the time that a stage idles: (p - 1) / (m + p - 1), GPipe (Huang et al. 2019)."""
    return (stages - 1) / (micro_batches + stages - 1)
