"""What a refusal offers: changes that work, the one that takes the least from the user first."""

from __future__ import annotations

from components.contracts.cluster_facts import ClusterFacts

from .clusters import cluster, plan_for, planned, refused

_8B = "meta-llama/Llama-3.1-8B-Instruct"
_PLAIN = {"precision": "bf16", "kv_precision": "bf16"}
_L4, _H100 = cluster(l4=("g6.2xlarge", 1)), cluster(h100=("p5.48xlarge", 1))


def offered(name: str, facts: ClusterFacts, **fixed: object) -> list[str]:
    return [change.change for change in refused(plan_for(name, facts, **fixed)).changes]


def longest() -> int:
    """Tokens that the 8B model has on one L4 at the engine's usual utilization."""
    names = offered(_8B, _L4, max_model_len=131072, **_PLAIN)
    return int(next(name for name in names if name.startswith("max_model_len")).rpartition(" ")[2])


def test_a_shared_expert_below_a_block_is_offered_the_next_number_of_ranks() -> None:
    # 512 wide in blocks of 128: 64 at TP8, 128 at TP4.
    asked = {"expert_parallel": True}
    answer = refused(plan_for("Qwen/Qwen3.6-35B-A3B-FP8", _H100, tensor_parallel=8, **asked))
    assert "shared experts' intermediate size 512 over 8 ranks gives 64" in answer.cause
    assert answer.changes[0].change == "tensor_parallel: 4"
    assert planned(plan_for("Qwen/Qwen3.6-35B-A3B-FP8", _H100, tensor_parallel=4, **asked)).gpus == 4


def test_too_few_ranks_are_offered_the_next_larger_number() -> None:
    names = offered("meta-llama/Llama-3.3-70B-Instruct", _H100, tensor_parallel=1, precision="bf16")
    assert names[0] == "tensor_parallel: 2"


def test_a_little_memory_is_found_in_a_higher_utilization() -> None:
    asked = {"max_model_len": longest() + 512, **_PLAIN}
    first = offered(_8B, _L4, **asked)[0]
    assert first.startswith("gpu_memory_utilization: 0.9")
    share = float(first.rpartition(" ")[2])
    assert planned(plan_for(_8B, _L4, **asked, gpu_memory_utilization=share)).max_model_len == asked["max_model_len"]
    refused(plan_for(_8B, _L4, **asked, gpu_memory_utilization=round(share - 0.01, 2)))


def test_no_utilization_is_offered_that_leaves_the_process_no_memory_of_its_own() -> None:
    names = offered(_8B, _L4, max_model_len=131072, **_PLAIN)
    assert not any(name.startswith("gpu_memory_utilization") for name in names)


def test_a_slightly_shorter_context_comes_before_keys_and_values_in_fp8_and_a_much_shorter_one_after() -> None:
    have = longest()
    slightly = offered(_8B, _L4, max_model_len=round(have * 1.1), precision="bf16", gpu_memory_utilization=0.92)
    assert slightly.index(f"max_model_len ≤ {have}") < slightly.index("kv_precision: fp8")
    much = offered(_8B, _L4, max_model_len=round(have * 1.7), precision="bf16", gpu_memory_utilization=0.92)
    assert much.index(f"max_model_len ≤ {have}") > much.index("kv_precision: fp8")


def test_drafting_is_given_up_where_it_takes_the_memory() -> None:
    name, asked = "Qwen/Qwen3.5-27B-FP8", {"gpu_memory_utilization": 0.92, "max_num_seqs": 16}
    pool = cluster(l40s=("g6e.xlarge", 1))
    names = offered(name, pool, max_model_len=262144, **asked)
    have = int(next(change for change in names if change.startswith("max_model_len")).rpartition(" ")[2])
    assert planned(plan_for(name, pool, max_model_len=have, **asked)).gpus == 1
    drafting = offered(name, pool, max_model_len=have, speculation={"kind": "mtp"}, **asked)
    assert "leave speculation out" in drafting


def test_a_gpu_without_kernels_for_an_fp8_cache_is_offered_16_bit() -> None:
    ampere = cluster(a100=("p4de.24xlarge", 1))
    answer = refused(plan_for("openai/gpt-oss-120b", ampere, kv_precision="fp8"))
    assert answer.field == "kv_precision"
    assert answer.changes[0].change == "kv_precision: bf16"
