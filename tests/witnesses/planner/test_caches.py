"""The planner divides a cache into blocks as the real vLLM on CPU does, for each kind of architecture.

``caches.csv`` is written by ``make planner-witnesses``, which starts the engine with random weights on the cut-down
configurations of ``caches``. The engine's smallest block is larger there than on GPUs, and so it is given to the
planner; everything else is the planner's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.contracts.serving import KvPrecision
from components.planner.catalogs.hf_config import read_config
from components.planner.catalogs.models import Compressed, GroupedQuery, Latent, ModelSpec, model
from components.planner.catalogs.table import Row, read_rows
from components.planner.memory.kv_cache import (
    CacheShape,
    Pool,
    cache_shape,
    growing_bytes,
    state_bytes,
    state_layers,
    window_bytes,
)
from components.planner.memory.layout import Layout

_HERE = Path(__file__).parent
_ROWS = {row["kind"]: row for row in read_rows(_HERE / "caches.csv")}
_MEASURED = {kind: row for kind, row in _ROWS.items() if not row["refused"]}
_WHOLE = Layout()
_GROWING, _WINDOWED = {"FullAttention", "MLAAttention"}, {"SlidingWindow", "ChunkedLocalAttention"}
_PACKED, _STATES = {"SlidingWindowMLA"}, {"Mamba"}


@dataclass(frozen=True)
class Group:
    """Layers that share their blocks, as the engine says."""

    kind: str
    layers: int
    block: int
    page: int
    """Bytes of a block in one layer, in all of them where they differ."""
    held: int
    """Blocks of a request as long as the context."""


def _groups(row: Row, kinds: set[str]) -> list[Group]:
    parts = [words.split(":") for words in row["groups"].split()]
    groups = [Group(kind, *(int(number) for number in numbers)) for kind, *numbers in parts]
    assert {group.kind for group in groups} <= _GROWING | _WINDOWED | _PACKED | _STATES
    return [group for group in groups if group.kind in kinds]


def _spec(row: Row) -> ModelSpec:
    return read_config(_HERE / "caches" / f"{row['kind']}.json", name=row["model"])


def _shape(row: Row) -> CacheShape:
    # Kernels of latent attention take smaller blocks than was asked for.
    unit = min(int(row["asked"]), int(row["block"]))
    return cache_shape(_spec(row), _WHOLE, KvPrecision.BF16, Pool(unit=unit))


def _layers(spec: ModelSpec) -> tuple[float, ...]:
    """What one layer of each kind takes."""
    counts = (spec.full_layers, spec.window.layers if spec.window else 0, state_layers(spec))
    growing = growing_bytes(spec, _WHOLE, KvPrecision.BF16)
    sizes = (growing, window_bytes(spec, _WHOLE, KvPrecision.BF16), state_bytes(spec))
    return tuple(size / max(1, count) for size, count in zip(sizes, counts, strict=True))


@pytest.mark.parametrize("row", _MEASURED.values(), ids=_MEASURED)
def test_a_block_of_each_kind_of_layers_takes_the_bytes_that_the_engine_says(row: Row) -> None:
    shape, size = _shape(row), int(row["block_bytes"])
    assert shape.per_token == sum(size / group.block for group in _groups(row, _GROWING))
    assert shape.window_per_token == sum(size / group.block for group in _groups(row, _WINDOWED))
    assert shape.per_step_token == sum(size / group.block for group in _groups(row, _PACKED))
    assert int(row["blocks"]) == int(row["space"]) // size


@pytest.mark.parametrize("row", _MEASURED.values(), ids=_MEASURED)
def test_a_request_takes_the_blocks_that_the_engine_says(row: Row) -> None:
    shape, context, step, size = _shape(row), int(row["context"]), int(row["step"]), int(row["block_bytes"])
    for group in _groups(row, _GROWING):
        assert (shape.block, math.ceil(context / shape.block)) == (group.block, group.held)
    for group in _groups(row, _WINDOWED):
        assert (shape.window_block, shape.held(context, step) / shape.window_block) == (group.block, group.held)
    states = _groups(row, _STATES)
    for group in states:
        assert (shape.block, shape.states) == (group.block, group.held)
    if states:
        assert shape.per_request == sum(size * group.held for group in states)


@pytest.mark.parametrize("row", _MEASURED.values(), ids=_MEASURED)
def test_the_cache_holds_the_tokens_that_the_engine_says_within_a_block(row: Row) -> None:
    shape, context, step = _shape(row), int(row["context"]), int(row["step"])
    # vLLM's line counts the tokens of a step for every request, also of layers whose requests share them.
    request = shape.request(context, step) + shape.per_step_token * step
    assert int(row["space"]) / request * context == pytest.approx(int(row["tokens"]), abs=shape.block)


@pytest.mark.parametrize("row", _ROWS.values(), ids=_ROWS)
def test_a_layer_of_the_cut_model_takes_what_one_of_the_whole_model_takes(row: Row) -> None:
    whole, part = model(row["model"]), _spec(row)
    assert part.layers == int(row["layers"]) < whole.layers
    if not isinstance(whole.attention, Compressed):
        assert _layers(part) == pytest.approx(_layers(whole), rel=_uneven(whole))
    assert (part.window and part.window.tokens) == (whole.window and whole.window.tokens)


def _uneven(spec: ModelSpec) -> float:
    """Only some layers of sparse attention have an indexer, and the cut model has another share of them."""
    attention = spec.attention
    indexed = isinstance(attention, GroupedQuery | Latent) and attention.indexer_layers not in {0, spec.full_layers}
    return 0.15 if indexed else 1e-9


def test_every_kind_was_asked_and_what_the_engine_refuses_on_a_cpu_is_said() -> None:
    assert len(_MEASURED) >= 14
    refused = {kind: row["refused"] for kind, row in _ROWS.items() if row["refused"]}
    assert refused["latent-sparse"] == "NotImplementedError: Sparse Attention is not supported on CPU."
    assert refused.keys() == {"latent-sparse", "kimi-delta"}
