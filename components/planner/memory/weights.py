"""Bytes of weights: of a checkpoint, and on the fullest GPU of a replica.

Formats: FP8 with one FP32 scale per block (DeepSeek-V3) or channel; MXFP4 with an 8-bit scale per 32
weights (OCP Microscaling 1.0); NVFP4 with an FP8 scale per 16; AWQ and GPTQ with a 16-bit scale and a
4-bit zero point per group; compressed-tensors INT4 with a 16-bit scale per group.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from ...contracts.serving import Precision
from ..catalogs.gpus import Gpu
from ..catalogs.models import Experts, GroupedQuery, ModelSpec
from ..catalogs.quantized import Part, Quantization, Stored
from .layout import Layout, expert_share
from .parameters import Parameters, parameters

_SIXTEEN_BIT = 2.0
VOCABULARY_PAD = 64
"""vLLM pads the vocabulary to a multiple of this (``DEFAULT_VOCAB_PADDING_SIZE``)."""
# Kernels for MXFP4 experts want aligned matrices and pad them (vLLM, ``Mxfp4MoEMethod``): the hidden size to
# 256 everywhere, the intermediate size to 256 on Blackwell (TRT-LLM), 64 on Hopper (Triton), 128 before (Marlin).
_MXFP4_HIDDEN_PAD = 256
_MXFP4_INTERMEDIATE_PAD = {"blackwell": 256, "hopper": 64}
_MXFP4_OLDER_PAD = 128
# Marlin pads slices of NVFP4 experts to 64, or to 128 where the hidden size is no multiple of 128 (vLLM 0.33,
# ``prepare_nvfp4_moe_layer_for_marlin``); it runs them where the GPU has no tensor cores for FP4.
_MARLIN_HIDDEN, _MARLIN_PAD, _MARLIN_WIDE_PAD = 128, 64, 128
# FlashInfer wants slices of ungated FP8 experts in multiples of 128 (vLLM 0.32, ``prepare_fp8_moe_layer_for_fi``).
_FP8_UNGATED_PAD = 128
_UNGATED = 2
_ROTATED = 128
"""Elements of a head that are rotated at most: wider heads of this catalog rotate a part of themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """Bytes of weights on the fullest GPU, by kind."""

    embedding: float
    attention: float
    feed_forward: float
    experts: float
    replicated: float
    """Whole on every rank: router, norms, latent down-projections, vision tower, rotary angles."""
    absorbed: float
    """The 16-bit second copy of latent attention's up-projections."""

    @property
    def total(self) -> float:
        """All of them."""
        return self.embedding + self.attention + self.feed_forward + self.experts + self.replicated + self.absorbed


def bytes_per_weight(stored: Quantization | Stored) -> float:
    """Bytes of one quantized weight with its share of the scales."""
    group = stored.group
    scales = {
        Precision.FP8: 4 / stored.block**2 if stored.block else (1 / group if group else 0.0),
        Precision.MXFP4: 1 / (group or 32),
        Precision.NVFP4: 1 / (group or 16),
        Precision.AWQ_INT4: 2.5 / (group or 128),
        Precision.GPTQ_INT4: 2.5 / (group or 128),
        Precision.INT4: 2 / (group or 32),
    }
    bare = {Precision.BF16: 2.0, Precision.FP16: 2.0, Precision.FP8: 1.0}
    return bare.get(stored.precision, 0.5) + scales.get(stored.precision, 0.0)


@lru_cache(maxsize=4096)
def part_bytes(quantization: Quantization, part: Part) -> float:
    """Mean bytes of a weight of that part."""
    held = quantization.stored(part)
    sixteen = 1.0 - sum(stored.share for stored in held)
    return _SIXTEEN_BIT * sixteen + sum(stored.share * bytes_per_weight(stored) for stored in held)


@lru_cache(maxsize=1024)
def checkpoint_bytes(spec: ModelSpec) -> int:
    """Bytes of the checkpoint on storage: as published, else from the dimensions."""
    if spec.checkpoint_bytes:
        return spec.checkpoint_bytes
    counts = parameters(spec)
    predicting = part_bytes(spec.native, Part.EXPERTS if spec.experts else Part.FEED_FORWARD)
    return round(
        _SIXTEEN_BIT * (counts.embedding + counts.small + counts.extra)
        + part_bytes(spec.native, Part.HEAD) * counts.head
        + _attention_bytes(spec.native, counts)
        + part_bytes(spec.native, Part.FEED_FORWARD) * counts.feed_forward
        + part_bytes(spec.native, Part.SHARED) * counts.shared_experts
        + part_bytes(spec.native, Part.LATENT) * counts.latent
        + part_bytes(spec.native, Part.EXPERTS) * counts.experts
        + predicting * spec.prediction_parameters
    )


def _attention_bytes(native: Quantization, counts: Parameters) -> float:
    """All that mixes tokens: attention, linear attention, convolutions."""
    return (
        part_bytes(native, Part.ATTENTION) * (counts.attention + counts.key_value)
        + part_bytes(native, Part.ATTENTION_WHOLE) * counts.attention_replicated
        + part_bytes(native, Part.ABSORBED) * counts.absorbed
        + part_bytes(native, Part.LINEAR) * counts.linear
    )


def _padding(spec: ModelSpec, experts: Experts, gpu: Gpu, layout: Layout) -> float:
    """How much larger experts are in GPU memory than in the checkpoint."""
    shard = experts.intermediate / (1 if layout.expert_parallel else layout.expert_gpus)
    native, hidden = spec.native, spec.hidden
    if native.precision is Precision.FP8 and not (native.block or native.group) and spec.matrices == _UNGATED:
        kernels = gpu.architecture in {"hopper", "blackwell"}
        return math.ceil(shard / _FP8_UNGATED_PAD) * _FP8_UNGATED_PAD / shard if kernels else 1.0
    if native.precision is Precision.NVFP4 and not gpu.fp4_tflops:
        multiple = _MARLIN_WIDE_PAD if (experts.latent or hidden) % _MARLIN_HIDDEN else _MARLIN_PAD
        return math.ceil(shard / multiple) * multiple / shard
    if native.precision is not Precision.MXFP4:
        return 1.0
    multiple = _MXFP4_INTERMEDIATE_PAD.get(gpu.architecture, _MXFP4_OLDER_PAD)
    padded_hidden = math.ceil(hidden / _MXFP4_HIDDEN_PAD) * _MXFP4_HIDDEN_PAD
    return padded_hidden / hidden * math.ceil(shard / multiple) * multiple / shard


@lru_cache(maxsize=65536)
def weights(spec: ModelSpec, layout: Layout, gpu: Gpu) -> Weights:
    """Bytes on the fullest GPU of a replica of ``spec`` as its ``native`` quantization stores it."""
    counts, native, tp = parameters(spec), spec.native, layout.tensor_parallel
    attention = part_bytes(native, Part.ATTENTION)
    routed = part_bytes(native, Part.EXPERTS)
    shared = part_bytes(native, Part.SHARED)
    stage = layout.stage_share(spec.layers)
    vocabulary = math.ceil(spec.vocab / VOCABULARY_PAD) * VOCABULARY_PAD * spec.hidden
    head = part_bytes(native, Part.HEAD) if counts.head else 0.0
    # Embedding and head sit on the first and the last stage; a single stage holds both.
    held = max(_SIXTEEN_BIT, head) if layout.pipeline_parallel > 1 else _SIXTEEN_BIT + head
    if spec.experts:
        routed *= _padding(spec, spec.experts, gpu, layout)
    split = attention * (counts.attention / tp + counts.key_value / min(tp, spec.kv_heads))
    split += (
        part_bytes(native, Part.ABSORBED) * counts.absorbed + part_bytes(native, Part.LINEAR) * counts.linear
    ) / tp
    return Weights(
        embedding=held * vocabulary / tp,
        attention=stage * split,
        feed_forward=part_bytes(native, Part.FEED_FORWARD) * counts.feed_forward * _dense_share(spec, layout) / tp
        + shared * counts.shared_experts * stage / tp,
        experts=routed * counts.experts * expert_share(spec, layout),
        replicated=stage
        * (
            part_bytes(native, Part.ATTENTION_WHOLE) * counts.attention_replicated
            + part_bytes(native, Part.LATENT) * counts.latent
            + _SIXTEEN_BIT * counts.small
        )
        + _SIXTEEN_BIT * counts.extra
        + _rotary(spec),
        absorbed=_SIXTEEN_BIT * stage * counts.absorbed / tp,
    )


def _rotary(spec: ModelSpec) -> float:
    """Cosines and sines of every position, which the engine keeps once for all layers (``RotaryEmbedding``)."""
    if spec.is_encoder:
        return 0.0
    attention = spec.attention
    rotated = min(attention.head_dim, _ROTATED) if isinstance(attention, GroupedQuery) else attention.rope_dim
    return _SIXTEEN_BIT * spec.context * rotated


def _dense_share(spec: ModelSpec, layout: Layout) -> float:
    """Share of the ordinary networks on the fullest stage: beside experts they come first."""
    if not (spec.experts and spec.dense_layers and layout.pipeline_parallel > 1):
        return layout.stage_share(spec.layers)
    held = math.ceil(spec.layers / layout.pipeline_parallel)
    return max(0, held - spec.experts.layers) / spec.dense_layers


def dense_bytes(spec: ModelSpec) -> float:
    """Bytes that every decode step reads of the whole model: all but routed experts and the input embedding."""
    counts, native = parameters(spec), spec.native
    head = part_bytes(native, Part.HEAD) * counts.head if counts.head else _SIXTEEN_BIT * counts.embedding
    return (
        head
        + _SIXTEEN_BIT * counts.small
        + _attention_bytes(native, counts)
        + part_bytes(native, Part.FEED_FORWARD) * counts.feed_forward
        + part_bytes(native, Part.SHARED) * counts.shared_experts
        + part_bytes(native, Part.LATENT) * counts.latent
    )


def expert_bytes(spec: ModelSpec) -> float:
    """Bytes of all routed experts."""
    return part_bytes(spec.native, Part.EXPERTS) * parameters(spec).experts
