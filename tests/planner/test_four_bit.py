"""Weights of 4 and 8 bit on GPUs without tensor cores for them: read as they are, multiplied in 16 bit (Marlin)."""

from __future__ import annotations

import pytest

from components.contracts.serving import Engine, Precision
from components.planner.catalogs.gpus import gpu
from components.planner.catalogs.models import model
from components.planner.memory.layout import Layout
from components.planner.memory.weights import weights

from .clusters import cluster, plan_for, planned, refused

_HOPPER, _AMPERE, _BLACKWELL = "p5.48xlarge", "p4de.24xlarge", "p6-b200.48xlarge"


@pytest.mark.parametrize("machine", [_HOPPER, _AMPERE])
def test_an_nvfp4_checkpoint_is_served_before_blackwell(machine: str) -> None:
    plan = planned(plan_for("nvidia/Llama-3.3-70B-Instruct-FP4", cluster(pool=(machine, 1))))
    assert (plan.precision, plan.roles[0].gpus_per_replica) == (Precision.NVFP4, 1)


def test_an_engine_without_such_kernels_refuses_it() -> None:
    asked = {"engine": Engine.TENSORRT_LLM}
    answer = refused(plan_for("nvidia/Llama-3.3-70B-Instruct-FP4", cluster(pool=(_HOPPER, 1)), **asked))
    assert answer.field == "precision"
    assert "tensorrt-llm, which asks for 10.0" in answer.cause


def test_expanding_4_bit_weights_costs_time_that_8_bit_ones_do_not_take() -> None:
    # H100 multiplies FP8 natively; per byte read, weights that are expanded are slower.
    asked = {"tensor_parallel": 4, "max_num_seqs": 64}
    hopper = cluster(pool=(_HOPPER, 1))
    four = planned(plan_for("nvidia/Llama-3.3-70B-Instruct-FP4", hopper, **asked))
    eight = planned(plan_for("meta-llama/Llama-3.3-70B-Instruct", hopper, precision="fp8", **asked))
    assert four.performance.ttft_low > eight.performance.ttft_low


def test_of_two_other_precisions_the_one_with_more_bits_is_taken() -> None:
    facts = cluster(pool=(_HOPPER, 1))
    assert planned(plan_for("meta-llama/Llama-3.1-405B-Instruct", facts)).precision is Precision.FP8


def test_turing_takes_16_bit_where_they_fit_and_8_where_only_those_do() -> None:
    facts = cluster(pool=("g4dn.xlarge", 1))
    assert planned(plan_for("Qwen/Qwen3-4B", facts)).precision is Precision.FP16
    assert planned(plan_for("Qwen/Qwen3-8B", facts)).precision is Precision.FP8


def test_marlin_pads_narrow_slices_of_experts() -> None:
    # 1,856 wide over 4 ranks: 464, which Marlin pads to 512 (vLLM 0.33.0, ``prepare_nvfp4_moe_layer_for_marlin``).
    spec, layout = model("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4"), Layout(tensor_parallel=4)
    padded, bare = (weights(spec, layout, gpu(name)).experts for name in ("H100-SXM", "B200"))
    assert padded / bare == pytest.approx(512 / 464)
