"""A replica of a model and GPU from the catalogs, in the terms of this package."""

from __future__ import annotations

from functools import lru_cache

from ...contracts.serving import Engine, KvPrecision, Precision
from ..catalogs.gpus import Gpu
from ..catalogs.models import Compressed, Latent, ModelSpec
from ..memory.compressed_cache import held_bytes
from ..memory.kv_cache import growing_bytes, state_bytes, window_bytes
from ..memory.layout import Layout
from ..memory.parameters import parameters
from ..memory.weights import dense_bytes, expert_bytes
from .kernels import kernel_launches
from .terms import NO_DRAFTS, PCIE_BYTES_PER_SECOND, Drafting, GpuTerms, Links, ModelTerms
from .workload import Workload

_SINGLE = Layout()
_SIXTEEN_BIT = {Precision.BF16, Precision.FP16}


@lru_cache(maxsize=4096)
def model_terms(spec: ModelSpec, kv: KvPrecision) -> ModelTerms:
    """What a step reads and computes of the model at its native quantization."""
    prefill, decode = _attention_flops(spec)
    experts = spec.experts
    return ModelTerms(
        layers=spec.layers,
        moe_layers=experts.layers if experts else 0,
        hidden=spec.hidden,
        experts=experts.count if experts else 0,
        active_experts=experts.active if experts else 0,
        dense_bytes=dense_bytes(spec),
        expert_bytes=expert_bytes(spec),
        active_parameters=parameters(spec).active(spec),
        kv_bytes_per_token=growing_bytes(spec, _SINGLE, kv),
        kv_heads=spec.kv_heads,
        prefill_attention_flops=prefill,
        decode_attention_flops=decode,
        window=spec.window.tokens if spec.window else 0,
        window_kv_bytes_per_token=window_bytes(spec, _SINGLE, kv),
        state_bytes_per_sequence=_constant(spec),
        launches=kernel_launches(spec),
    )


def _constant(spec: ModelSpec) -> float:
    """Bytes that a step reads of a sequence whatever its length."""
    if isinstance(spec.attention, Compressed):
        return held_bytes(spec.attention)
    return state_bytes(spec)


def _attention_flops(spec: ModelSpec) -> tuple[float, float]:
    """FLOPs per pair of tokens while prefilling and while decoding: two multiply-adds per element of each head."""
    attention = spec.attention
    if isinstance(attention, Latent):
        each = 2.0 * attention.heads * spec.full_layers
        return (
            each * (attention.nope_dim + attention.rope_dim + attention.value_dim),
            each * (2 * attention.kv_rank + attention.rope_dim),
        )
    if isinstance(attention, Compressed):
        # Keys and values are one vector; entries stand for 4 or 128 tokens each.
        seen = attention.fine_layers / 4 + attention.coarse_layers / 128
        compressed = 2.0 * attention.heads * 2 * attention.head_dim * seen
        return compressed, compressed
    layers = spec.layers if spec.is_encoder else spec.full_layers
    both = 2.0 * attention.heads * (attention.head_dim + attention.value_dim) * layers
    return both, both


@lru_cache(maxsize=4096)
def gpu_terms(gpu: Gpu, precision: Precision, links: Links) -> GpuTerms:
    """The GPU computing in ``precision``."""
    sixteen = gpu.bf16_tflops or gpu.fp16_tflops or 1.0
    # gpt-oss quantizes activations to 8 bit, if at all, so that MXFP4 weights are multiplied at the FP8 rate.
    native = {
        Precision.FP8: gpu.fp8_tflops,
        Precision.NVFP4: gpu.fp4_tflops,
        Precision.MXFP4: gpu.fp8_tflops if gpu.fp4_tflops else None,
    }.get(precision)
    return GpuTerms(
        bandwidth=gpu.bandwidth_gbs * 1e9,
        flops=(native or sixteen) * 1e12,
        attention_flops=sixteen * 1e12,
        link_bandwidth=gpu.nvlink_gbs * 1e9 if gpu.nvlink_gbs else PCIE_BYTES_PER_SECOND,
        link_domain=max(1, links.nvlink_domain),
        node_gpus=links.node_gpus,
        expands=native is None and precision not in _SIXTEEN_BIT,
        fabric_bandwidth=links.fabric,
    )


@lru_cache(maxsize=16384)
def workload(
    spec: ModelSpec,
    kv: KvPrecision,
    gpu: Gpu,
    layout: Layout,
    links: Links,
    engine: Engine,
    drafting: Drafting = NO_DRAFTS,
) -> Workload:
    """One replica."""
    return Workload(
        model=model_terms(spec, kv),
        gpu=gpu_terms(gpu, spec.native.precision, links),
        engine=engine,
        tensor_parallel=layout.tensor_parallel,
        pipeline_parallel=layout.pipeline_parallel,
        data_parallel=layout.data_parallel,
        expert_parallel=layout.expert_parallel,
        drafting=drafting,
    )
