"""GPUs: memory, bandwidth, arithmetic and NVLink, dense and per GPU.

Owns facts of the device. How many sit in a machine is in ``instances``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from .table import Row, number, read_table, unknown_name, whole, words

GIB = 2**30


@dataclass(frozen=True, kw_only=True, slots=True)
class MigProfile:
    """One kind of partition of a GPU."""

    name: str
    """As NVIDIA spells it, such as ``1g.10gb``."""
    most: int
    """How many of them one GPU holds at once."""
    memory_gib: float
    """As the driver reports it to a program inside, in GiB."""
    memory_share: Fraction
    """Share of the GPU's memory slices, and so of its bandwidth."""
    compute_share: Fraction
    """Share of the GPU's multiprocessors."""
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Gpu:
    """One GPU model. FLOPS are dense, bandwidths are per GPU and direction; None is "does not have"."""

    name: str
    """Name in this catalog, such as ``H100-SXM``."""
    aliases: tuple[str, ...]
    product_label: str
    """Value of ``nvidia.com/gpu.product`` that GPU feature discovery sets; empty for other vendors."""
    architecture: str
    compute_capability: float
    """Major and minor as one number, such as 8.9; 0 for other vendors."""
    memory_gib: float
    """As sold."""
    usable_gib: float
    """What a program may allocate, in GiB: CUDA's total."""
    driver_mib: int
    """The driver's total, as ``nvidia-smi`` and ``nvidia.com/gpu.memory`` have it: with what it keeps to itself."""
    bandwidth_gbs: float
    """HBM or GDDR bandwidth, 10^9 bytes per second."""
    bf16_tflops: float | None
    fp16_tflops: float | None
    fp8_tflops: float | None
    fp4_tflops: float | None
    nvlink_gbs: float | None
    """NVLink bandwidth per direction, 10^9 bytes per second; None over PCIe only."""
    nvlink_domain: int
    """Most GPUs that one NVLink domain joins; a machine may hold fewer."""
    mig_profiles: tuple[MigProfile, ...]
    """Partitions that it can be cut into; empty where it cannot be partitioned."""
    source: str

    def __hash__(self) -> int:
        # Every cached sizing is keyed by the GPU: the name identifies the row.
        return hash(self.name)

    @property
    def usable_bytes(self) -> int:
        """Usable memory in bytes."""
        return round(self.usable_gib * GIB)

    @property
    def is_nvidia(self) -> bool:
        """Whether CUDA engines run on it at all."""
        return bool(self.product_label)


def _gpu(row: Row) -> Gpu:
    return Gpu(
        name=row["name"],
        aliases=words(row["aliases"]),
        product_label=row["product_label"],
        architecture=row["architecture"],
        compute_capability=number(row["compute_capability"]) or 0.0,
        memory_gib=float(row["memory_gib"]),
        usable_gib=float(row["usable_gib"]),
        # Where no published output of nvidia-smi was found, without what the driver keeps.
        driver_mib=int(row["driver_mib"] or float(row["usable_gib"]) * 1024),
        bandwidth_gbs=float(row["bandwidth_gbs"]),
        bf16_tflops=number(row["bf16_tflops"]),
        fp16_tflops=number(row["fp16_tflops"]),
        fp8_tflops=number(row["fp8_tflops"]),
        fp4_tflops=number(row["fp4_tflops"]),
        nvlink_gbs=number(row["nvlink_gbs"]),
        nvlink_domain=whole(row["nvlink_domain"]),
        mig_profiles=_mig_profiles().get(row["name"], ()),
        source=row["source"],
    )


@cache
def _mig_profiles() -> Mapping[str, tuple[MigProfile, ...]]:
    """Partitions by the GPU that can be cut into them."""
    found: defaultdict[str, list[MigProfile]] = defaultdict(list)
    for row in read_table("mig_profiles"):
        found[row["gpu"]].append(
            MigProfile(
                name=row["profile"],
                most=whole(row["most"]),
                memory_gib=float(row["memory_gib"]),
                memory_share=Fraction(row["memory_share"]),
                compute_share=Fraction(row["compute_share"]),
                source=row["source"],
            )
        )
    return {name: tuple(profiles) for name, profiles in found.items()}


@cache
def gpus() -> tuple[Gpu, ...]:
    """All GPUs, oldest first."""
    return tuple(_gpu(row) for row in read_table("gpus"))


@cache
def _by_name() -> dict[str, Gpu]:
    named = {alias.casefold(): gpu for gpu in gpus() for alias in gpu.aliases}
    return named | {gpu.name.casefold(): gpu for gpu in gpus()}


def gpu(name: str) -> Gpu:
    """The GPU of that name or alias, letter case ignored.

    Raises:
        StrataError: when there is none, naming the nearest.
    """
    found = _by_name().get(name.casefold())
    if found is None:
        raise unknown_name("GPU", "gpu", name, (card.name for card in gpus()))
    return found
