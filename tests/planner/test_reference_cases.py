"""Models whose deployment is well known are planned the way people run them."""

from __future__ import annotations

import pytest

from components.contracts.quantities import Duration
from components.contracts.serving import Precision, ServingRequest, Targets, Topology
from components.contracts.traffic import Traffic
from components.planner import plan
from components.planner.catalogs.models import model
from components.planner.deployable import MODEL_SERVERS
from components.planner.memory.weights import checkpoint_bytes

from .clusters import MIXED, cluster, plan_for, planned, refused


@pytest.mark.parametrize("machine", ["g6.2xlarge", "g5.2xlarge"])
def test_qwen2_7b_is_15_gb_and_fits_one_24_gib_gpu_in_bf16(machine: str) -> None:
    answer = planned(plan_for("Qwen/Qwen2-7B-Instruct", cluster(small=(machine, 1))))
    assert answer.storage.checkpoint == pytest.approx(15.2e9, rel=0.01)
    assert (answer.gpus, answer.precision) == (1, Precision.BF16)
    assert answer.max_model_len >= 32768
    assert answer.roles[0].memory.kv_tokens >= answer.max_model_len


def test_kimi_k2_is_a_terabyte_and_does_not_fit_one_h100_node() -> None:
    assert checkpoint_bytes(model("moonshotai/Kimi-K2-Instruct")) == pytest.approx(1.03e12, rel=0.03)
    answer = refused(plan_for("moonshotai/Kimi-K2-Instruct", cluster(h100=("p5.48xlarge", 1))))
    offered = {change.change: change.effect for change in answer.changes}
    assert "16 × H100-SXM" in offered["pool h100: 2 nodes"]
    assert any("H200" in effect for effect in offered.values()), "a machine that holds it on one node is named"


def test_kimi_k2_is_planned_over_two_h100_nodes() -> None:
    answer = planned(plan_for("moonshotai/Kimi-K2-Instruct", cluster(h100=("p5.48xlarge", 2))))
    assert answer.topology is Topology.MULTI_NODE
    assert answer.roles[0].nodes_per_replica == 2
    assert answer.storage.volume >= 1.03e12


def test_llama_405b_in_fp8_takes_one_h100_node_and_in_bf16_two() -> None:
    facts = cluster(h100=("p5.48xlarge", 2))
    assert planned(plan_for("meta-llama/Llama-3.1-405B-Instruct-FP8", facts)).gpus == 8
    assert planned(plan_for("meta-llama/Llama-3.1-405B-Instruct", facts)).gpus == 16


def test_deepseek_r1_takes_one_h200_node_or_two_h100_nodes() -> None:
    assert planned(plan_for("deepseek-ai/DeepSeek-R1-0528", cluster(h200=("p5en.48xlarge", 1)))).gpus == 8
    assert planned(plan_for("deepseek-ai/DeepSeek-R1-0528", cluster(h100=("p5.48xlarge", 2)))).gpus == 16


def test_gpt_oss_120b_fits_one_h100_because_fewer_sequences_are_admitted() -> None:
    answer = planned(plan_for("openai/gpt-oss-120b", cluster(h100=("p5.48xlarge", 1))))
    assert answer.gpus == 1
    assert answer.roles[0].max_num_seqs < 1024, "vLLM's default leaves it no memory (vllm#23278)"


def test_blocks_of_fp8_experts_forbid_tp8_without_expert_parallelism() -> None:
    facts = cluster(h100=("p5.48xlarge", 1))
    answer = refused(plan_for("Qwen/Qwen3-235B-A22B-FP8", facts, tensor_parallel=8, expert_parallel=False))
    assert "192" in answer.cause
    assert planned(plan_for("Qwen/Qwen3-235B-A22B-FP8", facts, tensor_parallel=8)).roles[0].expert_parallel


def test_smaller_gpus_win_when_they_are_cheaper() -> None:
    light = Traffic(requests_per_second=0.5, input_tokens=512, output_tokens=128)
    answer = planned(plan_for("Qwen/Qwen2-7B-Instruct", MIXED, traffic=light))
    assert answer.gpu == "L4"
    assert any("H100" in other.summary for other in answer.alternatives)


def test_a_tight_target_moves_the_model_to_a_faster_gpu() -> None:
    light = Traffic(requests_per_second=0.5, input_tokens=512, output_tokens=128)
    fast = Targets(tpot=Duration(0.012))
    answer = planned(plan_for("Qwen/Qwen2-7B-Instruct", MIXED, traffic=light, targets=fast))
    assert answer.gpu != "L4"
    assert answer.performance.tpot <= 0.012


def test_disaggregation_has_both_roles_and_needs_rdma() -> None:
    heavy = Traffic(requests_per_second=3.0, input_tokens=4000, output_tokens=300)
    asked = {"topology": Topology.DISAGGREGATED, "traffic": heavy}
    answer = planned(plan_for("meta-llama/Llama-3.3-70B-Instruct", cluster(h100=("p5.48xlarge", 4)), **asked))
    prefill, decode = answer.roles
    assert (prefill.role.value, decode.role.value) == ("prefill", "decode")
    assert decode.tensor_parallel % prefill.tensor_parallel == 0
    answer = refused(plan_for("Qwen/Qwen2-7B-Instruct", cluster(l4=("g6.2xlarge", 4)), **asked))
    assert "RDMA" in answer.cause


def test_t4_takes_fp16_because_it_has_no_bf16() -> None:
    answer = planned(plan_for("Qwen/Qwen3-4B", cluster(t4=("g4dn.2xlarge", 1))))
    assert answer.precision is Precision.FP16


def test_embedding_model_runs_on_tei_and_keeps_no_cache() -> None:
    traffic = Traffic(requests_per_second=20.0, input_tokens=512, output_tokens=1)
    answer = planned(plan_for("BAAI/bge-m3", MIXED, traffic=traffic))
    assert answer.engine.value == "tei"
    assert answer.roles[0].memory.kv_cache == 0


def test_refusal_for_a_long_context_names_the_longest_that_fits() -> None:
    facts = cluster(l4=("g6.2xlarge", 1))
    answer = refused(plan_for("meta-llama/Llama-3.1-8B-Instruct", facts, max_model_len=131072))
    limit = next(change.change for change in answer.changes if change.change.startswith("max_model_len ≤ "))
    longest = int(limit.removeprefix("max_model_len ≤ "))
    assert planned(plan_for("meta-llama/Llama-3.1-8B-Instruct", facts, max_model_len=longest)).gpus == 1
    refused(plan_for("meta-llama/Llama-3.1-8B-Instruct", facts, max_model_len=longest + 1024))


def test_a_precision_without_a_checkpoint_is_changed_first_and_the_rest_after_it() -> None:
    facts = cluster(h100=("p5.48xlarge", 1))
    request = ServingRequest(name="chat", model="deepseek-ai/DeepSeek-V3", gpu="H100-SXM", precision=Precision.BF16)
    answer = refused(plan(request, facts, deployable=MODEL_SERVERS))
    first = answer.changes[0].change
    assert first.startswith("precision: fp8, leave gpu and pool open, instance_type: "), first
    larger = cluster(h100=(first.rpartition(" ")[2], 1))
    changed = request.model_copy(update={"precision": Precision.FP8, "gpu": None})
    assert planned(plan(changed, larger, deployable=MODEL_SERVERS)).precision is Precision.FP8
