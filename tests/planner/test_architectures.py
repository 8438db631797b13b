"""Architectures of this year, from the configurations that their makers published.

Source of the configurations: github.com/ai-dynamo/aiconfigurator 095f58a5, aic-core/.../model_configs, without the
entries of experts other than the first of each layer. Counts: transformers 5.19 on the meta device, unless said.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from components.contracts.errors import StrataError
from components.contracts.serving import KvPrecision, Precision
from components.planner.catalogs.gpus import GIB, gpu
from components.planner.catalogs.hf_config import parse_config, read_config
from components.planner.catalogs.models import Compressed, GroupedQuery, ModelSpec, model
from components.planner.catalogs.quantized import Part
from components.planner.memory.kv_cache import cache_shape, concurrent, growing_bytes, state_bytes
from components.planner.memory.layout import Layout
from components.planner.memory.parameters import parameters
from components.planner.memory.weights import checkpoint_bytes, part_bytes, weights

_CONFIGS = Path(__file__).parent / "configs"
_LFM2 = {
    "model_type": "lfm2",
    "architectures": ["Lfm2ForCausalLM"],
    "num_hidden_layers": 16,
    "hidden_size": 2048,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 12288,
    "block_auto_adjust_ff_dim": True,
    "block_multiple_of": 256,
    "block_ffn_dim_multiplier": 1.0,
    "conv_L_cache": 3,
    "full_attn_idxs": [2, 5, 8, 10, 12, 14],
    "vocab_size": 65536,
    "max_position_embeddings": 128000,
    "tie_embedding": True,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
}


def _spec(name: str) -> ModelSpec:
    return read_config(_CONFIGS / name / "config.json", name=name)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4", 120_668_687_360),
        ("NVIDIA-Nemotron-3.5-Lightning-30B-A3B-NVFP4", 31_577_937_344),
        ("DeepSeek-V4-Pro", 1_572_997_179_491),
        ("Gemma-4-31B-IT-NVFP4", 31_273_086_512),
        ("Qwen3.6-35B-A3B-NVFP4", 35_107_181_936),
        ("GLM-5.2", 743_377_000_704),
        ("MiniMax-M3-NVFP4", 427_040_132_864),
        # transformers lacks these two; the counts are of their model cards.
        ("Llama-3_3-Nemotron-Super-49B-v1", 49_867_000_000),
        ("Kimi-K3", 2_780_000_000_000),
    ],
)
def test_parameters_are_those_of_the_models_own_code(name: str, published: int) -> None:
    assert parameters(_spec(name)).total == pytest.approx(published, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "gigabytes"),
    [("MiniMax-M3-NVFP4", 250.1), ("DeepSeek-V4-Pro", 864.7), ("NVIDIA-Nemotron-3.5-Lightning-30B-A3B-NVFP4", 19.9)],
)
def test_a_mixed_checkpoint_is_read_part_by_part(name: str, gigabytes: float) -> None:
    assert checkpoint_bytes(_spec(name)) / 1e9 == pytest.approx(gigabytes, rel=0.015)


def test_each_part_of_a_mixed_checkpoint_keeps_its_own_precision() -> None:
    spec = _spec("Qwen3.6-35B-A3B-NVFP4")
    assert spec.native.precision is Precision.NVFP4
    assert part_bytes(spec.native, Part.EXPERTS) == pytest.approx(0.5625)
    assert part_bytes(spec.native, Part.LINEAR) == pytest.approx(1.0)
    assert part_bytes(spec.native, Part.HEAD) == pytest.approx(0.5625)
    assert {Precision.FP8, Precision.NVFP4} <= spec.native.precisions


def test_compressed_attention_caches_few_bytes_a_token_whole_on_every_rank() -> None:
    spec = _spec("DeepSeek-V4-Pro")
    assert isinstance(spec.attention, Compressed)
    shape = cache_shape(spec, Layout(tensor_parallel=8), KvPrecision.FP8)
    # 30 layers of 584 bytes and a 132-byte key per 4 tokens, 31 of 584 bytes per 128; 256 tokens a block, in whole 576.
    assert growing_bytes(spec, Layout(), KvPrecision.FP8) == pytest.approx(30 * (584 + 132) / 4 + 31 * 584 / 128)
    assert shape.per_token * 256 == 30 * (65 * 576 + 15 * 576) + 31 * 3 * 576
    assert shape.per_token == cache_shape(spec, Layout(), KvPrecision.FP8).per_token
    # A long context still costs its tokens: the window of 128 does not cap the request.
    assert concurrent(shape, 20 * GIB, 1_000_000, 8192) < concurrent(shape, 20 * GIB, 100_000, 8192) / 4


def test_deepseek_v4_pro_takes_what_its_engine_reported() -> None:
    held = weights(_spec("DeepSeek-V4-Pro"), Layout(tensor_parallel=8), gpu("H200")).total
    assert held / GIB == pytest.approx(102.3, rel=0.015)


def test_layers_without_attention_have_no_cache_and_layers_differ_in_width() -> None:
    spec = _spec("Llama-3_3-Nemotron-Super-49B-v1")
    assert (spec.layers, spec.full_layers) == (80, 49)
    assert spec.all_dense < spec.dense_layers * spec.intermediate


def test_global_layers_of_gemma_4_have_heads_of_their_own() -> None:
    spec = _spec("Gemma-4-31B-IT-NVFP4")
    assert isinstance(spec.attention, GroupedQuery)
    assert spec.window is not None
    assert (spec.attention.kv_heads, spec.attention.head_dim) == (4, 512)
    assert (spec.window.kv_heads, spec.window.head_dim, spec.window.layers) == (16, 256, 50)


def test_layers_that_share_their_choice_of_tokens_have_no_indexer() -> None:
    shape = cache_shape(_spec("GLM-5.2"), Layout(), KvPrecision.BF16)
    assert shape.per_token == 78 * (512 + 64) * 2 + 21 * (128 + 4)


def test_sparse_latent_attention_in_fp8_keeps_scales_and_a_rotary_part_of_16_bit() -> None:
    # 656 bytes, vLLM's flashmla_sparse.py; a key of the indexer beside them.
    shape = cache_shape(model("deepseek-ai/DeepSeek-V3.2"), Layout(), KvPrecision.FP8)
    assert shape.per_token == 61 * (656 + 132)


def test_short_convolutions_keep_two_tokens_whatever_the_context() -> None:
    spec = parse_config("lfm2", json.dumps(_LFM2))
    assert parameters(spec).total == pytest.approx(1_170_340_608, rel=1e-3)
    shape = cache_shape(spec, Layout(), KvPrecision.BF16)
    assert shape.per_token == 6 * 2 * 8 * 64 * 2
    assert state_bytes(spec) == 10 * 2048 * 2 * 2


def test_prediction_heads_are_on_storage_and_not_on_the_gpu() -> None:
    spec = _spec("GLM-5.2")
    assert spec.prediction_parameters > 9e9
    without = replace(spec, id="without", prediction_parameters=0)
    assert checkpoint_bytes(spec) > checkpoint_bytes(without)
    assert weights(spec, Layout(), gpu("H200")) == weights(without, Layout(), gpu("H200"))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"model_type": "rwkv7"}, "rwkv7"),
        ({"expert_memory_size": 4096}, "expert_memory_size"),
        ({"layer_types": ["retention"] * 16, "full_attn_idxs": None}, "retention"),
        ({"quantization_config": {"quant_method": "bitnet", "bits": 2}}, "2 bits"),
        ({"vision_config": {"model_type": "unheard_of_vit"}}, "unheard_of_vit"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(changed: dict[str, object], named: str) -> None:
    with pytest.raises(StrataError, match=named):
        parse_config("mine", json.dumps(_LFM2 | changed))


def test_encoders_with_an_offset_take_512_tokens() -> None:
    config = {
        "model_type": "mpnet",
        "architectures": ["MPNetModel"],
        "num_hidden_layers": 12,
        "hidden_size": 768,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "vocab_size": 30527,
        "max_position_embeddings": 514,
        "pad_token_id": 1,
    }
    assert parse_config("mpnet", json.dumps(config)).context == 512
