"""The network interfaces of machines with EFA.

Owns which interface goes on which card, type by type: a wrong card or device index is refused by EC2
only when a node starts, and an interface left out is bandwidth that nobody misses until it is measured.
The attributes of DescribeInstanceTypes are no substitute: p6-b300.48xlarge has 17 cards and the first
one has no EFA. Security groups and subnets are the node group's.

Rules of all rows, from the EC2 user guide, "Maximize network bandwidth on instances with multiple
network cards" (efa-acc-inst-types): the primary interface is card 0, device 0, and never ``efa-only``;
EFA without addresses is device 1 of card 0 and device 0 of every other card; further ordinary
interfaces are device 1 of their card; a card carries one EFA device at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

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


@dataclass(frozen=True, kw_only=True)
class EfaCards:
    """The cards of one machine type.

    Attributes:
        cards: Network cards of the machine.
        efa: Cards with an EFA device.
        addresses: Cards with an address besides card 0, where ordinary bandwidth counts.
        combined: Whether those cards carry one ``efa`` interface rather than two interfaces.
        source: Where the row was read.
    """

    cards: int
    efa: tuple[int, ...]
    addresses: tuple[int, ...] = ()
    combined: bool = False
    source: str


_LIMITS = "aws/karpenter-provider-aws v1.14.1, zz_generated.vpclimits.go and zz_generated.describe_instance_types.go"
_GUIDE = "EC2 user guide, efa-acc-inst-types; cards: " + _LIMITS
_GENERATOR = "awslabs/ai-on-eks, modules/efa-networkinterfaces-generator; cards: " + _LIMITS
_GB200 = "awslabs/ai-on-eks, modules/efa-networkinterfaces-generator; cards: aws/aws-parallelcluster pull request 6930"

_ONE_CARD = EfaCards(cards=1, efa=(0,), source=_GUIDE)
_TWO_CARDS = EfaCards(cards=2, efa=(0, 1), addresses=(1,), combined=True, source=_GUIDE)
_FOUR_CARDS = EfaCards(cards=4, efa=(0, 1, 2, 3), addresses=(1, 2, 3), combined=True, source=_GUIDE)
# 32 cards of 100 Gbit/s; eight ordinary interfaces reach the 800 Gbit/s that the machine allows.
_P5 = EfaCards(cards=32, efa=tuple(range(32)), addresses=tuple(range(4, 32, 4)), source=_GENERATOR)

EFA_CARDS: dict[str, EfaCards] = {
    "g4dn.8xlarge": _ONE_CARD,
    "g4dn.12xlarge": _ONE_CARD,
    "g4dn.16xlarge": _ONE_CARD,
    "g4dn.metal": _ONE_CARD,
    "g5.8xlarge": _ONE_CARD,
    "g5.12xlarge": _ONE_CARD,
    "g5.16xlarge": _ONE_CARD,
    "g5.24xlarge": _ONE_CARD,
    "g5.48xlarge": _ONE_CARD,
    "g6.8xlarge": _ONE_CARD,
    "g6.12xlarge": _ONE_CARD,
    "g6.16xlarge": _ONE_CARD,
    "g6.24xlarge": _ONE_CARD,
    "g6.48xlarge": _ONE_CARD,
    "gr6.8xlarge": _ONE_CARD,
    "g6e.8xlarge": _ONE_CARD,
    "g6e.12xlarge": _ONE_CARD,
    "g6e.16xlarge": _ONE_CARD,
    "g6e.24xlarge": _TWO_CARDS,
    "g6e.48xlarge": _FOUR_CARDS,
    "g7.8xlarge": _ONE_CARD,
    "g7.12xlarge": _ONE_CARD,
    "g7.24xlarge": _ONE_CARD,
    "g7.48xlarge": _TWO_CARDS,
    "g7e.8xlarge": _ONE_CARD,
    "g7e.12xlarge": _ONE_CARD,
    "g7e.24xlarge": _TWO_CARDS,
    "g7e.48xlarge": _FOUR_CARDS,
    "p3dn.24xlarge": _ONE_CARD,
    "p4d.24xlarge": _FOUR_CARDS,
    "p4de.24xlarge": _FOUR_CARDS,
    "p5.4xlarge": _ONE_CARD,
    "p5.48xlarge": _P5,
    "p5e.48xlarge": _P5,
    # 16 cards of 200 Gbit/s.
    "p5en.48xlarge": EfaCards(cards=16, efa=tuple(range(16)), addresses=tuple(range(2, 16, 2)), source=_GENERATOR),
    # Eight cards of 400 Gbit/s.
    "p6-b200.48xlarge": EfaCards(cards=8, efa=tuple(range(8)), addresses=tuple(range(1, 8)), source=_GENERATOR),
    # Card 0 carries ordinary traffic only (aws/aws-parallelcluster issue 7143).
    "p6-b300.48xlarge": EfaCards(cards=17, efa=tuple(range(1, 17)), addresses=tuple(range(1, 17)), source=_GENERATOR),
    # Four cards of a group share one NIC of 400 Gbit/s; odd cards hold one interface, even ones two.
    "p6e-gb200.36xlarge": EfaCards(cards=17, efa=(1, 5, 9, 13), addresses=(2, 6, 10, 14), source=_GB200),
}
"""Every machine type of the instance catalog that has EFA."""


def network_interfaces(instance_type: str, layout: EfaLayout) -> tuple[NetworkInterface, ...]:
    """The interfaces of a machine, by card and device; empty for a type without EFA.

    A type without EFA needs no interfaces in its launch template: EC2 makes the primary one by itself.
    """
    row = EFA_CARDS.get(instance_type)
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
