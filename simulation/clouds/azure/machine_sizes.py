"""What Azure knows of machine sizes: quota families, zones, GPUs, and how large an ephemeral OS disk may be.

The table beside this file is written down apart from those that the program uses, so that a mistake there is
refused here. A machine size that it lacks does not exist here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from components.planner.catalogs.instances import InstanceType, instances
from components.planner.catalogs.table import Row, read_rows, whole, words

from ...provider.tables import Call
from ..common.catalog import sold_machine
from .regions import zones

_NOWHERE = "none"


@dataclass(frozen=True, kw_only=True)
class MachineSize:
    """What Azure knows of a machine size.

    Attributes:
        family: Quota that its vCPUs count against.
        zones: Numbers of the zones in which this subscription may have it; None for every zone.
        local_gib: Largest ephemeral OS disk; 0 where it can have none.
    """

    family: str
    zones: tuple[str, ...] | None
    local_gib: int


@cache
def machine_sizes() -> Mapping[str, MachineSize]:
    """Every machine size of Azure, by its name."""
    return {row["name"]: _machine_size(row) for row in read_rows(Path(__file__).with_suffix(".csv"))}


def _machine_size(row: Row) -> MachineSize:
    return MachineSize(
        family=row["family"],
        zones=() if row["zones"] == _NOWHERE else words(row["zones"]) or None,
        local_gib=whole(row["local_gib"]),
    )


_LIMITS = {
    "cores": 2000,
    "lowPriorityCores": 500,
    "standardNDSH100v5Family": 384,
    "StandardNCADSA100v4Family": 192,
    "Standard NCASv3_T4 Family": 16,
    "StandardDdsv6Family": 256,
    "StandardDsv6Family": 500,
}
"""Made up: what this subscription was given; families that are not here have none.

The example runs up to 204 vCPUs of ``StandardDdsv6Family``: not twice what it may have.
"""


def size(name: str) -> InstanceType | None:
    """The machine size of Azure with that name; None when there is none."""
    return sold_machine(name, machine_sizes())


def sizes() -> list[InstanceType]:
    """Every machine size of Azure that is known here."""
    return [machine for machine in instances() if machine.name in machine_sizes()]


def family(name: str) -> str:
    """The quota that a size's vCPUs count against."""
    known = machine_sizes().get(name)
    return known.family if known else "standardOtherFamily"


def families() -> list[str]:
    """Every quota of vCPUs."""
    return sorted({"cores", "lowPriorityCores", *(known.family for known in machine_sizes().values())})


def limit(call: Call, quota: str) -> int:
    """Cores that the subscription may have; the fact ``quota:<name>`` is what tests change."""
    own = call.account.fact(f"quota:{quota}")
    return int(own) if own is not None else _LIMITS.get(quota, 0)


def offered_in(call: Call, name: str) -> tuple[str, ...]:
    """Zones of the call's region in which this subscription may have the size.

    The fact ``offering:<size>``, zones with blanks between them, replaces what is written here.
    """
    own = call.account.fact(f"offering:{name}")
    some = tuple(own.split()) if own is not None else _zones(name)
    return tuple(zone for zone in zones(call.region) if some is None or zone in some)


def local_gib(name: str) -> int:
    """The largest ephemeral OS disk of a size."""
    known = machine_sizes().get(name)
    return known.local_gib if known else 0


def _zones(name: str) -> tuple[str, ...] | None:
    known = machine_sizes().get(name)
    return known.zones if known else None
