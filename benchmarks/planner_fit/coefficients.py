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
from components.planner.speed.step import roofline, steady_prefill

from .predict import Case
from .solve import Prior, Sample, fit, predict

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
        return self.at(case).tpot(case.running)

    def ttft_middle(self, case: Case) -> float:
        """Predicted middle of the band of the time to first token in seconds."""
        return predict(self.ttft[case.row.engine], ttft_features(self.at(case), case.running, case.queued))


def step_terms(case: Case) -> tuple[float, ...]:
    """Terms of a decode step of the row in steady state."""
    lengths = case.lengths
    load = steady_prefill(case.running, lengths.input_tokens, lengths.output_tokens)
    context = lengths.input_tokens + lengths.output_tokens / 2
    return roofline(case.work).features(case.running, lengths.input_tokens, context, load)


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
    """Fit all coefficients to the rows."""
    known = [case for case in cases if case.row.tpot]
    weights = _weights(known)
    step = _by_engine(
        known,
        [Sample(step_terms(case), case.row.tpot or 0.0, weight) for case, weight in zip(known, weights, strict=True)],
    )
    partial = Coefficients(step, {})
    waited = [case for case in cases if case.row.ttft]
    first = [
        Sample(ttft_features(partial.at(case), case.running, case.queued), case.row.ttft or 0.0, weight)
        for case, weight in zip(waited, _weights(waited), strict=True)
    ]
    return Coefficients(step, _by_engine(waited, first))


def left_out(cases: Sequence[Case]) -> dict[str, Coefficients]:
    """For each model family the coefficients fitted without it."""
    families = sorted({case.family for case in cases})
    return {family: fit_coefficients([case for case in cases if case.family != family]) for family in families}
