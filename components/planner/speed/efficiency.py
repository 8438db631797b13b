"""How far real engines stay behind the roofline, by engine. Written by ``python -m benchmarks.planner_fit --write``."""

from __future__ import annotations

from ...contracts.serving import Engine

_ALL = (1.04, 1.74, 1.08, 1.79, 1.54, 1.52, 4.7e-6, 3.7e-6, 2.2, 1e-6)
STEP: dict[Engine, tuple[float, ...]] = dict.fromkeys(Engine, _ALL)
"""Coefficients in the order of ``step.FEATURES``."""

TTFT: tuple[float, ...] = (1.0, 0.13, 5.0, 0.5, 0.02)
"""Coefficients in the order of ``prefill.TTFT_FEATURES``."""
