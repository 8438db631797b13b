"""What Compute Engine and GKE know of machine types: GPUs, disks, cards, and where this project may have them.

The table beside this file is written down apart from those that the program uses, so that a mistake there is
refused here. A machine type that it lacks does not exist here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from components.planner.catalogs.instances import InstanceType
from components.planner.catalogs.table import Row, read_rows, whole, words, yes

from ...provider.tables import Call
from ..common.catalog import sold_machine
from .regions import REGIONS, zones


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """What a machine type demands of its node pool.

    Attributes:
        accelerator: Accelerator type; empty for machines without GPUs.
        disks: Disk types that it boots from.
        local_disks: How many local disks it has and always has; None for machines that let one choose.
        cards: Networks besides the first that a node may be attached to; 0 for none.
        oldest: Oldest GKE version as numbers.
        reserved_only: Whether it is had by reservations only.
        quota: Quota that it counts against, as the Cloud Quotas API spells it in front of ``-per-project-region``.
        zones: Last letters of the zones that have it.
    """

    accelerator: str = ""
    disks: frozenset[str] = frozenset({"pd-balanced", "pd-ssd", "pd-standard"})
    local_disks: int | None = None
    cards: int = 7
    oldest: tuple[int, int, int, int] = (1, 0, 0, 0)
    reserved_only: bool = False
    quota: str = "CPUS-PER-VM-FAMILY"
    zones: str = "abcdf"


@cache
def machine_types() -> Mapping[str, Hardware]:
    """Every machine type that Compute Engine has, by its name."""
    return {row["name"]: _hardware(row) for row in read_rows(Path(__file__).with_suffix(".csv"))}


def _hardware(row: Row) -> Hardware:
    return Hardware(
        accelerator=row["accelerator"],
        disks=frozenset(words(row["boot_disks"])),
        local_disks=whole(row["local_disks"]) if row["local_disks"] else None,
        cards=whole(row["cards"]),
        oldest=_release(row["oldest"]) if row["oldest"] else (1, 0, 0, 0),
        reserved_only=yes(row["reserved_only"]),
        quota=row["quota"],
        zones=row["zones"],
    )


def _release(text: str) -> tuple[int, int, int, int]:
    version, _, build = text.partition("-gke.")
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch, int(build)


def machine(name: str) -> InstanceType | None:
    """The machine type of that name, if Google Cloud has one."""
    return sold_machine(name, machine_types())


def hardware(name: str) -> Hardware:
    """What the machine type demands; the ordinary for one that does not exist, which is refused anyway."""
    return machine_types().get(name, Hardware())


def offered_in(call: Call, name: str, region: str) -> tuple[str, ...]:
    """Zones of a region that have a machine type; the fact ``offering:<type>`` is what tests change."""
    if machine(name) is None:
        return ()
    own = call.account.fact(f"offering:{name}")
    if own is not None:
        return tuple(zone for zone in own.split() if zone.startswith(f"{region}-"))
    return tuple(zone for zone in zones(region) if zone[-1] in hardware(name).zones)


def rdma_zones() -> frozenset[str]:
    """Zones that have an RDMA network profile."""
    return frozenset(zone for region in REGIONS for zone in zones(region) if zone[-1] in "ab")
