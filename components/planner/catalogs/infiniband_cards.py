"""InfiniBand cards of machines, a row for each machine type of a cloud that has them.

How many there are is in the instance catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .table import read_table, whole


@dataclass(frozen=True, kw_only=True, slots=True)
class InfinibandCards:
    """The InfiniBand cards of a machine."""

    cards: int
    """How many, one for each GPU."""
    generation: str
    """``HDR`` (200 Gbit/s) or ``NDR`` (400 Gbit/s, 800 with ConnectX-8)."""
    device: str
    """PCI device id of the virtual function, by which nodes are labelled: ``101c`` is a ConnectX-6, ``101e`` newer."""
    source: str


@cache
def infiniband_cards() -> Mapping[str, InfinibandCards]:
    """The cards by machine type."""
    return {
        row["instance"]: InfinibandCards(
            cards=whole(row["cards"]), generation=row["generation"], device=row["device"], source=row["source"]
        )
        for row in read_table("infiniband_cards")
    }
