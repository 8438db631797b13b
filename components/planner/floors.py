"""From which compute capability on an engine has kernels: its image, weights by precision, caches, sparse attention.

Owns the numbers of the pinned releases and where they were read; ``rules`` turns them into refusals. What a GPU
multiplies natively, and so how fast, is in ``catalogs.gpus``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..contracts.machines import Architecture
from ..contracts.serving import Engine, Precision
from .catalogs.gpus import Gpu
from .catalogs.models import GroupedQuery, ModelSpec

IMAGE_FROM: Mapping[Architecture, float] = {Architecture.AMD64: 7.5, Architecture.ARM64: 8.0}
"""Oldest GPU that vLLM's image has code for, by the host's architecture.

Read from the fat binaries of the wheels of vLLM 0.33.0 (``_C_stable_libtorch.abi3.so``): 7.5, 8.0, 8.6, 8.9, 9.0, 10.0
and 12.0 for x86-64; 8.0, 8.7, 8.9, 9.0, 10.0, 11.0 and 12.0 for aarch64. CUDA 13 ended Volta (vllm-project/vllm#39878).
"""

_VLLM: Mapping[Precision, float] = {
    Precision.FP16: 7.5,
    Precision.BF16: 8.0,
    Precision.FP8: 7.5,
    Precision.MXFP4: 8.0,
    Precision.NVFP4: 7.5,
    Precision.AWQ_INT4: 7.5,
    Precision.GPTQ_INT4: 7.5,
    Precision.INT4: 7.5,
}
# vLLM 0.33.0: ``CudaPlatform.supported_dtypes`` (BF16); ``is_fp8_marlin_supported``, ``is_fp4_marlin_supported`` and
# ``MarlinExperts._supports_current_device`` (7.5: weights stay 8 or 4 bit and are multiplied in 16 where the GPU has no
# tensor cores for them); ``Mxfp4Config.get_min_capability`` (8.0); ``query_marlin_supported_quant_types`` (7.5).
_OTHERS: Mapping[Engine, Mapping[Precision, float]] = {
    # SGLang 0.5.16, ``get_min_capability`` of ``Fp8Config``, ``Mxfp4Config``, ``ModelOptFp4Config`` and
    # ``CompressedTensorsWNA16``.
    Engine.SGLANG: {Precision.FP8: 8.0, Precision.NVFP4: 8.0, Precision.INT4: 8.0},
    # TensorRT-LLM, docs/source/features/quantization.md, "Hardware Support Matrix": FP8 from Ada, NVFP4 on Blackwell
    # only, 4-bit integers from Ampere; MXFP4 on Hopper by its guide to gpt-oss, as recalled.
    Engine.TENSORRT_LLM: {
        Precision.FP8: 8.9,
        Precision.MXFP4: 9.0,
        Precision.NVFP4: 10.0,
        Precision.AWQ_INT4: 8.0,
        Precision.GPTQ_INT4: 8.0,
        Precision.INT4: 8.0,
    },
}

_FP8_CACHE_FROM, _FP8_CACHE_TRITON_FROM = 8.0, 8.9
"""Keys and values in FP8, in FlashInfer and in Triton (vLLM 0.33.0: ``FlashInferBackend.supports_compute_capability``,
``TritonAttentionImpl`` and ``TritonMLAImpl``; vllm-project/vllm#47549 and #45375)."""
_FLASHINFER_WIDTHS = frozenset({64, 128, 256, 512})
"""Head dimensions of FlashInfer (vLLM 0.33.0, ``FlashInferBackend.get_supported_head_sizes``)."""
_SINKS = frozenset({"gpt_oss", "mimo_v2_flash"})
"""Families with attention sinks, which FlashInfer has from Hopper on only (vLLM 0.33.0, ``supports_sink``)."""
SPARSE_LATENT_FROM = 9.0
"""Latent attention that an indexer makes sparse (DeepSeek-V3.2 and V4, GLM-5): every backend of it that vLLM 0.33.0 has
for CUDA asks for 9, 10 or 12 (``supports_compute_capability`` in ``v1/attention/backends/mla``)."""


def weights_from(precision: Precision, engine: Engine) -> float:
    """The compute capability from which ``engine`` has kernels for weights of that precision."""
    return _OTHERS.get(engine, {}).get(precision, _VLLM[precision])


def fp8_cache_from(spec: ModelSpec) -> float:
    """The compute capability from which vLLM keeps the keys and values of ``spec`` in FP8."""
    attention, window = spec.attention, spec.window
    if not isinstance(attention, GroupedQuery) or spec.family in _SINKS:
        return _FP8_CACHE_TRITON_FROM
    widths = {attention.head_dim, attention.value_dim}
    if window is not None:
        widths |= {window.head_dim, window.value_dim or window.head_dim}
    alike = attention.head_dim == attention.value_dim and widths <= _FLASHINFER_WIDTHS
    return _FP8_CACHE_FROM if alike else _FP8_CACHE_TRITON_FROM


def runs(gpu: Gpu, precision: Precision, engine: Engine) -> bool:
    """Whether ``engine`` has kernels for weights of that precision on ``gpu``."""
    return gpu.is_nvidia and gpu.compute_capability >= weights_from(precision, engine)
