"""What a forward pass holds while the engine profiles it, by kernel, version and layout."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.planner.catalogs.gpus import GIB, gpu
from components.planner.catalogs.models import model
from components.planner.memory.activations import Version, forward, vision
from components.planner.memory.budget import margin
from components.planner.memory.layout import Layout
from components.planner.memory.weights import weights

TOKENS = 8192
CODER, R1, V32 = "Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8", "deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-V3.2"
SPREAD = Layout(data_parallel=8, expert_parallel=True)
TP8, TP8_EP = Layout(tensor_parallel=8), Layout(tensor_parallel=8, expert_parallel=True)


def peak(name: str, layout: Layout, version: Version, card: str = "H200", context: int = 131072) -> float:
    return forward(model(name), gpu(card), layout, TOKENS, context, version) / GIB


def test_kernels_in_fp8_hold_what_they_quantized_beside_what_they_quantize() -> None:
    rows = 32768 * 8
    caches = 2 * rows * (6144 + 2560) + rows * 2560 + 32768 * 6144
    gathered, stream = 2 * 2 * 65536 * 6144, 3 * 2 * TOKENS * 6144
    assert peak(CODER, SPREAD, (0, 10)) == pytest.approx((caches + gathered + stream) / GIB)


def test_tokens_of_all_ranks_are_taken_at_once_since_chunks_are_gone() -> None:
    assert peak(CODER, SPREAD, (0, 18), card="L40S") > 1.9 * peak(CODER, SPREAD, (0, 17), card="L40S")


def test_wide_experts_of_block_fp8_on_hopper_take_the_padded_workspaces_of_deep_gemm() -> None:
    padded = 2 * (TOKENS * 8 + 32 * 127) * (7168 + 7168) / GIB
    assert peak(R1, TP8_EP, (0, 11)) > padded > peak(R1, TP8_EP, (0, 11), card="L40S")
    assert peak(R1, TP8, (0, 11)) == peak(R1, TP8, (0, 11), card="L40S"), "512 columns on each GPU are too narrow"


def test_latent_attention_reserves_the_projected_context_of_earlier_chunks() -> None:
    whole = peak(R1, SPREAD, (0, 17), context=1024)
    assert peak("deepseek-ai/DeepSeek-V2.5", Layout(), (0, 17)) > 2 * 65536 * 128 * 256 / GIB
    assert whole == peak(R1, SPREAD, (0, 17), context=131072), "experts of eight ranks' tokens take more"


def test_the_sparse_indexer_gathers_forty_contexts() -> None:
    stream = 3 * 2 * TOKENS * 7168 / GIB
    assert peak(V32, TP8, (0, 11), context=163840) == pytest.approx(40 * 132 * 163840 / GIB + 0.5 + stream)


def test_features_of_deeper_vision_levels_stay_beside_the_image() -> None:
    with_levels, without = model("Qwen/Qwen3-VL-30B-A3B-Instruct-FP8"), model("Qwen/Qwen3.8-27B-FP8")
    assert vision(with_levels, 0)[1] / with_levels.hidden == 4 * vision(without, 0)[1] / without.hidden
    assert vision(with_levels, TOKENS)[1] - vision(with_levels, 0)[1] == 3 * 2 * TOKENS * with_levels.hidden


def test_the_angles_of_every_position_lie_beside_the_weights() -> None:
    spec, card = model("meta-llama/Llama-3.1-8B-Instruct"), gpu("H100-SXM")
    shorter = replace(spec, context=0)
    assert weights(spec, Layout(), card).total - weights(shorter, Layout(), card).total == 2 * 131072 * 128


def test_the_margin_is_larger_where_experts_lie_on_several_gpus() -> None:
    spec, card = model(R1), gpu("H200")
    assert margin(spec, card, TP8) - margin(spec, card, Layout()) == pytest.approx(0.5 * GIB)
    assert margin(model("Qwen/Qwen3-32B"), card, TP8) == margin(spec, card, Layout())
