"""Bytes of keys and values, and what fits into a given cache.

Layers with full attention grow with the context; sliding-window and chunked layers stop growing;
linear-attention layers keep a constant state per request. Paged attention rounds up to blocks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from ...contracts.serving import KvPrecision
from ..catalogs.models import Compressed, GroupedQuery, ModelSpec
from .layout import Layout

BLOCK = 16
"""Tokens of a block in vLLM (``block_size``)."""
_INDEXER_SCALE_BYTES = 4
_STATE_BYTES = 4
"""Recurrent states are kept in FP32 (``mamba_ssm_dtype`` of the models' configs)."""
_CONVOLUTION_BYTES = 2
_INDEX_BYTES = 2
_FINE, _COARSE = 4, 128
"""Tokens of an entry in DeepSeek-V4's two kinds of layers."""
_ENTRY_BYTES = 584
"""448 bytes of FP8, 128 of rotary embedding in 16 bit, 8 of scales."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheShape:
    """Cache of one GPU, bytes."""

    per_token: float
    """In the layers whose cache grows with the context."""
    window_per_token: float
    """In the layers whose cache stops growing."""
    window: int
    """Tokens that a windowed layer holds at most, besides those of the running step; 0 without such layers."""
    per_request: float
    """Constant state of each request."""
    per_step_token: float = 0.0
    """For each token of the running step, once for all requests."""

    def request(self, tokens: int, batched_tokens: int) -> float:
        """Bytes that one request of ``tokens`` tokens takes on each GPU, in whole blocks."""
        held = min(tokens, self.window + batched_tokens) if self.window else 0
        return self.per_token * _blocks(tokens) + self.window_per_token * _blocks(held) + self.per_request


def _blocks(tokens: int) -> int:
    return math.ceil(tokens / BLOCK) * BLOCK


def element_bytes(precision: KvPrecision) -> int:
    """Bytes of one key or value element."""
    return 1 if precision is KvPrecision.FP8 else 2


@lru_cache(maxsize=65536)
def cache_shape(spec: ModelSpec, layout: Layout, precision: KvPrecision) -> CacheShape:
    """Cache on the fullest GPU of a replica.

    Key-value heads are split over tensor-parallel ranks and repeated when there are fewer heads than ranks;
    the compressed vector of latent attention is whole on every rank.
    """
    size, tp = element_bytes(precision), layout.tensor_parallel
    stage = layout.stage_share(spec.layers)
    attention = spec.attention
    if isinstance(attention, Compressed):
        return _compressed(attention, stage)
    if isinstance(attention, GroupedQuery):
        width = attention.head_dim + attention.value_dim
        per_token = spec.full_layers * width * size * attention.kv_heads / min(tp, attention.kv_heads)
        # Keys only, whole on every rank and 16 bit (vLLM, models/minimax_m3/common/indexer.py).
        per_token += attention.indexer_layers * attention.indexer_dim * _INDEX_BYTES
    else:
        per_token = float(spec.full_layers * (attention.kv_rank + attention.rope_dim) * size)
        per_token += attention.indexer_layers * (attention.indexer_dim + _INDEXER_SCALE_BYTES)
    windowed, window = 0.0, spec.window
    if window is not None:
        width = window.head_dim + (window.value_dim or window.head_dim)
        windowed = window.layers * width * size * window.kv_heads / min(tp, window.kv_heads)
    return CacheShape(
        per_token=per_token * stage,
        window_per_token=windowed * stage,
        window=window.tokens - 1 if window else 0,
        per_request=_state(spec) / tp * stage,
    )


def _compressed(attention: Compressed, stage: float) -> CacheShape:
    """Entries of 584 bytes in the engine's own 8-bit layout, whatever precision is asked for, whole on every rank.

    Source: vLLM 0.32, models/deepseek_v4: attention.py (``state_content_bytes``, ``tokens_per_state``) and
    compressor.py (``CompressorStateCache``: windows of 8 and 128 tokens of FP32 values and gates). What a step adds to
    the windows is freed before the next one, so it is counted once for all requests.
    """
    layers = attention.fine_layers + attention.coarse_layers + attention.plain_layers
    index = attention.indexer_dim
    entries = (attention.fine_layers / _FINE + attention.coarse_layers / _COARSE) * _ENTRY_BYTES
    entries += attention.fine_layers / _FINE * (index + _INDEXER_SCALE_BYTES)
    window = layers * _ENTRY_BYTES
    fine = attention.fine_layers * 2 * 2 * (attention.head_dim + index) * _STATE_BYTES
    coarse = attention.coarse_layers * 2 * attention.head_dim * _STATE_BYTES
    held = window * _blocks(attention.window) + fine * 2 * _FINE + coarse * _COARSE
    return CacheShape(
        per_token=entries * stage,
        window_per_token=0.0,
        window=0,
        per_request=held * stage,
        per_step_token=(window + fine + coarse) * stage,
    )


def _state(spec: ModelSpec) -> float:
    linear, mixing = spec.linear, spec.convolution
    if mixing is not None:
        return float(mixing.layers * spec.hidden * (mixing.kernel - 1) * _CONVOLUTION_BYTES)
    if linear is None:
        return 0.0
    matrix = linear.inner * linear.key_dim * _STATE_BYTES
    convolution = (2 * linear.keys + linear.inner) * (linear.convolution - 1) * _CONVOLUTION_BYTES
    return float(linear.layers * (matrix + convolution))


def concurrent(shape: CacheShape, cache: float, tokens: int, batched_tokens: int) -> float:
    """Requests of ``tokens`` tokens that fit one GPU's ``cache`` bytes at once."""
    request = shape.request(tokens, batched_tokens)
    return max(0.0, cache - shape.per_step_token * batched_tokens) / request if request else math.inf


def longest_context(shape: CacheShape, cache: float, batched_tokens: int, limit: int) -> int:
    """Longest request, up to ``limit`` tokens and in whole blocks, that fits one GPU's ``cache`` bytes; 0 if none."""
    cache -= shape.per_step_token * batched_tokens
    if shape.request(limit, batched_tokens) <= cache:
        return limit
    held = _blocks(shape.window + batched_tokens) if shape.window else 0
    per_token = shape.per_token + shape.window_per_token
    growing = (cache - shape.per_request) / per_token if per_token else 0.0
    if growing > held and shape.per_token:
        # Past the window only the layers with full attention go on growing.
        growing = (cache - shape.per_request - shape.window_per_token * held) / shape.per_token
    return max(0, min(limit, int(growing) // BLOCK * BLOCK))
