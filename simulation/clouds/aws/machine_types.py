"""What EC2 knows of machine types: their network cards, and where this account may have them.

The table beside this file is written down apart from those that the program uses, so that a mistake there is
refused here. A machine type that it lacks does not exist here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from components.planner.catalogs.instances import InstanceType
from components.planner.catalogs.table import Row, numbers, read_rows, whole, words

from ...provider.tables import Call
from ..common.catalog import sold_machine
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


@dataclass(frozen=True)
class MachineType:
    """What EC2 knows of a machine type.

    Attributes:
        cards: Its network cards.
        quota: Quota of vCPUs that it counts against: ``P``, ``G`` or ``Standard``.
        zones: Zones in which this account may have it; None for every zone.
    """

    cards: Cards
    quota: str
    zones: tuple[str, ...] | None


_UNKNOWN = MachineType(Cards(1, 1), "Standard", None)


@cache
def machine_types() -> Mapping[str, MachineType]:
    """Every machine type that EC2 has, by its name."""
    return {row["name"]: _machine_type(row) for row in read_rows(Path(__file__).with_suffix(".csv"))}


def _machine_type(row: Row) -> MachineType:
    return MachineType(
        Cards(whole(row["cards"]), whole(row["interfaces"]), frozenset(numbers(row["without_efa"]))),
        row["quota"],
        words(row["zones"]) or None,
    )


def known(name: str) -> MachineType:
    """The machine type of that name; where EC2 has none, one with a single interface, whose launch is refused."""
    return machine_types().get(name, _UNKNOWN)


def machine(name: str) -> InstanceType | None:
    """The machine type of AWS with that name; None when there is none."""
    return sold_machine(name, machine_types())


def cards(name: str) -> Cards:
    """The network cards of a machine type."""
    return known(name).cards


def offered_in(call: Call, name: str) -> tuple[str, ...]:
    """Zones of the call's region in which this account may have the machine type.

    The fact ``offering:<type>``, zones with blanks between them, replaces what is written here.
    """
    if machine(name) is None:
        return ()
    own = call.account.fact(f"offering:{name}")
    scarce = tuple(own.split()) if own is not None else known(name).zones
    return tuple(zone for zone in zones(call.region) if scarce is None or zone in scarce)
