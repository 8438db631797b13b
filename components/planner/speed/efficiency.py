"""How far real engines stay behind the roofline, by engine.

Each coefficient multiplies one term of ``step.FEATURES`` and has a physical meaning. The numbers come from one
non-negative least-squares fit, ``python -m benchmarks.planner_fit``.
"""

from __future__ import annotations

from ...contracts.serving import Engine

_ALL = (1.15, 1.15, 0.44, 1.29, 2.2, 6.5e-6, 6.8e-6, 51e-6, 35e-6, 12e-6)
STEP: dict[Engine, tuple[float, ...]] = dict.fromkeys(Engine, _ALL)
"""Coefficients in the order of ``step.FEATURES``."""

PREFILL = 2.0
"""Times that prefill takes longer than its FLOPs at the data sheet's peak."""
