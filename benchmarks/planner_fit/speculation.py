"""The decode step of an engine that drafts tokens with the model's own prediction head and verifies them together.

A step computes one token more per sequence for every drafted one and yields those that are accepted. The head is one
layer more, which runs once per drafted token.
"""

from __future__ import annotations

from components.planner.speed.step import PrefillLoad, Roofline, steady_prefill
from components.planner.speed.workload import Lengths

ACCEPTED = {0: 1.0, 1: 1.79, 2: 2.27, 3: 2.49}
"""Tokens that a step yields, by tokens drafted: DeepSeek-V4-Pro's prediction head while thinking.

Source: golden_al_distribution/dsv4_mtp.yaml of github.com/SemiAnalysisAI/InferenceX, read 2026-11-28. Nothing was
published for DeepSeek-R1 by drafted tokens; DeepSeek-V3's report states 1.85 to 1.9 for one.
"""


def step_terms(line: Roofline, lengths: Lengths, running: float, drafted: int) -> tuple[float, ...]:
    """Terms of a step in steady state; its time over ``ACCEPTED`` is the time per token."""
    context = lengths.input_tokens + lengths.output_tokens / 2
    load = steady_prefill(running, lengths.input_tokens, lengths.output_tokens / ACCEPTED[drafted])
    verified = line.features(running, lengths.input_tokens, context, load, drafted + 1)
    if not drafted:
        return verified
    passes = drafted / line.workload.model.layers
    alone = line.features(running, lengths.input_tokens, context, PrefillLoad())
    return tuple(main + passes * draft for main, draft in zip(verified, alone, strict=True))
