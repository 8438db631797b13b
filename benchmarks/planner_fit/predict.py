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
from components.planner.speed.terms import Links

from .rows import Measured

_RENAMED = {"zhipuai/GLM-5": "zai-org/GLM-5"}
_SIXTEEN_BIT = {Precision.BF16, Precision.FP16}
_FP8_CACHE = {"meta-llama/Llama-3.1-70B", "Qwen/Qwen3.5-397B-A17B"}
_FP8_CACHE_ON_BLACKWELL = {"deepseek_v3", "glm_moe_dsa", "gpt_oss", "minimax_m2"}
_NATIVE_ONLY = {Precision.MXFP4, Precision.INT4}
_UTILIZATION, _TIGHT_UTILIZATION = 0.9, 0.95
"""Engines' share of GPU memory, which the rows do not record, and what the campaign's scripts raise it to where the
weights alone take most of it (``MEM_FRAC_STATIC`` of dsr1_fp8_b200.sh)."""
_TIGHT = 0.85
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


def _kv_precision(row: Measured, spec: ModelSpec, card: Gpu) -> KvPrecision:
    """The rows do not record it; the scripts of their campaign do.

    github.com/SemiAnalysisAI/InferenceX, benchmarks/ between 2025-10 and 2026-04, read 2026-11-28: FP8 in all of
    Llama 70B's, TensorRT-LLM's and Qwen3.5's (without its 16-bit ones), elsewhere on Blackwell only, and never in those
    of Kimi in INT4. ModelOpt's NVFP4 checkpoints ask for FP8 themselves.
    """
    precision, family = spec.native.precision, family_of(spec)
    if precision in _SIXTEEN_BIT:
        return KvPrecision.BF16
    blackwell = card.architecture == "blackwell"
    own = precision is Precision.NVFP4 or (row.engine is Engine.TENSORRT_LLM and precision is not Precision.MXFP4)
    asked = row.model in _FP8_CACHE or (blackwell and family in _FP8_CACHE_ON_BLACKWELL)
    return KvPrecision.FP8 if own or asked else KvPrecision.BF16


@lru_cache(maxsize=4096)
def _places(spec: ModelSpec, card: Gpu, layout: Layout, kv: KvPrecision, lengths: Lengths, engine: Engine) -> float:
    """Requests whose cache fits the deployment at once; 0 when the weights do not fit."""
    held, usable = weights(spec, layout, card).total, card.usable_bytes
    if held > _FULL * usable:
        return 0.0
    if engine is Engine.TENSORRT_LLM:
        # Its share is of what the weights leave (``free_gpu_memory_fraction``).
        free = _UTILIZATION * (usable - held - _ENGINE_GIB * GIB)
    else:
        share = _TIGHT_UTILIZATION if held > _TIGHT * usable else _UTILIZATION
        free = share * usable - held - _ENGINE_GIB * GIB
    free = max(free, 0.25 * GIB)
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
    kv = _kv_precision(row, spec, card)
    lengths = Lengths(float(row.input_tokens), float(row.output_tokens))
    places = _places(spec, card, layout, kv, lengths, row.engine)
    if not places:
        return "its weights do not fit the GPUs recorded"
    running = min(row.concurrency, places)
    work = workload(spec, kv, card, layout, Links(nvlink_domain=card.nvlink_domain), row.engine)
    return Case(row, family_of(spec), work, lengths, running, row.concurrency - running)
