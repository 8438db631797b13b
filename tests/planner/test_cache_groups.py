"""Layers of several kinds share one pool of blocks, as a real engine divided it.

The engine is vLLM 0.32 on a CPU with 1 GiB for keys and values and 4,096 tokens of context, on 2026-11-25, with random
weights and cut-down models. Its blocks there are of 128 tokens, and 1,152 where they hold a state.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.contracts.serving import KvPrecision
from components.planner.catalogs.gpus import GIB, gpu
from components.planner.catalogs.models import ModelSpec, model
from components.planner.memory.kv_cache import CacheShape, Pool, cache_shape, concurrent, longest_context, pool_of
from components.planner.memory.layout import Layout

CONTEXT = 4096
WHOLE = Layout()
_QWEN = model("Qwen/Qwen3.5-35B-A3B")


def cut(name: str, windows: int = 0, states: int = 0, whole: int = 1) -> ModelSpec:
    """The model with so many layers of each kind."""
    spec = model(name)
    window = replace(spec.window, layers=windows) if spec.window else None
    linear = replace(spec.linear, layers=states) if spec.linear else None
    return replace(spec, layers=whole + windows + states, full_layers=whole, window=window, linear=linear)


def shape_of(spec: ModelSpec, steps: int = 1) -> CacheShape:
    return cache_shape(spec, WHOLE, KvPrecision.BF16, Pool(steps=steps))


@pytest.mark.parametrize(
    ("spec", "tokens"),
    [
        (cut("openai/gpt-oss-20b", windows=2, whole=2), 129_055),
        (cut("google/gemma-4-26B-A4B-it", windows=5), 23_172),
    ],
    ids=["gpt-oss-20b", "gemma-4-26B"],
)
def test_windowed_layers_hold_a_block_more_than_their_window(spec: ModelSpec, tokens: int) -> None:
    assert shape_of(spec).held(CONTEXT, CONTEXT) == CONTEXT + 16
    held = concurrent(shape_of(spec), GIB, CONTEXT, CONTEXT) * CONTEXT
    assert held == pytest.approx(tokens, rel=0.03), "smaller blocks than on a CPU hold a little more"


def test_a_hybrid_request_takes_two_states_of_every_group_beside_its_blocks() -> None:
    shape = shape_of(cut("Qwen/Qwen3.5-35B-A3B", states=3))
    blocks = GIB / 1152 / 2048
    assert int(blocks) / (186_368 / CONTEXT) == pytest.approx(10), "four blocks of 1,152 tokens and six states"
    assert shape.block == 1056
    assert shape.request(CONTEXT, CONTEXT) == 10 * shape.block * 2048


def test_a_chunk_begins_where_a_block_does() -> None:
    shape = shape_of(model("meta-llama/Llama-4-Scout-17B-16E-Instruct"))
    assert shape.held(100_000, 2048) == 8192 + 2048


def test_kernels_that_write_states_while_they_prefill_take_one_more() -> None:
    mamba = shape_of(model("nvidia/Nemotron-H-56B-Base-8K"))
    assert mamba.states == 3, "Mamba-2 on every platform"
    hopper, ada = (
        cache_shape(_QWEN, WHOLE, KvPrecision.BF16, pool_of((0, 33), gpu(name))) for name in ("H100", "L40S")
    )
    assert (hopper.states, ada.states) == (3, 2), "vLLM 0.33, FlashInfer's gated delta prefill"
    assert (hopper.block, ada.block) == (1088, 1056), "its states are at multiples of 64 tokens"
    assert pool_of((0, 32), gpu("H100")).checkpoints is False


def test_states_are_kept_in_the_models_precision_where_its_config_does_not_ask_for_more() -> None:
    # vLLM's pull request 32492 names this block of the model.
    assert shape_of(model("Qwen/Qwen3-Next-80B-A3B-Instruct")).block == 544


def test_groups_are_padded_to_as_many_layers_each() -> None:
    gemma = shape_of(model("google/gemma-3-27b-it"))
    assert gemma.window_per_token / gemma.per_token == pytest.approx(6), "52 windowed layers fill six groups of ten"
    one_more = shape_of(cut("openai/gpt-oss-20b", windows=12, whole=13))
    assert one_more.window_per_token == one_more.per_token, "13 and 13, not 12 in groups of 12 and 24"


def test_attention_is_padded_to_as_many_layers_as_keep_states() -> None:
    few = shape_of(model("LiquidAI/LFM2.5-230M"))
    assert few.per_token == 8 * 2048, "6 layers of attention and 8 that convolve make groups of 8"
    assert few.per_request == 2 * 8 * 16 * 2048


def test_two_steps_under_way_hold_the_tokens_of_both() -> None:
    spec = model("openai/gpt-oss-120b")
    one, two = shape_of(spec), shape_of(spec, steps=2)
    assert two.held(131072, 8192) - one.held(131072, 8192) == 8192
    assert two.request(131072, 8192) > one.request(131072, 8192)


@pytest.mark.parametrize("name", ["Qwen/Qwen3.5-35B-A3B", "google/gemma-3-27b-it", "openai/gpt-oss-20b"])
def test_the_longest_context_fits_and_no_longer_one_does(name: str) -> None:
    shape = shape_of(model(name))
    for cache in (GIB, 2 * GIB, 7.3 * GIB):
        longest = longest_context(shape, cache, 2048, 10**7)
        assert shape.request(longest, 2048) <= cache < shape.request(longest + shape.block, 2048)
