"""The network interfaces of machines with EFA.

Owns which interface goes on which card: a wrong card or device index is refused by EC2 only when a node
starts, and an interface left out is bandwidth that nobody misses until it is measured. The cards of each
machine type are in the catalog of EFA cards; security groups and subnets are the node group's.

Rules of all machines, from the EC2 user guide, "Maximize network bandwidth on instances with multiple
network cards" (efa-acc-inst-types): the primary interface is card 0, device 0, and never ``efa-only``;
EFA without addresses is device 1 of card 0 and device 0 of every other card; further ordinary
interfaces are device 1 of their card; a card carries one EFA device at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ...planner.catalogs.efa_cards import EfaCards, efa_cards
from .settings import EfaLayout


class InterfaceKind(StrEnum):
    """What an interface carries, as launch templates spell it."""

    ENA = "interface"
    """Ordinary traffic; takes an address of the subnet."""
    EFA = "efa"
    """Ordinary traffic and RDMA; takes an address of the subnet."""
    EFA_ONLY = "efa-only"
    """RDMA and no address."""


@dataclass(frozen=True, kw_only=True, order=True)
class NetworkInterface:
    """One interface of a machine.

    Attributes:
        card: Network card, from 0.
        device: Place on the card, 0 or 1.
    """

    card: int
    device: int
    kind: InterfaceKind

    @property
    def has_address(self) -> bool:
        """Whether it takes an address of the subnet."""
        return self.kind is not InterfaceKind.EFA_ONLY

    @property
    def has_efa(self) -> bool:
        """Whether it is a device of ``vpc.amazonaws.com/efa``."""
        return self.kind is not InterfaceKind.ENA


def network_interfaces(instance_type: str, layout: EfaLayout) -> tuple[NetworkInterface, ...]:
    """The interfaces of a machine, by card and device; empty for a type without EFA.

    A type without EFA needs no interfaces in its launch template: EC2 makes the primary one by itself.
    """
    row = efa_cards().get(instance_type)
    if row is None:
        return ()
    addresses = row.addresses if layout is EfaLayout.BANDWIDTH_OPTIMISED else ()
    return tuple(sorted(_combined(row) if addresses and row.combined else _separate(row, addresses)))


def _combined(row: EfaCards) -> Iterator[NetworkInterface]:
    for card in row.efa:
        yield NetworkInterface(card=card, device=min(card, 1), kind=InterfaceKind.EFA)


def _separate(row: EfaCards, addresses: tuple[int, ...]) -> Iterator[NetworkInterface]:
    yield NetworkInterface(card=0, device=0, kind=InterfaceKind.ENA)
    for card in row.efa:
        yield NetworkInterface(card=card, device=0 if card else 1, kind=InterfaceKind.EFA_ONLY)
    for card in addresses:
        yield NetworkInterface(card=card, device=1, kind=InterfaceKind.ENA)
