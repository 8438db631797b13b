"""What an environment costs while nobody uses it, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from .model import Contract


class CostLine(Contract):
    """One thing that is paid by the hour."""

    item: str
    """What it is, such as ``h100: 2 × p5.48xlarge``."""
    usd_per_hour: Annotated[float, Field(ge=0)] | None
    """List price in US dollars; None when it is unknown, which is never free."""
    region: str
    """Region the price was read for."""
    date: str
    """Day the price was read, such as ``2026-07-20``; empty when it is unknown."""
    note: str = ""
    """What the price leaves out, or why it is unknown."""


def known_total(lines: Iterable[CostLine]) -> float:
    """US dollars per hour of the lines whose price is known."""
    return sum(line.usd_per_hour for line in lines if line.usd_per_hour is not None)
