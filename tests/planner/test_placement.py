"""Servers of different sizes on one pool: whatever the order in which they are placed, each finds a node."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.contracts.errors import StrataError
from components.contracts.served_models import ServedModel
from components.planner.model_plans import plan_models
from components.planner.placement import can_be_stranded

from .clusters import cluster

QWEN = "Qwen/Qwen2.5-7B-Instruct"


@lru_cache(maxsize=100_000)
def strands(gpus: int, others: tuple[int, ...], free: tuple[int, ...]) -> bool:
    """Whether some order and placement of some of the others leaves every node with fewer free GPUs; tries all."""
    if all(node < gpus for node in free):
        return True
    return any(
        strands(gpus, others[:place] + others[place + 1 :], _taken(free, node, size))
        for place, size in enumerate(others)
        if place == 0 or others[place - 1] != size
        for node in range(len(free))
        if free[node] >= size and free.index(free[node]) == node
    )


def _taken(free: tuple[int, ...], node: int, size: int) -> tuple[int, ...]:
    return tuple(sorted((*free[:node], free[node] - size, *free[node + 1 :])))


@given(
    gpus=st.sampled_from([1, 2, 3, 4, 8]),
    others=st.lists(st.sampled_from([1, 2, 3, 4, 8]), max_size=7),
    nodes=st.integers(1, 3),
    per_node=st.sampled_from([4, 8]),
)
def test_a_server_that_is_accepted_is_stranded_by_no_placement_of_the_others(
    gpus: int, others: list[int], nodes: int, per_node: int
) -> None:
    sizes = tuple(sorted(size for size in others if size <= per_node))
    if gpus <= per_node and not can_be_stranded(gpus, Counter(sizes), per_node, nodes):
        assert not strands(gpus, sizes, (per_node,) * nodes)


@given(gpus=st.sampled_from([1, 2, 4, 8]), nodes=st.integers(1, 5000))
def test_servers_of_one_size_may_fill_a_pool_to_its_last_gpu(gpus: int, nodes: int) -> None:
    assert not can_be_stranded(gpus, {gpus: nodes * 8 // gpus - 1}, 8, nodes)


@pytest.mark.parametrize(
    ("gpus", "others", "nodes", "stranded"),
    [
        # Small servers on every node leave none for a whole one.
        (8, {1: 2}, 2, True),
        (8, {1: 2}, 3, False),
        (8, {1: 1}, 2, False),
        # 400 of 400 GPUs in servers of one and two: seen with 4 servers of two pending.
        (2, {1: 200, 2: 99}, 50, True),
        (2, {1: 200, 2: 99}, 56, True),
        (2, {1: 200, 2: 99}, 57, False),
        # Larger servers cannot be in the way of smaller ones whose size divides theirs.
        (2, {4: 10, 8: 5, 2: 9}, 13, False),
        # Too few small ones for all nodes that the large ones leave half full.
        (4, {4: 5, 1: 2}, 4, False),
        (4, {4: 6, 1: 2}, 4, True),
    ],
)
def test_whether_a_server_can_be_stranded(gpus: int, others: dict[int, int], nodes: int, *, stranded: bool) -> None:
    assert can_be_stranded(gpus, others, 8, nodes) is stranded


def served(name: str, tensor_parallel: int, replicas: int) -> ServedModel:
    return ServedModel(
        name=name,
        model=QWEN,
        revision="0" * 40,
        tensor_parallel=tensor_parallel,
        replicas=replicas,
        pool="h100",
    )


def test_a_mixture_that_can_strand_a_server_is_refused_with_a_number_of_nodes_that_is_accepted() -> None:
    models = [served("small", 1, 4), served("large", 4, 3)]
    with pytest.raises(StrataError) as caught:
        plan_models(models, cluster(h100=("p5.48xlarge", 2)))
    (problem,) = caught.value.problems
    assert problem.field == "models[1].pool"
    assert "give pool h100 3 nodes" in problem.fix
    assert plan_models(models, cluster(h100=("p5.48xlarge", 3)))
    apart = [served("small", 1, 4), served("large", 4, 3).model_copy(update={"pool": "more"})]
    assert plan_models(apart, cluster(h100=("p5.48xlarge", 1), more=("p5.48xlarge", 2)))
