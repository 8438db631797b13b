"""Robust non-negative least squares in relative error, small enough to read.

Coefficients are times per physical quantity, so that none may be negative. The loss is close to the mean absolute
logarithm of predicted over measured, reached by reweighting squares: outliers (mislabelled runs) count little and
the median row comes out unbiased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ROUNDS = 12
_SWEEPS = 2000
_SETTLED = 1e-9
# Below this deviation of the logarithm all rows count alike.
_FLOOR = 0.05
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of the terms, and the time measured; ``weight`` says how much the row counts."""

    terms: tuple[float, ...]
    seconds: float
    weight: float


@dataclass(frozen=True, slots=True)
class Prior:
    """Coefficients to stay near; ``strength`` 1 counts a deviation like all samples together."""

    coefficients: tuple[float, ...]
    strength: float


def fit(samples: Sequence[Sample], prior: Prior | None = None) -> tuple[float, ...]:
    """Non-negative coefficients for the samples' terms."""
    weights = [sample.weight for sample in samples]
    scales = [sample.seconds for sample in samples]
    found: tuple[float, ...] = ()
    for _ in range(_ROUNDS):
        found = _weighted(samples, weights, scales, prior)
        for index, sample in enumerate(samples):
            ratio = max(predict(found, sample.terms), _TINY) / sample.seconds
            weights[index] = sample.weight / max(abs(ratio - 1) / (ratio**0.5), _FLOOR)
            # Dividing by the geometric mean makes the error of ratio r as large as that of 1 / r.
            scales[index] = sample.seconds * min(max(ratio**0.5, 0.5), 2.0)
    return found


def predict(coefficients: Sequence[float], terms: Sequence[float]) -> float:
    """The sum of coefficients times terms."""
    return sum(map(float.__mul__, coefficients, terms))


def _weighted(
    samples: Sequence[Sample], weights: Sequence[float], scales: Sequence[float], prior: Prior | None
) -> tuple[float, ...]:
    size = len(samples[0].terms)
    gram = [[0.0] * size for _ in range(size)]
    right = [0.0] * size
    for sample, weight, scale in zip(samples, weights, scales, strict=True):
        factor = weight / scale**2
        for i, first in enumerate(sample.terms):
            if first:
                scaled, row = factor * first, gram[i]
                right[i] += scaled * sample.seconds
                for j in range(i, size):
                    row[j] += scaled * sample.terms[j]
    for i in range(size):
        for j in range(i):
            gram[i][j] = gram[j][i]
    if prior is not None:
        _pull(gram, right, prior, sum(weights))
    return _non_negative(gram, right)


def _pull(gram: list[list[float]], right: list[float], prior: Prior, total: float) -> None:
    """Penalize leaving the prior in proportion to the share of time that the term takes under it."""
    for i, value in enumerate(prior.coefficients):
        known = max(value, _TINY)
        share = max((gram[i][i] / total) ** 0.5 * known, 0.01)
        penalty = prior.strength * total * (share / known) ** 2
        gram[i][i] += penalty
        right[i] += penalty * value


def _non_negative(gram: list[list[float]], right: list[float]) -> tuple[float, ...]:
    """Coordinate descent on the normal equations, scaled to a unit diagonal."""
    size = len(right)
    scale = [max(gram[i][i], _TINY * _TINY) ** 0.5 for i in range(size)]
    unit = [[gram[i][j] / scale[i] / scale[j] for j in range(size)] for i in range(size)]
    target = [right[i] / scale[i] for i in range(size)]
    used = [i for i in range(size) if gram[i][i] > 0]
    found = [0.0] * size
    for _ in range(_SWEEPS):
        change = 0.0
        for i in used:
            step = target[i] - predict(unit[i], found)
            value = max(0.0, found[i] + step)
            change = max(change, abs(value - found[i]))
            found[i] = value
        if change < _SETTLED * max(found):
            break
    return tuple(value / by for value, by in zip(found, scale, strict=True))
