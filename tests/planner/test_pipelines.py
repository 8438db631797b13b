"""Stages inside a node: where they are tried, what they cost beside tensor parallelism, and how full they are."""

from __future__ import annotations

import pytest

from components.contracts.serving import Engine, KvPrecision
from components.planner.catalogs.gpus import gpu
from components.planner.catalogs.models import model
from components.planner.memory.layout import Layout
from components.planner.speed import Lengths, time_per_output_token
from components.planner.speed.catalog import workload
from components.planner.speed.pipeline import decoding, one_prompt
from components.planner.speed.terms import Links

from .clusters import cluster, plan_for, planned

_70B = "meta-llama/Llama-3.3-70B-Instruct"
_L40S = cluster(pool=("g6e.48xlarge", 8))
_BUSY = {"requests_per_second": 5, "input_tokens": 2048, "output_tokens": 512}
_QUIET = {"requests_per_second": 0.2, "input_tokens": 2048, "output_tokens": 512}


def test_under_load_stages_replace_all_reduces_over_pcie() -> None:
    role = planned(plan_for(_70B, _L40S, precision="bf16", traffic=_BUSY)).roles[0]
    assert (role.tensor_parallel, role.pipeline_parallel, role.nodes_per_replica) == (4, 2, 1)
    only_tensor = planned(plan_for(_70B, _L40S, precision="bf16", traffic=_BUSY, pipeline_parallel=1))
    assert only_tensor.gpus > role.replicas * role.gpus_per_replica


def test_a_quiet_server_has_no_stages_which_would_only_delay_its_tokens() -> None:
    role = planned(plan_for(_70B, _L40S, precision="bf16", traffic=_QUIET)).roles[0]
    assert role.pipeline_parallel == 1
    assert role.pipeline is None


def test_nvlink_makes_stages_needless() -> None:
    assert planned(plan_for(_70B, cluster(pool=("p5.48xlarge", 4)), traffic=_BUSY)).roles[0].pipeline_parallel == 1


def test_a_plan_says_how_many_batches_are_in_flight() -> None:
    plan = planned(plan_for(_70B, _L40S, precision="bf16", traffic=_BUSY))
    full = plan.roles[0].pipeline
    assert full is not None
    assert (full.micro_batches, full.bubble) == (2, 0), (
        "80 layers in two equal stages, and far more requests than those"
    )
    (reason,) = [reason for reason in plan.reasons if reason.subject == "pipeline"]
    assert reason.value == "2.0 micro-batches in flight, bubble 0%"
    assert "a prompt of 2048 tokens alone passes in 1 chunks, of whose time 50% is bubble" in reason.because


def test_a_plan_says_when_fewer_requests_run_than_there_are_stages() -> None:
    plan = planned(
        plan_for(_70B, _L40S, precision="bf16", tensor_parallel=1, pipeline_parallel=8, replicas=8, traffic=_QUIET)
    )
    full = plan.roles[0].pipeline
    assert full is not None
    assert full.micro_batches < 8
    assert full.bubble == pytest.approx(1 - full.micro_batches / 8, abs=1e-3)
    (reason,) = [reason for reason in plan.reasons if reason.subject == "pipeline"]
    assert "fewer than its 8 stages" in reason.because


def test_ranks_of_one_node_meet_over_pcie_and_not_over_its_network() -> None:
    def token(node_gpus: int) -> float:
        links = Links(node_gpus=node_gpus, fabric=1.25e9)
        work = workload(model(_70B), KvPrecision.BF16, gpu("L4"), Layout(tensor_parallel=8), links, Engine.VLLM)
        return time_per_output_token(work, 32, Lengths(1024, 256))

    assert token(8) < token(4)


@pytest.mark.parametrize(
    ("stages", "layers", "running", "micro_batches", "bubble"),
    [
        (4, 80, 100.0, 4.0, 0.0),
        (4, 80, 1.0, 1.0, 0.75),
        (2, 61, 100.0, 2.0, 1 - 61 / 62),
    ],
)
def test_a_stage_idles_for_want_of_requests_and_for_layers_that_it_lacks(
    stages: int, layers: int, running: float, micro_batches: float, bubble: float
) -> None:
    full = decoding(stages, layers, running)
    assert full.micro_batches == micro_batches
    assert full.bubble == pytest.approx(bubble)


def test_one_prompt_fills_and_drains_the_pipeline() -> None:
    # GPipe (Huang et al. 2019): (p - 1) / (m + p - 1).
    assert one_prompt(4, 5).bubble == pytest.approx(3 / 8)


def test_a_model_that_splits_into_too_few_slices_fills_a_node_in_stages() -> None:
    # 10 key-value heads: neither 4 nor 8 ranks.
    role = planned(plan_for("microsoft/phi-4", cluster(pool=("g4dn.12xlarge", 1)))).roles[0]
    assert (role.tensor_parallel, role.pipeline_parallel) == (2, 2)
