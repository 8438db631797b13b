"""Cache of DeepSeek-V4: entries of runs of tokens, windows, and states that compress, in blocks of one size.

Source: vLLM 0.32 and 0.33, models/deepseek_v4: attention.py (``state_content_bytes``, ``tokens_per_state``),
compressor.py (``CompressorStateCache``: windows of 8 and 128 tokens of FP32 values and gates) and v1/core
(``_get_packed_kv_cache_groups``). Entries are in the engine's own 8-bit layout, whatever precision is asked for, and
whole on every rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..catalogs.models import Compressed

FINE, COARSE = 4, 128
"""Tokens of an entry in the two kinds of layers."""
ENTRIES = 256
"""Tokens of a block of entries."""
_ENTRY_BYTES = 584
"""448 bytes of FP8, 128 of rotary embedding in 16 bit, 8 of scales."""
_SCALE_BYTES = 4
_STATE_BYTES = 4
_ALIGNMENT = 576
_WINDOW_BLOCK, _FINE_BLOCK, _COARSE_BLOCK = 64, 4, 8
"""Tokens of a block of the windows, and of the states that compress 4 and 128 tokens."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PackedCache:
    """Bytes on every GPU that holds all layers."""

    block: int
    """A block, which takes as much for every group of layers."""
    per_request: int
    """Blocks that a request holds of windows and states, whatever its length."""
    per_step_token: float
    """The same for each token of a running step; freed before the next one, so that requests share them."""


class _Windowed(NamedTuple):
    """Layers that hold the last tokens only."""

    layers: int
    page: int
    """Bytes of a block in one layer."""
    block: int
    """Tokens of a block."""
    window: int

    @property
    def held(self) -> int:
        """Blocks of a request; a window may begin inside of one."""
        return math.ceil((self.window - 1) / self.block) + 1


def entry_bytes(attention: Compressed) -> float:
    """Bytes of a token's share of the entries in all layers."""
    fine = _ENTRY_BYTES + attention.indexer_dim + _SCALE_BYTES
    return attention.fine_layers * fine / FINE + attention.coarse_layers * _ENTRY_BYTES / COARSE


def held_bytes(attention: Compressed) -> float:
    """Bytes that a step reads of a request's windows and states, whatever its length."""
    fine, coarse = _state_bytes(attention)
    states = attention.fine_layers * sum(fine) * 2 * FINE + attention.coarse_layers * coarse * COARSE
    return _layers(attention) * _ENTRY_BYTES * attention.window + states


def packed_cache(attention: Compressed) -> PackedCache:
    """How the engine packs the groups of layers into blocks."""
    fine, coarse, layers = attention.fine_layers, attention.coarse_layers, _layers(attention)
    window_page = _page(_WINDOW_BLOCK * _ENTRY_BYTES)
    fine_states, coarse_states = _state_bytes(attention)
    entries = fine * _page(ENTRIES // FINE * _ENTRY_BYTES) + coarse * _page(ENTRIES // COARSE * _ENTRY_BYTES)
    entries += fine * _page(ENTRIES // FINE * (attention.indexer_dim + _SCALE_BYTES))
    kinds = (
        _Windowed(layers, window_page, _WINDOW_BLOCK, attention.window),
        _Windowed(fine, sum(_page(_FINE_BLOCK * size) for size in fine_states), _FINE_BLOCK, 2 * FINE),
        _Windowed(coarse, _page(_COARSE_BLOCK * coarse_states), _COARSE_BLOCK, COARSE),
    )
    kinds = tuple(kind for kind in kinds if kind.layers)
    counts = [kind.layers for kind in kinds] + ([fine] if fine == coarse else [])
    repeats = _repeats(counts, max(1, fine))
    groups = [math.ceil(kind.layers / repeats) for kind in kinds]
    block = max(entries, *(math.ceil(kind.layers / of) * kind.page for kind, of in zip(kinds, groups, strict=True)))
    held = sum(kind.held * of for kind, of in zip(kinds, groups, strict=True))
    stepping = sum(of / kind.block for kind, of in zip(kinds, groups, strict=True))
    return PackedCache(block=block, per_request=held * block, per_step_token=stepping * block)


def _layers(attention: Compressed) -> int:
    return attention.fine_layers + attention.coarse_layers + attention.plain_layers


def _state_bytes(attention: Compressed) -> tuple[tuple[int, int], int]:
    """Values and gates of a token: in fine layers of the attention and of the indexer, twice as they overlap."""
    fine = 2 * 2 * attention.head_dim * _STATE_BYTES, 2 * 2 * attention.indexer_dim * _STATE_BYTES
    return fine, 2 * attention.head_dim * _STATE_BYTES


def _page(size: int) -> int:
    return math.ceil(size / _ALIGNMENT) * _ALIGNMENT


def _repeats(counts: Sequence[int], least: int) -> int:
    """Layers of a group: what pads the counts least, the larger of equals (``_approximate_gcd``)."""
    return min(range(least, max(counts) + 1), key=lambda size: (sum(-count % size for count in counts), -size))
