"""Replicas over nodes without RDMA: refused with what they cost, planned with those times where that is accepted."""

from __future__ import annotations

import re

import pytest

from components.clusters.gke.facts import gke_facts
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.pools import GpuPool
from components.contracts.serving import Refusal, Role, ServingPlan, Topology
from components.planner.catalogs.instances import instance
from components.planner.shapes import pool_facts
from tests.clusters.gke import pools as gke

from .clusters import cluster, plan_for, planned, refused

BIG = "meta-llama/Llama-3.1-405B-Instruct"
SMALL = "Qwen/Qwen3-8B"
TCP = cluster(a100=("p4d.24xlarge", 4))


def without_rdma(machine: str = "p5.48xlarge", nodes: int = 4) -> ClusterFacts:
    """A pool of machines whose cards are left alone."""
    pool = GpuPool(name="gpus", instance_type=machine, count=nodes, rdma=False)
    return TCP.model_copy(update={"pools": (pool_facts(pool),)})


def split(facts: ClusterFacts, **fixed: object) -> ServingPlan | Refusal:
    """Prefill apart from decode."""
    return plan_for(SMALL, facts, topology=Topology.DISAGGREGATED, precision="bf16", **fixed)


def wide(facts: ClusterFacts, **fixed: object) -> ServingPlan | Refusal:
    """A model that takes several nodes of eight H100."""
    return plan_for(BIG, facts, precision="bf16", max_model_len=8192, **fixed)


def test_a_replica_over_nodes_without_rdma_is_refused_with_what_it_costs() -> None:
    refusal = refused(wide(without_rdma()))
    assert refusal.field == "over_tcp"
    assert "span 2 nodes of pool gpus, whose nodes have no RDMA" in refusal.cause
    assert "1.56 GB/s to other nodes over TCP" in refusal.cause, "one card of 100 Gbit/s for eight GPUs"
    assert re.search(r"a token would take [\d,.]+ ms instead of [\d,.]+ \([\d.]+ times\)", refusal.consequence)
    accepted = [change for change in refusal.changes if change.change == "over_tcp: true"]
    assert [change.effect for change in accepted] == ["fits on 16 × H100-SXM, TP8 PP2, bf16"]


def test_who_accepts_it_gets_a_plan_with_the_times_of_the_ordinary_network() -> None:
    slow = planned(wide(without_rdma(), over_tcp=True, tensor_parallel=16))
    assert slow.topology is Topology.MULTI_NODE
    fast = planned(wide(cluster(gpus=("p5.48xlarge", 4)), tensor_parallel=16))
    assert float(slow.performance.tpot) > 2 * float(fast.performance.tpot)


def test_with_rdma_nothing_has_to_be_accepted() -> None:
    assert planned(wide(cluster(gpus=("p5.48xlarge", 4)))).topology is Topology.MULTI_NODE


def test_tensor_parallelism_over_the_ordinary_network_costs_more_than_stages_do() -> None:
    def times(**fixed: object) -> float:
        found = re.search(r"\(([\d.]+) times\)", refused(wide(without_rdma(), **fixed)).consequence)
        assert found
        return float(found[1])

    assert times(tensor_parallel=16) > 3 * times(pipeline_parallel=2)


def test_prefill_apart_from_decode_is_refused_with_the_time_of_the_cache() -> None:
    refusal = refused(split(without_rdma()))
    assert refusal.field == "over_tcp"
    assert "prefill would hand its cache to decode between pods of pool gpus" in refusal.cause
    assert "the cache of a prompt of 1024 tokens would take" in refusal.consequence
    assert "over_tcp: true" in [change.change for change in refusal.changes]
    roles = planned(split(without_rdma(), over_tcp=True)).roles
    assert {role.role for role in roles} == {Role.PREFILL, Role.DECODE}


def test_experts_over_nodes_are_asked_about_too() -> None:
    experts = {"data_parallel": 32, "expert_parallel": True, "max_model_len": 8192}
    facts = without_rdma("p5e.48xlarge")
    refusal = refused(plan_for("deepseek-ai/DeepSeek-V3", facts, **experts))
    assert refusal.field == "over_tcp"
    accepted = planned(plan_for("deepseek-ai/DeepSeek-V3", facts, over_tcp=True, **experts))
    assert accepted.topology is Topology.MULTI_NODE


def test_pods_that_share_a_node_share_no_cards_that_one_pod_has_together() -> None:
    target = gke.target()
    facts = gke_facts(target, (gke.gpu_pool("a3-ultragpu-8g").model_copy(update={"count": 4}),))
    refusal = refused(split(facts, tensor_parallel=2))
    assert refusal.field == "tensor_parallel"
    assert "hands all roce cards of its 8 GPUs to one pod" in refusal.cause
    assert {role.gpus_per_replica for role in planned(split(facts)).roles} == {8}, "whole nodes are left"


def test_nothing_is_asked_of_a_model_that_fits_a_node() -> None:
    assert planned(plan_for(SMALL, without_rdma())).topology is Topology.REPLICATED


def test_a_network_that_nobody_knows_is_taken_for_a_slow_one_and_told() -> None:
    refusal = refused(wide(without_rdma("hgx-h100")))
    assert "10 Gbit/s of a node assumed" in refusal.cause


@pytest.mark.parametrize(
    ("machine", "gbps"),
    [("p5.48xlarge", 100), ("a3-ultragpu-8g", 400), ("g2-standard-48", 50), ("g6e.12xlarge", 100), ("hgx-h100", None)],
)
def test_ordinary_traffic_has_what_rdma_leaves_or_one_card(machine: str, gbps: float | None) -> None:
    assert instance(machine).ordinary_gbps == gbps
