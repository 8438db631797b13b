"""Networks of the GPU cards of Google's machines, a row for each machine type that has such cards.

Owns what a node has to be attached to. Names, subnets and packet sizes of the networks are in ``clusters.gke.fabric``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from .table import Row, read_table, whole, yes


class CardNetworks(StrEnum):
    """What the cards of a machine are attached to."""

    TCP = "tcp"
    """A VPC for each card, for GPUDirect-TCPX and TCPXO."""
    RDMA = "rdma"
    """One VPC with an RDMA profile for all cards, and one for a further ordinary card."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GpuNetworkRow:
    """The GPU networks of one machine type."""

    networks: CardNetworks | None
    """None where users can make no network for the cards, and only DRANET does."""
    cards: int
    """Cards that take a network of users."""
    compact_flex_start: bool
    """Whether flex-start machines may be placed compactly."""
    topology: str | None
    """Accelerator topology of a workload policy; None for machines placed by policies of pools."""
    source: str


def _row(row: Row) -> GpuNetworkRow:
    return GpuNetworkRow(
        networks=CardNetworks(row["networks"]) if row["networks"] else None,
        cards=whole(row["cards"]),
        compact_flex_start=yes(row["compact_flex_start"]),
        topology=row["topology"] or None,
        source=row["source"],
    )


@cache
def gpu_network_rows() -> Mapping[str, GpuNetworkRow]:
    """The networks by machine type."""
    return {row["instance"]: _row(row) for row in read_table("gpu_networks")}
