"""How a GPU's memory is divided: what is left for keys and values, and how many requests that holds.

``KV = utilization × usable - weights - activations - non-torch - CUDA graphs - margin``, as vLLM's
``determine_available_memory`` computes it at start-up, with a margin in place of its measurement.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..catalogs.gpus import GIB, Gpu
from ..catalogs.models import ModelSpec
from .engine import EngineMemory
from .kv_cache import CacheShape, concurrent
from .layout import Layout
from .weights import weights

_MARGIN_GIB = 0.5
_MARGIN_SHARE = 0.01
"""Margin: half a GiB and 1 % of the GPU. It covers the optimistic errors of docs/accuracy.md."""
_MARGIN_EXPERTS_GIB = 0.5
"""More where experts lie on several GPUs: Qwen3-Coder-480B on H20 (p069) took 1.6 GiB that no formula accounts for, and
DeepSeek-R1 and V3.2 on H200 were seen to take up to 2.6."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """Bytes on the fullest GPU of a replica."""

    usable: float
    utilization: float
    weights: float
    engine: EngineMemory
    margin: float

    @property
    def kv_cache(self) -> float:
        """Left for keys and values; negative when not even the weights fit."""
        return self.utilization * self.usable - self.weights - self.engine.total - self.margin


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """What the cache of a replica holds."""

    concurrent: float
    """Requests of the full context length at once, over all data-parallel ranks."""
    tokens: int
    """``concurrent`` × context length, as vLLM prints it."""


def margin(spec: ModelSpec, gpu: Gpu, layout: Layout) -> float:
    """Bytes left free on purpose."""
    spread = _MARGIN_EXPERTS_GIB if spec.experts and layout.gpus > 1 else 0.0
    return (_MARGIN_GIB + spread) * GIB + _MARGIN_SHARE * gpu.usable_bytes


def budget(
    spec: ModelSpec, gpu: Gpu, layout: Layout, engine: EngineMemory, utilization: float, *, spare: float | None = None
) -> Budget:
    """Divide the memory of ``gpu``; ``spare`` replaces the default margin (bytes)."""
    return Budget(
        usable=gpu.usable_bytes,
        utilization=utilization,
        weights=weights(spec, layout, gpu).total,
        engine=engine,
        margin=margin(spec, gpu, layout) if spare is None else spare,
    )


def capacity(shape: CacheShape, cache: float, layout: Layout, context: int, batched_tokens: int) -> Capacity:
    """What a cache of ``cache`` bytes per GPU holds at a context of ``context`` tokens."""
    per_replica = concurrent(shape, cache, context, batched_tokens)
    total = per_replica * layout.data_parallel
    return Capacity(concurrent=total, tokens=int(total * context) if total < float("inf") else 0)
