"""A measured deployment in the planner's terms, and what the planner says of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from components.contracts.errors import StrataError
from components.contracts.serving import Engine, KvPrecision, Precision
from components.planner.catalogs.gpus import GIB, Gpu, gpu
from components.planner.catalogs.models import ModelSpec, model
from components.planner.catalogs.quantized import Quantization, Scope
from components.planner.memory.kv_cache import cache_shape
from components.planner.memory.layout import Layout
from components.planner.memory.weights import weights
from components.planner.speed import Lengths, Workload
from components.planner.speed.catalog import workload

from .rows import Measured

_RENAMED = {"zhipuai/GLM-5": "zai-org/GLM-5"}
_NATIVE_ONLY = {Precision.MXFP4, Precision.INT4}
_UTILIZATION = 0.9
"""Engines' share of GPU memory; the rows do not record it."""
_ENGINE_GIB = 1.5
"""Activations, CUDA and NCCL buffers, roughly."""
_FULL = 0.95
"""With weights beyond this share of memory no engine starts."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row made ready for the formulas."""

    row: Measured
    family: str
    work: Workload
    lengths: Lengths
    running: float
    """Requests that run at once: the concurrency, or what the cache holds if that is less."""
    queued: float
    """Requests that wait for a place in the cache."""


def family_of(spec: ModelSpec) -> str:
    """Models that share an architecture and a maker."""
    name = spec.id.casefold()
    return "kimi" if "kimi" in name else spec.family


@lru_cache(maxsize=1024)
def _spec(name: str, precision: str) -> ModelSpec:
    """The catalogued model with the checkpoint that the row's precision means."""
    spec = model(_RENAMED.get(name, name))
    if spec.native.precision in _NATIVE_ONLY and (precision != "nvfp4" or spec.native.precision is Precision.MXFP4):
        return spec
    wanted = Precision(precision)
    if wanted is spec.native.precision:
        return spec
    for variant, other in spec.variants:
        if variant is wanted:
            try:
                return model(other)
            except StrataError:
                break
    if wanted is Precision.NVFP4:
        # ModelOpt's checkpoints of models with experts leave attention in 16 bit.
        scope = Scope.FEED_FORWARD if spec.experts else Scope.LINEAR
        return spec.sized(quantization=Quantization(precision=wanted, scope=scope, group=16))
    return spec.sized(quantization=Quantization(precision=wanted, block=128 if wanted is Precision.FP8 else 0))


def _kv_precision(row: Measured, spec: ModelSpec) -> KvPrecision:
    """The rows do not record it: ModelOpt's NVFP4 checkpoints ask for FP8, as TensorRT-LLM's FP8 engines do."""
    eight = spec.native.precision is Precision.NVFP4
    if row.engine is Engine.TENSORRT_LLM:
        eight = spec.native.precision not in {Precision.BF16, Precision.FP16}
    return KvPrecision.FP8 if eight else KvPrecision.BF16


@lru_cache(maxsize=4096)
def _places(spec: ModelSpec, card: Gpu, layout: Layout, kv: KvPrecision, lengths: Lengths) -> float:
    """Requests whose cache fits the deployment at once; 0 when the weights do not fit."""
    held = weights(spec, layout, card).total
    if held > _FULL * card.usable_bytes:
        return 0.0
    free = max(_UTILIZATION * card.usable_bytes - held - _ENGINE_GIB * GIB, 0.25 * GIB)
    tokens = int(lengths.input_tokens + lengths.output_tokens / 2)
    request = cache_shape(spec, layout, kv).request(tokens, 1)
    return max(free / request, 1.0) * layout.data_parallel


def case(row: Measured) -> Case | str:
    """The row in the planner's terms, or why it cannot be."""
    try:
        spec, card = _spec(row.model, row.precision), gpu(row.gpu)
    except (StrataError, ValueError) as error:
        return f"not in the catalogs: {str(error).splitlines()[0][:80]}"
    layout = Layout(
        tensor_parallel=row.tensor_parallel,
        pipeline_parallel=row.pipeline_parallel,
        data_parallel=row.data_parallel,
        expert_parallel=row.expert_parallel,
    )
    kv = _kv_precision(row, spec)
    lengths = Lengths(float(row.input_tokens), float(row.output_tokens))
    places = _places(spec, card, layout, kv, lengths)
    if not places:
        return "its weights do not fit the GPUs recorded"
    running = min(row.concurrency, places)
    work = workload(spec, kv, card, layout, card.nvlink_domain, None, row.engine)
    return Case(row, family_of(spec), work, lengths, running, row.concurrency - running)
