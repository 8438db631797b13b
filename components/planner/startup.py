"""Storage for a checkpoint, and how long a server takes from start to ready.

Load time is bounded by the shared storage as one node sees it and by PCIe into the GPUs. Compilation, CUDA
graph capture and the start of Python and NCCL are estimates from start-up logs (30 to 120 seconds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

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
"""Bytes per second, below every shared file system that works. Published limits are peaks: one node read 894 GiB
from EFS in 43 minutes (modelplane#204) and 1,044 GiB from Lustre in 75 (aws-do-eks#40), 0.37 and 0.25 GB/s."""
MARGIN = 2.0
"""A start this many times slower than expected is still healthy: storage is shared and caches are cold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartUp:
    """Storage and start-up of one server, with the arithmetic."""

    storage: StoragePlan
    load_because: str
    budget_because: str
    volume_because: str


def start_up(
    checkpoint: int, weights_per_gpu: float, read_bytes_per_second: float, *, has_graphs: bool = True
) -> StartUp:
    """From the checkpoint's bytes, those of the fullest GPU, and the storage's read bandwidth (bytes per second)."""
    from_storage = min(checkpoint / read_bytes_per_second, _LONGEST)
    to_gpu = weights_per_gpu / PCIE_BYTES_PER_SECOND
    load = max(from_storage, to_gpu)
    compile_seconds = COMPILE_SECONDS if has_graphs else 0.0
    rest = compile_seconds + PROCESS_SECONDS
    slowest = min(checkpoint / _SLOWEST_STORAGE, _LONGEST)
    startup = _whole_tens(max(MARGIN * (load + rest), slowest + rest))
    volume = math.ceil(checkpoint * _VOLUME_SHARE / GIB) * GIB
    return StartUp(
        storage=StoragePlan(
            checkpoint=ByteSize(checkpoint),
            volume=ByteSize(volume),
            load=Duration(round(load, 3)),
            startup_budget=Duration(startup),
        ),
        load_because=f"max({checkpoint / 1e9:.1f} GB / {read_bytes_per_second / 1e9:.2f} GB/s of shared storage"
        f" per node = {from_storage:.0f} s, {weights_per_gpu / 1e9:.1f} GB / {PCIE_BYTES_PER_SECOND / 1e9:.0f} GB/s"
        f" over PCIe = {to_gpu:.0f} s)",
        budget_because=f"max({MARGIN:g} × (load {load:.0f} s + {rest:.0f} s), {slowest:.0f} s at"
        f" {_SLOWEST_STORAGE / 1e9:g} GB/s + {rest:.0f} s); compilation and CUDA graphs take {compile_seconds:.0f} s"
        f" of these, the start of the process {PROCESS_SECONDS:.0f} s",
        volume_because=f"{_VOLUME_SHARE:g} × {checkpoint / GIB:.1f} GiB, rounded up",
    )


def _whole_tens(seconds: float) -> float:
    return math.ceil(seconds / 10) * 10.0
