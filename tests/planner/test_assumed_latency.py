"""A plan says what its times rest on: measurements of that engine and GPU, or an assumption."""

from __future__ import annotations

import pytest

from components.contracts.cluster_facts import ClusterFacts

from .clusters import cluster, plan_for, planned

H100, L4 = cluster(h100=("p5.48xlarge", 1)), cluster(l4=("g6.2xlarge", 4))


def latency(model: str, facts: ClusterFacts, **fixed: object) -> str:
    plan = planned(plan_for(model, facts, **fixed))
    return next(reason.because for reason in plan.reasons if reason.subject == "latency")


def test_measured_runs_are_named_with_their_error() -> None:
    because = latency("Qwen/Qwen3-8B", H100)
    assert because.startswith("measured runs of vllm on B200, B300, H100-SXM, H200: median error 11%")


@pytest.mark.parametrize(
    ("model", "facts", "assumed"),
    [
        ("Qwen/Qwen3-8B", L4, "L4 was not measured"),
        ("BAAI/bge-m3", H100, "tei was not measured"),
    ],
)
def test_what_was_not_measured_is_an_assumption(model: str, facts: ClusterFacts, assumed: str) -> None:
    assert latency(model, facts).startswith(f"assumed: {assumed}")


def test_roles_apart_were_not_compared_with_measurements() -> None:
    two = cluster(h100=("p5.48xlarge", 2))
    assert "assumed: prefill and decode apart" in latency("Qwen/Qwen3-32B", two, topology="disaggregated")
