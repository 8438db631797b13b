"""Network cards of AWS machines with EFA, a row for each machine type of the instance catalog that has them.

Owns which cards carry EFA and which further ones may carry an address. Which interface goes on which card
follows from the row in ``clusters.eks.efa``. The attributes of DescribeInstanceTypes are no substitute:
p6-b300.48xlarge has 17 cards and the first one has no EFA.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .table import Row, numbers, read_table, whole, yes


@dataclass(frozen=True, kw_only=True, slots=True)
class EfaCards:
    """The cards of one machine type."""

    cards: int
    """Network cards of the machine."""
    efa: tuple[int, ...]
    """Cards with an EFA device."""
    addresses: tuple[int, ...]
    """Cards with an address besides card 0, where ordinary bandwidth counts."""
    combined: bool
    """Whether those cards carry one ``efa`` interface rather than two interfaces."""
    device_rdma: bool
    """Whether the cards read and write GPU memory; libfabric refuses to start when that is set for other cards."""
    privileged: bool
    """Whether a pod needs more than IPC_LOCK, as on NVL72 machines: the shared-memory path corrupts data there."""
    source: str


def _row(row: Row) -> EfaCards:
    return EfaCards(
        cards=whole(row["cards"]),
        efa=numbers(row["efa"]),
        addresses=numbers(row["addresses"]),
        combined=yes(row["combined"]),
        device_rdma=yes(row["device_rdma"]),
        privileged=yes(row["privileged"]),
        source=row["source"],
    )


@cache
def efa_cards() -> Mapping[str, EfaCards]:
    """The cards by machine type."""
    return {row["instance"]: _row(row) for row in read_table("efa_cards")}
