"""How long a minute of the cloud takes.

Owns the scale: real clusters come up in ten minutes, which nobody wants to wait for.
"""

from __future__ import annotations

import os

PACE_VARIABLE = "STRATA_SIMULATED_PACE"
"""Seconds that one minute of the real cloud takes."""
_DEFAULT_SECONDS = 0.02


def seconds(minutes: float) -> float:
    """How long to wait for what takes so many minutes in reality."""
    return minutes * float(os.environ.get(PACE_VARIABLE, str(_DEFAULT_SECONDS)))
