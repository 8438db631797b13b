"""The hourly cost of a stack, compared with its cost as deployed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from components.contracts.costs import CostLine, known_total
from stacks.outputs import COST_PER_HOUR, DeployedCosts

_HOURS_PER_MONTH = 730


@dataclass(frozen=True)
class CostReport:
    """Costs at list price, with machines running day and night.

    Attributes:
        lines: What would be paid.
        before: What is paid now; None for a stack that is not up, or that an older version brought up.
    """

    lines: tuple[CostLine, ...]
    before: tuple[CostLine, ...] | None

    @property
    def unknown(self) -> tuple[CostLine, ...]:
        """Lines without a known price; they are not free."""
        return tuple(line for line in self.lines if line.usd_per_hour is None)

    @property
    def total(self) -> str:
        """The sum as text, with what it leaves out and how it changes; unknown when no price is known."""
        if len(self.unknown) == len(self.lines):
            return f"unknown: {_lines(len(self.lines))} no known price"
        text = f"{dollars(known_total(self.lines))} per hour, {_monthly(known_total(self.lines))} per month"
        if self.unknown:
            text += f"; {_lines(len(self.unknown))} no known price"
        if self.before is not None:
            text += f" ({_difference(known_total(self.lines) - known_total(self.before))} per hour)"
        return text

    @property
    def basis(self) -> str:
        """Which prices the sum uses, and their date; empty where no price is known."""
        priced = [line for line in self.lines if line.usd_per_hour is not None]
        if not priced:
            return ""
        known = sorted({line.date for line in priced if line.date})
        dates = f" of {' to '.join(dict.fromkeys([known[0], known[-1]]))}" if known else ""
        return f"List prices{dates}; machines counted as running day and night."

    def change_of(self, line: CostLine) -> str:
        """How a line differs from what is deployed; empty when it does not."""
        if self.before is None:
            return ""
        same = [old for old in self.before if old.item == line.item]
        if not same:
            return "new"
        old, new = same[0].usd_per_hour, line.usd_per_hour
        return "" if old is None or new is None or abs(new - old) < _CENT / 2 else _difference(new - old)

    @property
    def gone(self) -> tuple[CostLine, ...]:
        """Lines that are paid now and will not be any more."""
        items = {line.item for line in self.lines}
        return tuple(line for line in self.before or () if line.item not in items)


_CENT = 0.01


def cost_report(lines: Sequence[CostLine], outputs_before: Mapping[str, JsonValue]) -> CostReport:
    """Compare the new costs with those in the deployed stack's outputs."""
    deployed = outputs_before.get(COST_PER_HOUR)
    try:
        before = tuple(DeployedCosts.model_validate(deployed, strict=False).lines) if deployed else None
    except ValidationError:
        before = None
    return CostReport(tuple(lines), before)


def dollars(amount: float | None) -> str:
    """An amount in dollars; small amounts keep a third digit so that they do not read as zero."""
    if amount is None:
        return "unknown"
    return f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.3f}"


def _lines(count: int) -> str:
    return "1 line has" if count == 1 else f"{count} lines have"


def _monthly(per_hour: float) -> str:
    return f"${per_hour * _HOURS_PER_MONTH:,.0f}"


def _difference(amount: float) -> str:
    if abs(amount) < _CENT / 2:
        return "as now"
    return f"{'+' if amount > 0 else '−'}${abs(amount):,.2f}"
