"""Speculative decoding: what drafts takes memory and time, what a step yields is an assumption that the plan states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.contracts.serving import ServingPlan
from components.contracts.speculation import MtpSpeculation, SpeculationPlan
from components.planner.catalogs.models import model
from components.planner.choice.speculating import tokens_per_step

from .clusters import MIXED, cluster, plan_for, planned, refused

_R1, _8B = "deepseek-ai/DeepSeek-R1", "meta-llama/Llama-3.1-8B-Instruct"
_H200 = cluster(h200=("p5en.48xlarge", 2))
_REVISION = "0123456789abcdef0123456789abcdef01234567"
# config.json of an EAGLE-3 head for Llama-3.1-8B: one layer of its widths, and 32,000 tokens that it can draft.
_HEAD = {
    "architectures": ["LlamaForCausalLMEagle3"],
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 1,
    "vocab_size": 128256,
    "draft_vocab_size": 32000,
}


@pytest.fixture
def eagle3(tmp_path: Path) -> dict[str, object]:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(_HEAD))
    return {"kind": "eagle3", "model": "yuhuili/head", "revision": _REVISION, "config_json": str(config)}


def drafts(plan: ServingPlan) -> SpeculationPlan:
    assert plan.speculation is not None
    return plan.speculation


@pytest.mark.parametrize(("tokens", "measured"), [(1, 1.79), (2, 2.27), (3, 2.49)])
def test_the_usual_assumption_is_near_what_was_measured_of_a_prediction_head(tokens: int, measured: float) -> None:
    # DeepSeek-V4-Pro: golden_al_distribution/dsv4_mtp.yaml of SemiAnalysisAI/InferenceX, read 2026-11-28.
    assert tokens_per_step(MtpSpeculation(kind="mtp", tokens=tokens)) == pytest.approx(measured, rel=0.06)


def test_a_prediction_head_takes_weights_and_cache_of_every_gpu() -> None:
    asked = {"tensor_parallel": 8, "speculation": {"kind": "mtp"}}
    plan, bare = planned(plan_for(_R1, _H200, **asked)), planned(plan_for(_R1, _H200, tensor_parallel=8))
    # 11.6 B parameters in FP8 over 8 GPUs; a latent vector of 576 elements of 16 bit, whole on each.
    assert drafts(plan).weights == pytest.approx(11_608_195_072 / 8, rel=0.001)
    assert drafts(plan).cache_per_token == 576 * 2
    more = plan.roles[0].memory.weights - bare.roles[0].memory.weights
    assert more == pytest.approx(drafts(plan).weights, abs=2)
    assert plan.roles[0].memory.kv_tokens < bare.roles[0].memory.kv_tokens


def test_a_plan_states_what_it_assumes() -> None:
    plan = planned(plan_for(_R1, _H200, speculation={"kind": "mtp", "tokens": 2, "acceptance": 0.5}))
    assert drafts(plan).tokens_per_step == 1.75
    (reason,) = [reason for reason in plan.reasons if reason.subject == "speculation"]
    assert reason.value == "mtp, 2 tokens drafted, 1.75 per step"
    assert "assumed, not predicted: a drafted token is accepted with probability 0.5" in reason.because
    assert "assumed: each is accepted with probability 0.5" in str(plan.speculation)


def test_accepted_drafts_make_tokens_faster_and_rejected_ones_slower() -> None:
    def token(**speculation: object) -> float:
        asked = {"speculation": speculation} if speculation else {}
        return planned(plan_for(_R1, _H200, tensor_parallel=8, max_num_seqs=4, **asked)).performance.tpot

    often, never = token(kind="mtp", acceptance=0.9), token(kind="mtp", acceptance=0.01)
    assert often < token() < never


def test_a_head_with_a_checkpoint_of_its_own_is_sized_by_its_config(eagle3: dict[str, object]) -> None:
    plan = planned(plan_for(_8B, MIXED, gpu="H100-SXM", speculation=eagle3))
    # Attention sees embedding and hidden states, 8,192 wide; 3 × 4,096 hidden states are joined; 32,000 tokens.
    layer = 8192 * (4096 + 2 * 1024) + 4096 * 4096 + 3 * 4096 * 14336
    assert drafts(plan).weights == 2 * (layer + 3 * 4096 * 4096 + 32000 * 4096)
    assert drafts(plan).cache_per_token == 2 * 1024 * 2
    # Placements row p105, a start-up log with such a head: 410,128 tokens in 51.63 GiB.
    whole = 32 * 2 * 1024 * 2 + drafts(plan).cache_per_token
    assert whole == pytest.approx(51.63 * 2**30 / 410_128, rel=1e-4)
    bare = planned(plan_for(_8B, MIXED, gpu="H100-SXM"))
    assert plan.storage.checkpoint - bare.storage.checkpoint == drafts(plan).checkpoint


def test_a_head_that_cannot_be_split_as_the_model_is_names_the_ranks(eagle3: dict[str, object]) -> None:
    path = Path(str(eagle3["config_json"]))
    path.write_text(json.dumps({**_HEAD, "num_attention_heads": 12, "head_dim": 128}))
    answer = refused(plan_for(_8B, MIXED, gpu="H100-SXM", tensor_parallel=8, speculation=eagle3))
    assert answer.field == "tensor_parallel"
    assert "12 attention heads of the draft head" in answer.cause
    assert "tensor_parallel: 4" in [change.change for change in answer.changes]


def test_stages_that_hand_no_hidden_states_on_have_no_head_of_their_own(eagle3: dict[str, object]) -> None:
    asked = {"tensor_parallel": 4, "pipeline_parallel": 2, "speculation": eagle3, "gpu": "H100-SXM"}
    assert planned(plan_for(_8B, MIXED, **asked)).roles[0].pipeline_parallel == 2
    answer = refused(plan_for("Qwen/Qwen3-30B-A3B", MIXED, **asked))
    assert answer.field == "pipeline_parallel"
    assert "qwen3_moe" in answer.cause


def test_a_head_may_be_described_as_speculators_do(eagle3: dict[str, object]) -> None:
    path = Path(str(eagle3["config_json"]))
    flat = drafts(planned(plan_for(_8B, MIXED, speculation=eagle3)))
    layer = {key: value for key, value in _HEAD.items() if key != "draft_vocab_size"}
    path.write_text(json.dumps({"draft_vocab_size": 32000, "transformer_layer_config": layer}))
    assert drafts(planned(plan_for(_8B, MIXED, speculation=eagle3))).weights == flat.weights


def test_a_recurrent_model_keeps_a_state_for_every_drafted_token() -> None:
    # vLLM 0.33.0, ``MambaSpec.num_speculative_blocks``; the sequences are fixed so that only the cache differs.
    def concurrent(**asked: object) -> float:
        role = planned(plan_for("Qwen/Qwen3.5-27B", _H200, tensor_parallel=1, max_num_seqs=16, **asked)).roles[0]
        return role.memory.concurrent_requests

    assert concurrent(speculation={"kind": "mtp", "tokens": 3}) < concurrent() * 0.9


def test_matches_in_the_prompt_take_no_memory() -> None:
    plan = planned(plan_for(_8B, MIXED, speculation={"kind": "ngram"}))
    assert (drafts(plan).weights, drafts(plan).cache_per_token, drafts(plan).checkpoint) == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "speculation", "fixed", "field", "says"),
    [
        (_8B, {"kind": "mtp"}, {}, "speculation.kind", "no prediction head"),
        (_8B, {"kind": "ngram"}, {"engine": "sglang"}, "speculation.kind", "vllm only"),
        ("BAAI/bge-m3", {"kind": "ngram"}, {"engine": "vllm"}, "speculation.kind", "generates nothing"),
        (_8B, {"kind": "ngram", "shortest_match": 5}, {}, "speculation.shortest_match", "above the longest_match"),
        ("stepfun-ai/Step-3.5-Flash", {"kind": "mtp", "tokens": 4}, {}, "speculation.tokens", "no multiple of the 3"),
    ],
)
def test_what_the_engine_refuses_is_refused_before(
    name: str, speculation: dict[str, object], fixed: dict[str, object], field: str, says: str
) -> None:
    answer = refused(plan_for(name, MIXED, speculation=speculation, **fixed))
    assert answer.field == field
    assert says in answer.cause
    assert answer.changes[0].change == "leave speculation out"


def test_a_family_whose_code_shows_no_hidden_states_gets_no_head(eagle3: dict[str, object]) -> None:
    answer = refused(plan_for("google/gemma-3-4b-it", MIXED, speculation=eagle3))
    assert (answer.field, "gemma3_text" in answer.cause) == ("speculation.kind", True)


def test_a_head_that_cannot_be_read_is_refused(eagle3: dict[str, object]) -> None:
    Path(str(eagle3["config_json"])).write_text(json.dumps({"hidden_size": 4096}))
    answer = refused(plan_for(_8B, MIXED, speculation=eagle3))
    assert answer.field == "speculation.config_json"
    assert "says nothing of intermediate and heads and vocab" in answer.cause


def test_a_checkpoint_of_the_model_without_its_head_is_not_taken() -> None:
    # NVIDIA's NVFP4 checkpoint of DeepSeek-R1 is listed without a head.
    asked = {"precision": "nvfp4", "speculation": {"kind": "mtp"}}
    b200 = cluster(b200=("p6-b200.48xlarge", 1))
    assert planned(plan_for(_R1, b200, precision="nvfp4")).checkpoint == "nvidia/DeepSeek-R1-FP4"
    answer = refused(plan_for(_R1, b200, **asked))
    assert answer.field == "speculation.kind"
    assert "nvidia/DeepSeek-R1-FP4" in answer.cause
    assert planned(plan_for(_R1, b200, speculation={"kind": "mtp"})).checkpoint == _R1


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("deepseek-ai/DeepSeek-V3.2", 3),
        ("deepseek-ai/DeepSeek-V4-Pro", 2),
        ("Qwen/Qwen3-Next-80B-A3B-Instruct", 2),
        ("Qwen/Qwen3.8-27B", 3),
        ("nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16", 5),
        ("stepfun-ai/Step-3.7-Flash", 3),
        ("internlm/Intern-S2-Preview", 4),
        ("tencent/Hy3", 2),
        ("XiaomiMiMo/MiMo-V2.5", 1),
        ("zai-org/GLM-5.2", 5),
    ],
)
def test_what_recipes_draft_with_is_planned(name: str, tokens: int) -> None:
    # vllm-project/recipes, commit 8959cf64, --speculative-config of each model.
    plan = planned(plan_for(name, cluster(h200=("p5en.48xlarge", 4)), speculation={"kind": "mtp", "tokens": tokens}))
    assert drafts(plan).weights > 0


def test_a_heads_size_is_that_of_its_card() -> None:
    # tencent/Hy3-preview: "with a 3.8B MTP layer", vllm-project/recipes 8959cf64.
    assert model("tencent/Hy3-preview").prediction_parameters == pytest.approx(3.8e9, rel=0.02)
