"""What nodes of a cloud have in common, whatever their machine type: a row for each cloud of the instance catalog.

Owns what kubelets keep of processors and disks, and what pods need on RDMA cards of that cloud.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .table import Row, number, numbers, read_table, whole, words

Shares = tuple[tuple[float, float], ...]
"""Pairs of an amount and the share kept of it; each pair applies to what the pairs before it left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudNodes:
    """The nodes of one cloud."""

    cpu_reserved: float
    """Cores that kubelets keep, however large the machine is."""
    cpu_reserved_shares: Shares
    """Cores that they keep besides, as shares of each further core."""
    disk_reserved_gib: float
    """Kept of the disk that a node boots from, GiB; where it depends on the size, for one of 100 GiB."""
    local_disks_reserved_gib: tuple[int, ...]
    """Kept of local disks, GiB: of one, of two and so on; the last figure is for any further number too."""
    local_disk_gb: float | None
    """Size of one local disk, by which they are counted, 10^9 bytes; None where the number makes no difference."""
    rdma_resource: str | None
    """Resource by which a device plugin counts InfiniBand and RoCE cards; None where cards are not counted."""
    rdma_slots: int
    """How many pods may share the cards of a node, each with one such resource; 0 where a card is one pod's alone."""
    rdma_environment: tuple[tuple[str, str], ...]
    """Variables of pods that use such cards."""
    machine_names: re.Pattern[str] | None
    """Form of its machine types' names; None where users name machines themselves."""
    attached_gpus: tuple[tuple[str, str], ...]
    """GPUs that are attached to machines which the catalog lacks, each with its name at the cloud."""
    gpu_machines: tuple[str, ...]
    """Machines with NVIDIA GPUs, as examples for people to read."""
    source: str

    def local_reserved_gib(self, size_gb: float) -> int:
        """Kept of local disks of that size together, in GiB; the size is in 10^9 bytes."""
        kept = self.local_disks_reserved_gib
        disks = round(size_gb / self.local_disk_gb) if self.local_disk_gb else 0
        return kept[disks - 1] if 0 < disks <= len(kept) else kept[-1]


def _row(row: Row) -> CloudNodes:
    return CloudNodes(
        cpu_reserved=number(row["cpu_reserved"]) or 0.0,
        cpu_reserved_shares=tuple(_share(word) for word in words(row["cpu_reserved_shares"])),
        disk_reserved_gib=float(row["disk_reserved_gib"]),
        local_disks_reserved_gib=numbers(row["local_disks_reserved_gib"]),
        local_disk_gb=number(row["local_disk_gb"]),
        rdma_resource=row["rdma_resource"] or None,
        rdma_slots=whole(row["rdma_slots"]),
        rdma_environment=tuple(_variable(word) for word in words(row["rdma_environment"])),
        machine_names=re.compile(row["machine_names"]) if row["machine_names"] else None,
        attached_gpus=tuple(_variable(word) for word in words(row["attached_gpus"])),
        gpu_machines=words(row["gpu_machines"]),
        source=row["source"],
    )


def _share(word: str) -> tuple[float, float]:
    amount, found, share = word.rpartition(":")
    return float(amount) if found else float("inf"), float(share)


def _variable(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


@cache
def clouds() -> Mapping[str, CloudNodes]:
    """The nodes by name of the cloud."""
    return {row["cloud"]: _row(row) for row in read_table("clouds")}


def cloud_of(machine: str) -> str:
    """The cloud that gives its machine types names of that form; the user's own hosts where none does.

    Args:
        machine: Name of a machine type, in the catalog or not.
    """
    forms = {cloud: nodes.machine_names for cloud, nodes in clouds().items()}
    named = next((cloud for cloud, form in forms.items() if form and form.fullmatch(machine)), None)
    return named or next(cloud for cloud, form in forms.items() if form is None)
