"""Storage for a checkpoint, and how long a server takes from start to ready.

Load time is bounded by what the shared storage sustains for one node and by PCIe into the GPUs. Compilation, CUDA
graph capture and the start of Python and NCCL are estimates from start-up logs (30 to 120 seconds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..contracts.cluster_facts import VolumeClass
from ..contracts.quantities import ByteSize, Duration
from ..contracts.serving import StoragePlan

GIB = 2**30
_VOLUME_SHARE = 1.1
"""Room above the checkpoint for tokenizers, a half-finished download and the file system's own."""
PCIE_BYTES_PER_SECOND = 25e9
"""Host to GPU over PCIe 4.0 × 16 as measured."""
COMPILE_SECONDS = 120.0
"""torch.compile and CUDA graphs, upper end of what logs show for a cold cache."""
_LONGEST = 30 * 86400.0
"""Upper limit of a load time: a month."""
PROCESS_SECONDS = 60.0
"""Imports, CUDA context, NCCL, tokenizer."""
_SLOWEST_STORAGE = 0.2e9
"""Bytes per second, below every shared file system that works."""
_SEEN = {
    "efs.csi.aws.com": (0.37e9, "894 GiB took 43 minutes, modelplane#204"),
    "fsx.csi.aws.com": (0.25e9, "1,044 GiB took 75 minutes, aws-do-eks#40"),
}
"""What one node read for the whole of a load, bytes per second: published limits are peaks, and for many readers."""
MARGIN = 2.0
"""A start this many times slower than expected is still healthy: storage is shared and caches are cold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What one node reads of a model's storage for as long as it loads."""

    bytes_per_second: float
    because: str


def sustained(volume: VolumeClass, stated: float | None = None) -> Read:
    """Of a storage class: as ``stated``, else as people saw its driver read, and never more than is published of it."""
    if stated is not None:
        return Read(bytes_per_second=stated, because="as the request states")
    published = volume.read_bytes_per_second
    seen, where = _SEEN.get(volume.provisioner, (published, ""))
    if seen >= published:
        return Read(bytes_per_second=published, because="of shared storage per node")
    return Read(bytes_per_second=seen, because=f"that a node sustained ({where}; {published / 1e9:.2f} published)")


@dataclass(frozen=True, kw_only=True, slots=True)
class StartUp:
    """Storage and start-up of one server, with the arithmetic."""

    storage: StoragePlan
    load_because: str
    start_because: str
    budget_because: str
    volume_because: str


def start_up(checkpoint: int, weights_per_gpu: float, read: Read, *, has_graphs: bool = True) -> StartUp:
    """From the checkpoint's bytes, those of the fullest GPU, and what a node reads of the storage."""
    from_storage = min(checkpoint / read.bytes_per_second, _LONGEST)
    to_gpu = weights_per_gpu / PCIE_BYTES_PER_SECOND
    load = max(from_storage, to_gpu)
    compile_seconds = COMPILE_SECONDS if has_graphs else 0.0
    rest = compile_seconds + PROCESS_SECONDS
    slowest = min(checkpoint / _SLOWEST_STORAGE, _LONGEST)
    budget = _whole_tens(max(MARGIN * (load + rest), slowest + rest))
    volume = math.ceil(checkpoint * _VOLUME_SHARE / GIB) * GIB
    others = f"compilation and CUDA graphs {compile_seconds:.0f} s, process {PROCESS_SECONDS:.0f} s"
    return StartUp(
        storage=StoragePlan(
            checkpoint=ByteSize(checkpoint),
            volume=ByteSize(volume),
            load=Duration(round(load, 3)),
            start=Duration(round(load + rest)),
            startup_budget=Duration(budget),
        ),
        load_because=f"max({checkpoint / 1e9:.1f} GB / {read.bytes_per_second / 1e9:.2f} GB/s {read.because}"
        f" = {from_storage:.0f} s, {weights_per_gpu / 1e9:.1f} GB / {PCIE_BYTES_PER_SECOND / 1e9:.0f} GB/s"
        f" over PCIe = {to_gpu:.0f} s)",
        start_because=f"load {load:.0f} s, {others}; with kernels that another start left the compilation falls away",
        budget_because=f"max({MARGIN:g} × (load {load:.0f} s + {rest:.0f} s), {slowest:.0f} s at"
        f" {_SLOWEST_STORAGE / 1e9:g} GB/s + {rest:.0f} s)",
        volume_because=f"{_VOLUME_SHARE:g} × {checkpoint / GIB:.1f} GiB, rounded up",
    )


def _whole_tens(seconds: float) -> float:
    return math.ceil(seconds / 10) * 10.0
