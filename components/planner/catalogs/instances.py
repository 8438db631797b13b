"""Machine types of the four environments: what a node holds and, where known, what it costs.

Owns the rows. The fabric profile of a machine is in ``fabrics``; the nodes that the simulation
makes of it are in ``shapes``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from ...contracts.fabric import Transport
from .table import Row, number, read_table, unknown_name, whole, words, yes


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """An on-demand price; unknown prices are None where a Price is expected, never 0."""

    usd_per_hour: float
    region: str
    date: str
    """Day the price was read, ISO 8601."""
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceType:
    """One machine type. None means unknown."""

    cloud: str
    """``aws``, ``gcp``, ``azure`` or ``onprem``."""
    name: str
    gpu: str | None
    """Name in the GPU catalog; None for a machine without GPUs."""
    gpus: int
    """GPUs that the machine sees."""
    gpu_fraction: float
    """Share of each GPU that the machine owns; below 1 for sliced vGPU machines."""
    nvlink_domain: int
    """GPUs joined by NVLink that a pod here can reach, beyond the machine in a rack-scale domain."""
    architecture: str
    """``amd64`` or ``arm64``."""
    vcpus: int
    memory_gib: float
    nvme_gb: float | None
    """Local scratch disks, 10^9 bytes."""
    network_gbps: float | None
    """All ordinary and RDMA network cards together."""
    rdma: Transport
    """Fabric for GPU traffic between nodes."""
    rdma_nics: int
    rdma_gbps: float
    """All fabric cards of the machine together, Gbit/s per direction."""
    accelerator_key: str | None
    """GKE accelerator type, where the cloud has one."""
    sold_as: frozenset[str]
    """Kinds of capacity that the machine is sold as, such as ``spot``; empty for the user's own hosts."""
    quota: str | None
    """Quota that it counts against, as the cloud names it; None where only the cloud's API tells."""
    boot_disk: str | None
    """Type of the disk that it boots from, where the cloud lets one choose and not every machine takes every type."""
    kubernetes_oldest: tuple[str, ...]
    """Oldest versions of the cloud's Kubernetes with such nodes, one for each minor version that got them later."""
    local_disk_gb: int | None
    """Size of one local disk where they are asked for by number, 10^9 bytes."""
    ephemeral_gib: int
    """Largest OS disk that fits on the machine itself, GiB; 0 where none does."""
    raw_disks: bool
    """Whether its local disks are separate devices that the cloud leaves alone."""
    vgpu: bool
    """Whether its GPUs are virtual, which only NVIDIA's GRID driver drives."""
    price: Price | None
    source: str
    notes: str

    @property
    def usd_per_hour(self) -> float | None:
        """On-demand US dollars per hour; None when unknown."""
        return self.price.usd_per_hour if self.price else None

    @property
    def ordinary_gbps(self) -> float | None:
        """What TCP has, Gbit/s and direction: what RDMA leaves, or the first of cards that carry both."""
        if self.network_gbps is None:
            return None
        rest = self.network_gbps - self.rdma_gbps
        return rest if rest > 0 or not self.rdma_nics else self.rdma_gbps / self.rdma_nics

    @property
    def has_whole_gpus(self) -> bool:
        """Whether its GPUs are not slices."""
        return self.gpus > 0 and math.isclose(self.gpu_fraction, 1.0)


def _price(row: Row) -> Price | None:
    if not row["usd_per_hour"]:
        return None
    return Price(
        usd_per_hour=float(row["usd_per_hour"]),
        region=row["price_region"],
        date=row["price_date"],
        source=row["price_source"],
    )


def _instance(row: Row) -> InstanceType:
    return InstanceType(
        cloud=row["cloud"],
        name=row["name"],
        gpu=row["gpu"] or None,
        gpus=whole(row["gpus"]),
        gpu_fraction=float(row["gpu_fraction"]),
        nvlink_domain=whole(row["nvlink_domain"]),
        architecture=row["architecture"],
        vcpus=whole(row["vcpus"]),
        memory_gib=float(row["memory_gib"]),
        nvme_gb=number(row["nvme_gb"]),
        network_gbps=number(row["network_gbps"]),
        rdma=Transport(row["rdma_kind"] or "none"),
        rdma_nics=whole(row["rdma_nics"]),
        rdma_gbps=number(row["rdma_gbps"]) or 0.0,
        accelerator_key=row["accelerator_key"] or None,
        sold_as=frozenset(words(row["sold_as"])),
        quota=row["quota"] or None,
        boot_disk=row["boot_disk"] or None,
        kubernetes_oldest=words(row["kubernetes_oldest"]),
        local_disk_gb=whole(row["local_disk_gb"]) or None,
        ephemeral_gib=whole(row["ephemeral_gib"]),
        raw_disks=yes(row["raw_disks"]),
        vgpu=yes(row["vgpu"]),
        price=_price(row),
        source=row["source"],
        notes=row["notes"],
    )


@cache
def instances() -> tuple[InstanceType, ...]:
    """All machine types."""
    return tuple(_instance(row) for row in read_table("instances"))


@cache
def _by_name() -> dict[str, InstanceType]:
    return {machine.name.casefold(): machine for machine in instances()}


@cache
def _by_exact_name() -> dict[str, InstanceType]:
    return {machine.name: machine for machine in instances()}


def known_instance(name: str) -> InstanceType | None:
    """The machine type of exactly that name, as clouds take it; None where the catalog has none."""
    return _by_exact_name().get(name)


def instance(name: str) -> InstanceType:
    """The machine type of that name, letter case ignored.

    Raises:
        StrataError: when there is none, naming the nearest.
    """
    found = _by_name().get(name.casefold())
    if found is None:
        raise unknown_name("instance", "instance_type", name, (machine.name for machine in instances()))
    return found
