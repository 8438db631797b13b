"""Lines of a bill in one region, from list prices that may have been read in another."""

from __future__ import annotations

from dataclasses import dataclass

from ..contracts.costs import CostLine
from ..contracts.pools import NodePool
from ..planner.catalogs.instances import Price

NO_PRICE = "no list price is known"
EVERY_REGION = "every region"
"""Region of a price that is the same everywhere."""


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What is paid for in one region.

    Attributes:
        region: Region of the environment.
    """

    region: str

    def line(self, item: str, price: Price | None, quantity: float, *notes: str) -> CostLine:
        """A line at list price; that of another region stands in for one that is not known, and says so."""
        if price is None:
            return self.unknown(item, NO_PRICE, *notes)
        same = price.region in {self.region, EVERY_REGION}
        elsewhere = "" if same else f"list price of {price.region}; {self.region} may differ"
        return CostLine(
            item=item,
            usd_per_hour=price.usd_per_hour * quantity,
            region=price.region,
            date=price.date,
            note=_joined(elsewhere, *notes),
        )

    def unknown(self, item: str, *notes: str) -> CostLine:
        """A line whose price is unknown, which is never free."""
        return CostLine(item=item, usd_per_hour=None, region=self.region, date="", note=_joined(*notes))


def range_notes(pool: NodePool) -> tuple[str, ...]:
    """What the price of an autoscaled pool leaves out."""
    limits = pool.autoscaled
    return (f"{limits.minimum} to {limits.maximum} nodes, priced at {pool.count}",) if limits else ()


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
