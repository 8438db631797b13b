"""What EC2 knows of machine types: their network cards, and where this account may have them.

Written down apart from the tables that the program uses, so that a mistake there is refused here.
"""

from __future__ import annotations

from dataclasses import dataclass

from components.contracts.errors import StrataError
from components.planner.catalogs.instances import InstanceType, instance

from ...provider.tables import Call
from .regions import zones


@dataclass(frozen=True)
class Cards:
    """Network cards of a machine type.

    Attributes:
        count: How many there are.
        interfaces: Most interfaces on each.
        without_efa: Cards that carry no EFA device.
    """

    count: int
    interfaces: int
    without_efa: frozenset[int] = frozenset()


_CARDS = {
    "g6e.24xlarge": Cards(2, 10),
    "g6e.48xlarge": Cards(4, 10),
    "g7.48xlarge": Cards(2, 12),
    "g7e.24xlarge": Cards(2, 10),
    "g7e.48xlarge": Cards(4, 10),
    "p4d.24xlarge": Cards(4, 15),
    "p4de.24xlarge": Cards(4, 15),
    "p5.48xlarge": Cards(32, 2),
    "p5e.48xlarge": Cards(32, 2),
    "p5en.48xlarge": Cards(16, 4),
    "p6-b200.48xlarge": Cards(8, 4),
    # https://github.com/aws/aws-parallelcluster/issues/7143
    "p6-b300.48xlarge": Cards(17, 4, frozenset({0})),
    # https://github.com/aws/aws-parallelcluster/pull/6930
    "p6e-gb200.36xlarge": Cards(17, 2),
}
"""Source: aws/karpenter-provider-aws v1.14.1, pkg/providers/instancetype/zz_generated.vpclimits.go."""
_ONE_CARD = Cards(1, 15)

_SCARCE = {
    "p5.48xlarge": ("us-east-1a", "us-east-1b", "us-east-2b", "us-east-2c", "us-west-2a", "us-west-2b"),
    "p5e.48xlarge": ("us-east-2a", "us-east-2c", "us-west-2b"),
    "p5en.48xlarge": ("us-east-1a", "us-east-2a", "us-east-2b", "us-west-2c"),
    "p4de.24xlarge": ("us-east-1c", "us-west-2b"),
    "p6-b200.48xlarge": ("us-east-1a", "us-east-2c", "us-west-2b"),
    "p6-b300.48xlarge": ("us-east-1a", "us-west-2b"),
    "p6e-gb200.36xlarge": ("us-east-1-dfw-2a",),
}
"""Made up: letters of zones mean another zone in each account. All other types are in every zone."""


def machine(name: str) -> InstanceType | None:
    """The machine type of AWS with that name; None when there is none."""
    try:
        found = instance(name)
    except StrataError:
        return None
    return found if found.cloud == "aws" and found.name == name else None


def cards(name: str) -> Cards:
    """The network cards of a machine type."""
    return _CARDS.get(name, _ONE_CARD)


def offered_in(call: Call, name: str) -> tuple[str, ...]:
    """Zones of the call's region in which this account may have the machine type.

    The fact ``offering:<type>``, zones with blanks between them, replaces what is written here.
    """
    if machine(name) is None:
        return ()
    own = call.account.fact(f"offering:{name}")
    scarce = tuple(own.split()) if own is not None else _SCARCE.get(name)
    return tuple(zone for zone in zones(call.region) if scarce is None or zone in scarce)
