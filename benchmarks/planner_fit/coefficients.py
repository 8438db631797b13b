"""Coefficients from measured rows: one set per engine, near a set that all engines share.

The same procedure gives the sets that are shipped (all rows) and those with which the accuracy is measured
(every row predicted by coefficients fitted without its model family).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from components.contracts.serving import Engine
from components.planner.speed.prefill import ttft_features
from components.planner.speed.steady import Steady, collapse
from components.planner.speed.step import roofline

from .predict import Case
from .solve import Prior, Sample, fit, predict
from .speculation import ACCEPTED, step_terms

BALANCE_STEPS = 60.0
"""``enable_balance`` with ``timeout_iters: 60`` in every script of the rows' campaign that has data-parallel attention.

Source: dsr1_*_trt*.sh of github.com/SemiAnalysisAI/InferenceX, 2025-11 to 2026-04, read 2026-11-28.
"""
_NEAR_SHARED = 0.2
"""Strength of the pull of each engine's set to the shared one."""
FITTED_ENGINES = (Engine.VLLM, Engine.SGLANG, Engine.TENSORRT_LLM)


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What one fit gives."""

    step: dict[Engine, tuple[float, ...]]
    """In the order of ``step.FEATURES``; engines without measurements have what all share."""
    ttft: dict[Engine, tuple[float, ...]]
    """In the order of ``prefill.TTFT_FEATURES``."""

    def at(self, case: Case) -> Steady:
        """The row's deployment under these coefficients."""
        return collapse(roofline(case.work), case.lengths, self.step[case.row.engine])

    def tpot(self, case: Case) -> float:
        """Predicted time per output token in seconds."""
        return predict(self.step[case.row.engine], token_terms(case))

    def ttft_middle(self, case: Case) -> float:
        """Predicted middle of the band of the time to first token in seconds."""
        return predict(self.ttft[case.row.engine], self.ttft_terms(case))

    def ttft_terms(self, case: Case) -> tuple[float, ...]:
        """Values of ``prefill.TTFT_FEATURES`` for the row, whose steps may be longer for what they verify."""
        at, per_token = self.at(case), self.tpot(case)
        alone, ahead, _, _, once = ttft_features(at, case.running)
        step = per_token * ACCEPTED[case.row.draft_tokens]
        place = case.queued / max(case.running, 1.0) * (alone + case.lengths.output_tokens * per_token)
        return alone, ahead, step, place + steps_held(case) * step, once


def steps_held(case: Case) -> float:
    """Steps for which TensorRT-LLM holds a prompt back until every data-parallel rank has one.

    Ranks have equally many requests, which start at random: all have one after the largest of exponential waits.
    """
    ranks = case.row.data_parallel
    if case.row.engine is not Engine.TENSORRT_LLM or ranks == 1:
        return 0.0
    steps = case.lengths.output_tokens / ACCEPTED[case.row.draft_tokens]
    between = steps / max(case.running / ranks, 1.0)
    return min(BALANCE_STEPS, between * sum(1 / waiting for waiting in range(1, ranks + 1)))


def token_terms(case: Case) -> tuple[float, ...]:
    """Terms of the time per output token of the row in steady state."""
    drafted = case.row.draft_tokens
    terms = step_terms(roofline(case.work), case.lengths, case.running, drafted)
    return tuple(term / ACCEPTED[drafted] for term in terms)


def _weights(cases: Sequence[Case]) -> list[float]:
    """A family counts as the square root of its rows, so that none drowns the others."""
    rows = Counter(case.family for case in cases)
    return [rows[case.family] ** -0.5 for case in cases]


def _by_engine(cases: Sequence[Case], samples: Sequence[Sample]) -> dict[Engine, tuple[float, ...]]:
    shared = fit(samples)
    found = dict.fromkeys(Engine, shared)
    for engine in FITTED_ENGINES:
        own = [sample for sample, case in zip(samples, cases, strict=True) if case.row.engine is engine]
        if own:
            found[engine] = fit(own, Prior(shared, _NEAR_SHARED))
    return found


def fit_coefficients(cases: Sequence[Case]) -> Coefficients:
    """Fit all coefficients to the rows that decode token by token; others rest on a rate of acceptance."""
    known = [case for case in cases if case.row.tpot and not case.row.draft_tokens]
    weights = _weights(known)
    step = _by_engine(
        known,
        [Sample(token_terms(case), case.row.tpot or 0.0, weight) for case, weight in zip(known, weights, strict=True)],
    )
    partial = Coefficients(step, {})
    waited = [case for case in cases if case.row.ttft and not case.row.draft_tokens]
    first = [
        Sample(partial.ttft_terms(case), case.row.ttft or 0.0, weight)
        for case, weight in zip(waited, _weights(waited), strict=True)
    ]
    return Coefficients(step, _by_engine(waited, first))


def left_out(cases: Sequence[Case]) -> dict[str, Coefficients]:
    """For each model family the coefficients fitted without it."""
    families = sorted({case.family for case in cases})
    return {family: fit_coefficients([case for case in cases if case.family != family]) for family in families}
