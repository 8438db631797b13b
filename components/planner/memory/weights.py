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
from ..catalogs.models import Experts, ModelSpec, Quantization, Scope
from .layout import Layout, expert_share
from .parameters import parameters

_SIXTEEN_BIT = 2.0
VOCABULARY_PAD = 64
"""vLLM pads the vocabulary to a multiple of this (``DEFAULT_VOCAB_PADDING_SIZE``)."""
# Kernels for MXFP4 experts want aligned matrices and pad them (vLLM, ``Mxfp4MoEMethod``): the hidden size to
# 256 everywhere, the intermediate size to 256 on Blackwell (TRT-LLM), 64 on Hopper (Triton), 128 before (Marlin).
_MXFP4_HIDDEN_PAD = 256
_MXFP4_INTERMEDIATE_PAD = {"blackwell": 256, "hopper": 64}
_MXFP4_OLDER_PAD = 128


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """Bytes of weights on the fullest GPU, by kind."""

    embedding: float
    attention: float
    feed_forward: float
    experts: float
    replicated: float
    """Whole on every rank: router, norms, latent down-projections, vision tower."""
    absorbed: float
    """The 16-bit second copy of latent attention's up-projections."""

    @property
    def total(self) -> float:
        """All of them."""
        return self.embedding + self.attention + self.feed_forward + self.experts + self.replicated + self.absorbed


def bytes_per_weight(quantization: Quantization) -> float:
    """Bytes of one quantized weight with its share of the scales."""
    group = quantization.group
    scales = {
        Precision.FP8: 4 / quantization.block**2 if quantization.block else (1 / group if group else 0.0),
        Precision.MXFP4: 1 / (group or 32),
        Precision.NVFP4: 1 / (group or 16),
        Precision.AWQ_INT4: 2.5 / (group or 128),
        Precision.GPTQ_INT4: 2.5 / (group or 128),
        Precision.INT4: 2 / (group or 32),
    }
    bare = {Precision.BF16: 2.0, Precision.FP16: 2.0, Precision.FP8: 1.0}
    return bare.get(quantization.precision, 0.5) + scales.get(quantization.precision, 0.0)


def _sizes(quantization: Quantization) -> tuple[float, float, float]:
    """Bytes per weight of attention, of feed-forward layers and of routed experts."""
    quantized = bytes_per_weight(quantization)
    attention = quantized if quantization.scope is Scope.LINEAR else _SIXTEEN_BIT
    dense = quantized if quantization.scope is not Scope.EXPERTS else _SIXTEEN_BIT
    return attention, dense, quantized


@lru_cache(maxsize=1024)
def checkpoint_bytes(spec: ModelSpec) -> int:
    """Bytes of the checkpoint on storage: as published, else from the dimensions."""
    if spec.checkpoint_bytes:
        return spec.checkpoint_bytes
    counts = parameters(spec)
    attention, dense, experts = _sizes(spec.native)
    return round(
        _SIXTEEN_BIT * (counts.embedding + counts.head + counts.small + counts.extra)
        + attention * (counts.attention + counts.key_value + counts.attention_replicated)
        + dense * (counts.feed_forward + counts.shared_experts)
        + experts * counts.experts
    )


def _padding(experts: Experts, hidden: int, gpu: Gpu, shards: int) -> float:
    """How much larger MXFP4 experts are in GPU memory than in the checkpoint."""
    shard = experts.intermediate / shards
    multiple = _MXFP4_INTERMEDIATE_PAD.get(gpu.architecture, _MXFP4_OLDER_PAD)
    padded_hidden = math.ceil(hidden / _MXFP4_HIDDEN_PAD) * _MXFP4_HIDDEN_PAD
    return padded_hidden / hidden * math.ceil(shard / multiple) * multiple / shard


@lru_cache(maxsize=65536)
def weights(spec: ModelSpec, layout: Layout, gpu: Gpu) -> Weights:
    """Bytes on the fullest GPU of a replica of ``spec`` as its ``native`` quantization stores it."""
    counts = parameters(spec)
    attention, dense, routed = _sizes(spec.native)
    tp = layout.tensor_parallel
    stage = layout.stage_share(spec.layers)
    vocabulary = math.ceil(spec.vocab / VOCABULARY_PAD) * VOCABULARY_PAD * spec.hidden * _SIXTEEN_BIT
    # Embedding and head sit on the first and the last stage; a single stage holds both.
    copies = 1 if layout.pipeline_parallel > 1 or not counts.head else 2
    if spec.experts and spec.native.precision is Precision.MXFP4:
        routed *= _padding(spec.experts, spec.hidden, gpu, 1 if layout.expert_parallel else layout.expert_gpus)
    dense_share = stage
    if spec.experts and spec.dense_layers and layout.pipeline_parallel > 1:
        held = math.ceil(spec.layers / layout.pipeline_parallel)
        dense_share = max(0, held - spec.experts.layers) / spec.dense_layers
    return Weights(
        embedding=copies * vocabulary / tp,
        attention=attention * stage * (counts.attention / tp + counts.key_value / min(tp, spec.kv_heads)),
        feed_forward=dense * (counts.feed_forward * dense_share + counts.shared_experts * stage) / tp,
        experts=routed * counts.experts * expert_share(spec, layout),
        replicated=stage * (attention * counts.attention_replicated + _SIXTEEN_BIT * counts.small)
        + _SIXTEEN_BIT * counts.extra,
        absorbed=_SIXTEEN_BIT * stage * counts.absorbed / tp,
    )


def dense_bytes(spec: ModelSpec) -> float:
    """Bytes that every decode step reads of the whole model: all but routed experts and the input embedding."""
    counts = parameters(spec)
    attention, dense, _ = _sizes(spec.native)
    head = counts.head or counts.embedding
    return (
        _SIXTEEN_BIT * (head + counts.small)
        + attention * (counts.attention + counts.key_value + counts.attention_replicated)
        + dense * (counts.feed_forward + counts.shared_experts)
    )


def expert_bytes(spec: ModelSpec) -> float:
    """Bytes of all routed experts."""
    return _sizes(spec.native)[2] * parameters(spec).experts
