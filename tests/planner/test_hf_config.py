"""Models that the catalog lacks are read from their config.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.contracts.errors import StrataError
from components.contracts.serving import Precision, Refusal, ServingPlan, ServingRequest
from components.planner import plan
from components.planner.catalogs.hf_config import checkpoint_bytes, parse_config, read_config
from components.planner.catalogs.models import Latent, model
from components.planner.memory.parameters import parameters

from .clusters import MIXED

_LLAMA: dict[str, object] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "torch_dtype": "bfloat16",
}


def test_a_config_gives_the_published_number_of_parameters() -> None:
    assert parameters(parse_config("mine", json.dumps(_LLAMA))).total == 8_030_261_248


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("deepseek-ai/DeepSeek-V3", 671_026_419_200),
        ("Qwen/Qwen3-235B-A22B", 235_093_634_560),
        ("openai/gpt-oss-120b", 116_829_156_672),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", 46_702_792_704),
        ("BAAI/bge-reranker-v2-m3", 567_755_777),
        ("Qwen/Qwen3-Embedding-8B", 7_567_295_488),
    ],
)
def test_catalogued_models_have_their_published_parameters(name: str, published: int) -> None:
    assert parameters(model(name)).total == pytest.approx(published, rel=1e-4)


def test_positions_of_roberta_begin_after_its_padding() -> None:
    # XLMRobertaModel of 514 positions takes 512 tokens, as its card and vLLM say.
    config = _LLAMA | {"model_type": "xlm-roberta", "max_position_embeddings": 514, "pad_token_id": 1}
    del config["num_key_value_heads"]
    assert parse_config("mine", json.dumps(config)).context == 512
    assert model("BAAI/bge-m3").context == 8192


def test_latent_attention_and_fp8_blocks_are_recognised() -> None:
    config = _LLAMA | {
        "model_type": "deepseek_v3",
        "kv_lora_rank": 512,
        "q_lora_rank": 1536,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": 128,
        "v_head_dim": 128,
        "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    }
    spec = parse_config("mine", json.dumps(config))
    assert isinstance(spec.attention, Latent)
    assert (spec.native.precision, spec.native.block) == (Precision.FP8, 128)


def test_a_model_by_path_is_planned(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(_LLAMA))
    answer = plan(ServingRequest(name="mine", model="me/mine", config_json=str(path)), MIXED)
    assert isinstance(answer, ServingPlan)
    assert answer.storage.checkpoint == pytest.approx(16.06e9, rel=0.01)


def test_the_index_counts_only_its_own_files(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps({"metadata": {"total_size": 16_060_522_496}, "weight_map": {}}))
    assert checkpoint_bytes(path) == 16_060_522_496


def test_an_unreadable_config_is_refused_with_its_cause(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text("[" * 100_000)
    with pytest.raises(StrataError):
        read_config(path)
    answer = plan(ServingRequest(name="mine", model="me/mine", config_json=str(path)), MIXED)
    assert isinstance(answer, Refusal)


_HOSTILE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(), st.text(max_size=5), st.lists(st.integers())
)


@settings(max_examples=300, deadline=None)
@example(changed={"num_key_value_heads": [0]})
@example(changed={"num_key_value_heads": [-221]})
@given(
    changed=st.dictionaries(st.sampled_from([*sorted(_LLAMA), "head_dim", "num_experts", "sliding_window"]), _HOSTILE)
)
def test_hostile_configs_are_errors_or_plans_and_never_other_exceptions(changed: dict[str, object]) -> None:
    try:
        spec = parse_config("mine", json.dumps(_LLAMA | changed))
    except StrataError:
        return
    answer = plan(ServingRequest(name="mine", model="me/mine"), MIXED, model=spec)
    assert isinstance(answer, ServingPlan | Refusal)
