"""Bytes of keys and values, and what fits into a given cache.

Layers with full attention grow with the context; sliding-window and chunked layers stop growing;
linear-attention layers keep a constant state per request. Paged attention rounds up to blocks.

How vLLM puts layers of several kinds into one pool of blocks is from its code at 0.32 and 0.33
(``v1/core/kv_cache_utils.py``, ``v1/kv_cache_interface.py``, ``platforms/interface.py``): layers form groups of as many
layers each, the last group of a kind padded; every block of a group takes the same bytes, so that a state fills a block
of attention, attention's blocks grow to hold a state, and layers with less per token have more tokens in a block; a
window may begin inside a block, a chunk does not; a state is kept twice or three times for prefix caching. The real
engine says the same on a CPU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from ...contracts.serving import KvPrecision
from ..catalogs.gpus import Gpu
from ..catalogs.models import Compressed, GroupedQuery, Latent, LinearKind, ModelSpec
from .compressed_cache import ENTRIES, entry_bytes, packed_cache
from .layout import Layout

BLOCK = 16
"""Tokens of a block in vLLM (``block_size``)."""
_INDEXER_SCALE_BYTES = 4
_SCALED, _SCALE_BYTES = 128, 4
_STATE_BYTES = 4
"""Recurrent states are kept in FP32 (``mamba_ssm_dtype`` of the models' configs) …"""
_IN_MODEL_PRECISION = frozenset({"granitemoehybrid", "qwen3_next"})
"""… but of families whose configs do not ask for it and which vLLM then keeps as it keeps keys and values."""
_CONVOLUTION_BYTES = 2
_STATES = 2
"""States of a request: the running one and that of the last block, for prefix caching (``mamba_cache_mode: align``)."""
_WRITTEN_IN_PREFILL = 3
"""The same where a prefill writes the state of a block's end while it goes on (``num_prefill_checkpoint_blocks``)."""
_LATENT_GRAIN, _GATED_DELTA_GRAIN = 128, 64
"""Blocks that hold a state are multiples: for latent attention, and for kernels that write states in a prefill."""
_INDEXED_BLOCK = 128
_PADS_LESS = 1.5
_SCHEDULES_AHEAD = (0, 32)
"""Asynchronous scheduling is the default here, and windows count the tokens of two steps (``max_in_flight_tokens``);
it may have begun earlier."""
_WRITES_STATES = (0, 33)
_WRITING_GPUS = (9, 10, 12)
"""Compute capabilities of FlashInfer's gated delta prefill (``_resolve_gdn_prefill_backend``) and of FlashKDA."""
_INDEX_BYTES = 2


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
    """For each token of a step, once for all requests and steps under way."""
    block: int = BLOCK
    """Tokens of a block in the layers whose cache grows."""
    window_block: int = BLOCK
    """Tokens of a block in the layers whose cache stops growing."""
    chunked: bool = False
    """What stops growing begins at a block's start."""
    steps: int = 1
    """Steps under way at once, whose tokens a windowed layer holds beside its window."""
    states: int = 0
    """Recurrent states in ``per_request``."""

    def request(self, tokens: int, batched_tokens: int) -> float:
        """Bytes that one request of ``tokens`` tokens takes on each GPU, in whole blocks."""
        growing = self.per_token * _blocks(tokens, self.block)
        return growing + self.window_per_token * self.held(tokens, batched_tokens) + self.per_request

    def held(self, tokens: int, batched_tokens: int) -> int:
        """Tokens in whole blocks that a windowed layer holds of one request."""
        if not self.window:
            return 0
        held = _blocks(min(tokens, self.window + self.steps * batched_tokens), self.window_block)
        return held if self.chunked else held + self.window_block


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """How an engine divides its cache, as far as it is no matter of the model."""

    unit: int = BLOCK
    """Tokens of the smallest block."""
    steps: int = 1
    """Steps under way at once."""
    checkpoints: bool = False
    """Kernels of gated delta networks write states in a prefill."""


_PLAIN = Pool()


def _blocks(tokens: int, block: int = BLOCK) -> int:
    return math.ceil(tokens / block) * block


def element_bytes(precision: KvPrecision) -> int:
    """Bytes of one key or value element."""
    return 1 if precision is KvPrecision.FP8 else 2


@lru_cache(maxsize=65536)
def cache_shape(spec: ModelSpec, layout: Layout, precision: KvPrecision, pool: Pool = _PLAIN) -> CacheShape:
    """Cache on the fullest GPU of a replica, as the engine allots it."""
    stage = layout.stage_share(spec.layers)
    if isinstance(spec.attention, Compressed):
        return _compressed(spec.attention, stage, pool)
    growing, windowed = growing_bytes(spec, layout, precision), window_bytes(spec, layout, precision)
    kept, window, full = state_bytes(spec) / layout.tensor_parallel, spec.window, spec.full_layers
    block = window_block = _unit(spec, pool)
    held = 0
    if window and full:
        block, window_block = _as_large(pool.unit, growing / full, windowed / window.layers)
        group = _group(full, window.layers)
        growing *= _padded(full, group) / full
        windowed *= _padded(window.layers, group) / window.layers
    if kept and full:
        states, held, layer = state_layers(spec), _states(spec, pool), growing / full
        group = _group(full, states)
        block = _blocks(math.ceil(kept / states / layer), _grain(spec, pool))
        kept = held * _padded(states, group) * block * layer
        growing = _padded(full, group) * layer
    return CacheShape(
        per_token=growing * stage,
        window_per_token=windowed * stage,
        window=window.tokens - (not window.chunked) if window else 0,
        per_request=kept * stage,
        block=block,
        window_block=window_block,
        chunked=bool(window and window.chunked),
        steps=pool.steps,
        states=held,
    )


def pool_of(version: tuple[int, int], gpu: Gpu) -> Pool:
    """How that version of vLLM divides the cache of that GPU."""
    writes = version >= _WRITES_STATES and int(gpu.compute_capability) in _WRITING_GPUS
    return Pool(steps=2 if version >= _SCHEDULES_AHEAD else 1, checkpoints=writes)


def _as_large(unit: int, growing: float, windowed: float) -> tuple[int, int]:
    """Tokens of both kinds of blocks, which take the same bytes."""
    return unit * max(1, int(windowed // growing)), unit * max(1, int(growing // windowed))


def _unit(spec: ModelSpec, pool: Pool) -> int:
    """Tokens of the smallest block; MiniMax-M3's kernels take none but those that its indexer chooses from."""
    indexed = isinstance(spec.attention, GroupedQuery) and spec.attention.indexer_layers
    return max(pool.unit, _INDEXED_BLOCK) if indexed else pool.unit


def _grain(spec: ModelSpec, pool: Pool) -> int:
    """Of which number of tokens the blocks that hold a state are multiples."""
    if isinstance(spec.attention, Latent):
        return max(pool.unit, _LATENT_GRAIN)
    gated = pool.checkpoints and spec.linear and spec.linear.form is LinearKind.GATED_DELTA
    return math.lcm(pool.unit, _GATED_DELTA_GRAIN) if gated else pool.unit


def _states(spec: ModelSpec, pool: Pool) -> int:
    """States of a request; Mamba-2 always writes them in a prefill, Kimi's delta attention with a bound of its gate."""
    form = spec.linear and spec.linear.form
    gated = form in {LinearKind.GATED_DELTA, LinearKind.KIMI_DELTA_FULL} and pool.checkpoints
    return _WRITTEN_IN_PREFILL if gated or form is LinearKind.MAMBA else _STATES


def growing_bytes(spec: ModelSpec, layout: Layout, precision: KvPrecision) -> float:
    """Bytes of one token on each GPU in all layers with full attention.

    Key-value heads are split over tensor-parallel ranks and repeated when there are fewer heads than ranks; the
    compressed vector of latent attention is whole on every rank.
    """
    size, attention = element_bytes(precision), spec.attention
    if isinstance(attention, Compressed):
        return entry_bytes(attention)
    if isinstance(attention, GroupedQuery):
        width = attention.head_dim + attention.value_dim
        heads = attention.kv_heads / min(layout.tensor_parallel, attention.kv_heads)
        # Keys only, whole on every rank and 16 bit (vLLM, models/minimax_m3/common/indexer.py).
        return spec.full_layers * width * size * heads + attention.indexer_layers * attention.indexer_dim * _INDEX_BYTES
    width = (attention.kv_rank + attention.rope_dim) * size
    if attention.indexer_layers and precision is KvPrecision.FP8:
        # FlashMLA's layout (``fp8_ds_mla``): a scale for each 128 of FP8, rotary part in 16 bit. FlashInfer takes less.
        width = attention.kv_rank + attention.kv_rank // _SCALED * _SCALE_BYTES + 2 * attention.rope_dim
    return float(spec.full_layers * width) + attention.indexer_layers * (attention.indexer_dim + _INDEXER_SCALE_BYTES)


def window_bytes(spec: ModelSpec, layout: Layout, precision: KvPrecision) -> float:
    """Bytes of one token on each GPU in all layers whose cache stops growing."""
    window = spec.window
    if window is None:
        return 0.0
    width = window.head_dim + (window.value_dim or window.head_dim)
    heads = window.kv_heads / min(layout.tensor_parallel, window.kv_heads)
    return window.layers * width * element_bytes(precision) * heads


def _group(first: int, second: int) -> int:
    """Layers of a group where a model has two kinds: the fewer, or the more where that pads less."""
    least, most = min(first, second), max(first, second)
    return most if most < _PADS_LESS * least else least


def _padded(layers: int, group: int) -> int:
    return math.ceil(layers / group) * group


def _compressed(attention: Compressed, stage: float, pool: Pool) -> CacheShape:
    packed = packed_cache(attention)
    return CacheShape(
        per_token=packed.block / ENTRIES * stage,
        window_per_token=0.0,
        window=0,
        per_request=packed.per_request * stage,
        per_step_token=packed.per_step_token * pool.steps * stage,
        block=ENTRIES,
    )


def state_layers(spec: ModelSpec) -> int:
    """Layers that keep a constant state per request."""
    held = spec.convolution or spec.linear
    return held.layers if held else 0


def state_bytes(spec: ModelSpec) -> float:
    """Constant state of one request in the whole model."""
    linear, mixing = spec.linear, spec.convolution
    if mixing is not None:
        return float(mixing.layers * spec.hidden * (mixing.kernel - 1) * _CONVOLUTION_BYTES)
    if linear is None:
        return 0.0
    size = _CONVOLUTION_BYTES if spec.family in _IN_MODEL_PRECISION else _STATE_BYTES
    matrix = linear.inner * linear.key_dim * size
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
    cache -= shape.per_request
    per_token = shape.per_token + shape.window_per_token
    beside = shape.window_block * shape.window_per_token if shape.window else 0.0
    growing = (cache - beside) / per_token if per_token else 0.0
    if growing > shape.window + shape.steps * batched_tokens and shape.per_token:
        # Past the window only the layers with full attention go on growing.
        growing = (cache - shape.window_per_token * shape.held(limit, batched_tokens)) / shape.per_token
    return max(0, min(limit, int(growing) // shape.block * shape.block))
