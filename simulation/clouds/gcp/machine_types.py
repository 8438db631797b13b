"""What Compute Engine and GKE know of machine types: GPUs, disks, cards, and where this project may have them.

Written down apart from the tables that the program uses, so that a mistake there is refused here. Sources:
https://cloud.google.com/compute/docs/accelerator-optimized-machines (disks, cards) and
https://cloud.google.com/compute/docs/gpus/gpu-regions-zones.
"""

from __future__ import annotations

from dataclasses import dataclass

from components.contracts.errors import StrataError
from components.planner.catalogs.instances import InstanceType, instance

from ...provider.tables import Call
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
        zones: Last letters of the zones that have it.
    """

    accelerator: str = ""
    disks: frozenset[str] = frozenset({"pd-balanced", "pd-ssd", "pd-standard"})
    local_disks: int | None = None
    cards: int = 7
    oldest: tuple[int, int, int, int] = (1, 0, 0, 0)
    reserved_only: bool = False
    zones: str = "abcdf"


_HYPERDISK = frozenset({"hyperdisk-balanced"})
_EITHER = frozenset({"pd-balanced", "pd-ssd", "hyperdisk-balanced"})
_TYPES: dict[str, Hardware] = {
    "a2-highgpu-": Hardware(accelerator="nvidia-tesla-a100"),
    "a2-megagpu-": Hardware(accelerator="nvidia-tesla-a100"),
    "a2-ultragpu-": Hardware(accelerator="nvidia-a100-80gb"),
    "a3-highgpu-": Hardware(accelerator="nvidia-h100-80gb", disks=_EITHER),
    "a3-highgpu-8g": Hardware(
        accelerator="nvidia-h100-80gb", disks=_EITHER, local_disks=16, cards=4, oldest=(1, 28, 6, 1369000)
    ),
    "a3-megagpu-8g": Hardware(
        accelerator="nvidia-h100-mega-80gb", disks=_EITHER, local_disks=16, cards=8, oldest=(1, 28, 9, 1250000)
    ),
    "a3-ultragpu-8g": Hardware(
        accelerator="nvidia-h200-141gb",
        disks=_HYPERDISK,
        local_disks=32,
        cards=9,
        oldest=(1, 31, 4, 1183000),
        zones="b",
    ),
    "a4-highgpu-8g": Hardware(
        accelerator="nvidia-b200", disks=_HYPERDISK, local_disks=32, cards=9, oldest=(1, 32, 2, 1475000), zones="b"
    ),
    "a4x-highgpu-4g": Hardware(
        accelerator="nvidia-gb200",
        disks=_HYPERDISK,
        local_disks=4,
        cards=5,
        oldest=(1, 32, 8, 1108000),
        reserved_only=True,
        zones="a",
    ),
    "a4x-maxgpu-4g-metal": Hardware(
        accelerator="nvidia-gb300",
        disks=_HYPERDISK,
        local_disks=4,
        cards=0,
        oldest=(1, 34, 3, 1318000),
        reserved_only=True,
        zones="a",
    ),
    "g2-standard-": Hardware(accelerator="nvidia-l4", zones="abc"),
    "g4-standard-": Hardware(
        accelerator="nvidia-rtx-pro-6000", disks=_HYPERDISK, oldest=(1, 34, 0, 1662000), zones="bf"
    ),
    "c3-standard-": Hardware(disks=_EITHER),
    "c4-standard-": Hardware(disks=_HYPERDISK),
    "n2-standard-": Hardware(),
}


def machine(name: str) -> InstanceType | None:
    """The machine type of that name, if Google Cloud has one."""
    try:
        found = instance(name)
    except StrataError:
        return None
    return found if found.cloud == "gcp" and found.name == name else None


def hardware(name: str) -> Hardware:
    """What the machine type demands; the ordinary for one that no row names."""
    fitting = [beginning for beginning in _TYPES if name.startswith(beginning)]
    return _TYPES[max(fitting, key=len)] if fitting else Hardware()


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
