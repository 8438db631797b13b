"""Tensor parallelism over the nodes of one NVLink domain, and over no more than one."""

from __future__ import annotations

import pytest

from components.contracts.cluster_facts import ClusterFacts
from components.contracts.pools import GpuPool
from components.contracts.serving import Refusal, ServingPlan, ServingRequest, Topology
from components.planner import plan, rules
from components.planner.catalogs.models import model
from components.planner.choice.pools import gpu_pool
from components.planner.deployable import MODEL_SERVERS
from components.planner.memory.layout import Layout
from components.planner.shapes import pool_facts
from tests.planner.clusters import MIXED, plan_for, planned, refused

MODEL = "meta-llama/Llama-3.3-70B-Instruct"


def trays(count: int, *, compute_domains: bool = True) -> ClusterFacts:
    pool = GpuPool(name="nvl72", instance_type="gb200-nvl72-tray", count=count, compute_domains=compute_domains)
    return MIXED.model_copy(update={"pools": (pool_facts(pool),)})


@pytest.mark.parametrize("ranks", [8, 16])
def test_ranks_over_several_trays_of_one_domain_are_planned(ranks: int) -> None:
    made = planned(plan_for(MODEL, trays(18), tensor_parallel=ranks))
    (role,) = made.roles
    assert (role.tensor_parallel, role.nodes_per_replica, role.gpus_per_node) == (ranks, ranks // 4, 4)
    assert made.topology is Topology.MULTI_NODE


def test_without_compute_domains_a_tray_is_the_limit_and_rdma_has_to_be_asked_for() -> None:
    bare = trays(18, compute_domains=False)
    assert planned(plan_for(MODEL, bare)).roles[0].tensor_parallel <= 4
    asked = planned(plan_for(MODEL, bare, tensor_parallel=8))
    joined = planned(plan_for(MODEL, trays(18), tensor_parallel=8))
    assert asked.performance.tpot > joined.performance.tpot, "all-reduces cross the network"


def test_ranks_over_several_domains_are_refused() -> None:
    pool = gpu_pool(trays(36).pool("nvl72"), 0)
    assert pool is not None
    assert rules.nvlink(model(MODEL), Layout(tensor_parallel=64), pool.place) is None
    beyond = rules.nvlink(model(MODEL), Layout(tensor_parallel=128), pool.place)
    assert beyond is not None
    assert "72 GPUs of an NVLink domain" in beyond.cause


def test_part_of_a_tray_is_no_part_of_a_domain() -> None:
    answer = refused(plan_for(MODEL, trays(18), tensor_parallel=10))
    assert answer.field == "tensor_parallel"


def test_replicas_are_counted_by_domain() -> None:
    pool = gpu_pool(trays(36).pool("nvl72"), 0)
    assert pool is not None
    assert pool.replicas(4 * 10) == 2, "ten trays of each of two racks; the eight left in each do not reach each other"
    assert pool.replicas(4 * 9) == 4
    assert pool.replicas(4) == 36


def test_servers_over_several_nodes_are_not_deployed_yet() -> None:
    request = ServingRequest.model_validate({"name": "model", "model": MODEL, "tensor_parallel": 8})
    answer: ServingPlan | Refusal = plan(request, trays(18), deployable=MODEL_SERVERS)
    assert "a Deployment cannot form a server of pods on several nodes" in refused(answer).consequence


def test_a_model_that_fits_a_tray_is_served_from_one() -> None:
    request = ServingRequest.model_validate({"name": "model", "model": MODEL, "replicas": 2})
    made = planned(plan(request, trays(18), deployable=MODEL_SERVERS))
    assert made.roles[0].nodes_per_replica == 1
