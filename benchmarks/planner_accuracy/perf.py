"""How well the planner predicts measured latency: TPOT, and the band of TTFT.

Every row is predicted by coefficients that were fitted without the row's model family
(``benchmarks/planner_fit/left_out.json``); families that the fit never saw get the shipped coefficients. Only
aggregated rows whose deployment is known are eligible, see ``benchmarks.planner_fit.rows``.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.planner_fit.predict import Case, case
from benchmarks.planner_fit.rows import Measured, Unusable, parse
from benchmarks.planner_fit.store import load_left_out, shipped
from components.planner.speed.prefill import band

_NEAR = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One row beside its prediction; seconds, None where the row has no measurement."""

    row: Measured
    family: str
    tpot: float
    ttft_low: float
    ttft_high: float

    @property
    def tpot_error(self) -> float | None:
        """Predicted over measured, minus 1."""
        return None if self.row.tpot is None else self.tpot / self.row.tpot - 1

    @property
    def ttft_inside(self) -> bool | None:
        """Whether the measured time lies in the band."""
        return None if self.row.ttft is None else self.ttft_low <= self.row.ttft <= self.ttft_high


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Errors of some rows; shares from 0 to 1, None without a measured row."""

    name: str
    rows: int
    tpot_rows: int
    tpot_median: float | None
    """Median absolute relative error."""
    tpot_mean: float | None
    tpot_bias: float | None
    """Median signed relative error; above 0 when predictions are too slow."""
    tpot_near: float | None
    """Share of rows within 20 %."""
    ttft_rows: int
    ttft_inside: float | None
    """Share of rows inside the band."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All groups of an evaluation, and the predictions behind them."""

    overall: Group
    by_engine: tuple[Group, ...]
    by_family: tuple[Group, ...]
    by_gpu: tuple[Group, ...]
    band_width: float
    """Upper over lower end of the TTFT band."""
    left_out: tuple[tuple[str, int], ...]
    """Why rows are not eligible, and how many."""
    predictions: tuple[Prediction, ...]


def evaluate(rows: Iterable[Mapping[str, str]]) -> Report:
    """Compare rows in the columns of ``perf_open.csv`` with their predictions."""
    without, everything = load_left_out(), shipped()
    predictions: list[Prediction] = []
    unusable: Counter[str] = Counter()
    for row in rows:
        case = _case(row)
        if isinstance(case, str):
            unusable[case] += 1
            continue
        coefficients = without.get(case.family, everything)
        range_ = band(coefficients.ttft_middle(case))
        predictions.append(
            Prediction(
                row=case.row,
                family=case.family,
                tpot=coefficients.tpot(case),
                ttft_low=range_.low,
                ttft_high=range_.high,
            )
        )
    width = band(1.0)
    return Report(
        overall=_group("all", predictions),
        by_engine=_groups(predictions, lambda prediction: prediction.row.engine.value),
        by_family=_groups(predictions, lambda prediction: prediction.family),
        by_gpu=_groups(predictions, lambda prediction: prediction.row.gpu),
        band_width=width.high / width.low,
        left_out=tuple(unusable.most_common()),
        predictions=tuple(predictions),
    )


def _case(row: Mapping[str, str]) -> Case | str:
    measured = parse(row)
    return measured.because if isinstance(measured, Unusable) else case(measured)


def _groups(predictions: Sequence[Prediction], key: Callable[[Prediction], str]) -> tuple[Group, ...]:
    names = sorted({key(prediction) for prediction in predictions})
    return tuple(_group(name, [prediction for prediction in predictions if key(prediction) == name]) for name in names)


def _group(name: str, predictions: Sequence[Prediction]) -> Group:
    errors = [error for prediction in predictions if (error := prediction.tpot_error) is not None]
    sizes = [abs(error) for error in errors]
    inside = [hit for prediction in predictions if (hit := prediction.ttft_inside) is not None]
    return Group(
        name=name,
        rows=len(predictions),
        tpot_rows=len(errors),
        tpot_median=statistics.median(sizes) if sizes else None,
        tpot_mean=statistics.fmean(sizes) if sizes else None,
        tpot_bias=statistics.median(errors) if errors else None,
        tpot_near=sum(size <= _NEAR for size in sizes) / len(sizes) if sizes else None,
        ttft_rows=len(inside),
        ttft_inside=sum(inside) / len(inside) if inside else None,
    )
