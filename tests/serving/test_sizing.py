"""CPU, memory and shared memory of a server, and the times by which it starts and stops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.contracts.cluster_facts import PoolFacts
from components.contracts.quantities import ByteSize, CpuAmount, Duration
from components.contracts.serving import Engine
from components.serving.sizing import lifecycle, most_disrupted, rollout_room, server_size, size_problems
from tests.planner.clusters import MIXED

from .plans import H100, plan, role

SMALL = ByteSize.gib(16)
PLAN = plan()


def pool(*, memory_gib: float = 1900, cores: float = 190, gpus: int = 8) -> PoolFacts:
    return H100.model_copy(
        update={
            "memory_per_node": ByteSize.gib(memory_gib),
            "cpu_per_node": CpuAmount.cores(cores),
            "gpus_per_node": gpus,
        }
    )


def test_a_server_asks_for_the_gpus_of_its_part_of_a_replica() -> None:
    assert server_size(role(tensor_parallel=4), H100, SMALL).resources.devices == {"nvidia.com/gpu": 4}
    spread = role(tensor_parallel=8, pipeline_parallel=2, nodes_per_replica=2)
    assert server_size(spread, H100, SMALL).resources.devices == {"nvidia.com/gpu": 8}, "16 GPUs on two nodes"


@pytest.mark.parametrize("gpus", [1, 2, 4, 8])
@pytest.mark.parametrize("cores", [32, 190])
def test_the_servers_of_a_full_node_fit_it_together(gpus: int, cores: int) -> None:
    node = pool(cores=cores)
    size = server_size(role(tensor_parallel=gpus), node, ByteSize.gib(800))
    servers = node.gpus_per_node // gpus
    assert servers * size.resources.memory <= node.memory_per_node * 0.9 + 1, "a tenth is for DaemonSets"
    assert servers * size.resources.cpu <= node.cpu_per_node * 0.9 + 1
    assert servers * size.resources.ephemeral_storage <= node.ephemeral_storage_per_node


def test_an_embedding_server_takes_megabytes_where_a_generating_one_takes_gigabytes() -> None:
    checkpoint = ByteSize.gib(1.1)
    tei, vllm = (server_size(role(), H100, checkpoint, engine=engine) for engine in (Engine.TEI, Engine.VLLM))
    assert tei.resources.memory <= ByteSize.gib(2.5)
    assert tei.shared_memory < ByteSize.gib(0.1)
    assert vllm.resources.memory > ByteSize.gib(16)
    small = pool(memory_gib=16)
    assert not list(size_problems(role(), small, Engine.TEI))
    assert list(size_problems(role(), small))


def test_loading_through_memory_maps_asks_for_less_than_the_checkpoint() -> None:
    size = ByteSize.gib(200)
    more = server_size(role(tensor_parallel=8), H100, size).resources.memory
    assert more - server_size(role(tensor_parallel=8), H100, ByteSize.gib(0)).resources.memory == size / 2


def test_shared_memory_is_part_of_the_memory_limit() -> None:
    size = server_size(role(tensor_parallel=8), H100, SMALL)
    assert size.shared_memory == ByteSize.gib(8), "1 GiB, and 1 GiB for each further worker"
    assert size.resources.memory > size.shared_memory, "a full /dev/shm counts against the limit"


def test_data_parallel_ranks_get_shared_memory_to_talk_through() -> None:
    alone, together = (server_size(role(data_parallel=ranks), H100, SMALL).shared_memory for ranks in (1, 2))
    assert together - alone >= ByteSize.gib(8)


def test_larger_weights_get_a_larger_page_cache_and_the_share_of_the_node_is_the_most() -> None:
    small, large, huge = (
        server_size(role(), pool(memory_gib=800), ByteSize.gib(weights)).resources.memory for weights in (2, 40, 5000)
    )
    assert small < large < huge
    assert huge == ByteSize.gib(90), "an eighth of 800 GiB, less a tenth"


def test_a_node_with_too_little_memory_for_its_gpus_is_refused() -> None:
    (problem,) = size_problems(role(), pool(memory_gib=64))
    text = str(problem)
    assert "node_pools[h100].instance_type" in text
    assert "7 GiB to 1 GPUs, a server needs 8" in text
    assert "more memory per GPU" in text


def test_a_node_with_few_cores_still_gives_each_server_one() -> None:
    assert server_size(role(), pool(cores=4), SMALL).resources.cpu == CpuAmount.cores(1)


def test_the_machine_types_of_the_catalog_hold_what_is_planned_on_them() -> None:
    for facts in MIXED.gpu_pools:
        for gpus in (1, facts.gpus_per_node):
            size = server_size(role(tensor_parallel=gpus), facts, SMALL)
            assert size.resources.memory <= facts.memory_per_node * gpus / facts.gpus_per_node


def test_starting_is_given_the_time_that_the_plan_found_and_stopping_the_time_to_drain() -> None:
    budget = Duration(605)
    storage = PLAN.storage.model_copy(update={"startup_budget": budget})
    times = lifecycle(PLAN.model_copy(update={"storage": storage}), Duration(60))
    assert budget <= times.probe_period * times.startup_failures < budget + times.probe_period
    assert times.progress_deadline >= 2 * budget, "pulling the image may take as long again"
    assert times.grace_period == 15 + 60 + 15, "load balancers take 15 s to let go, the margin is 15 s (llm-d)"


@given(st.floats(min_value=0, max_value=86_400, allow_nan=False))
def test_a_drain_always_ends_before_the_pod_is_killed(seconds: float) -> None:
    times = lifecycle(PLAN, Duration(seconds))
    assert times.grace_period > times.pre_stop + seconds


def test_a_new_server_comes_first_only_where_the_pool_has_room_for_it() -> None:
    two_gpus = role(tensor_parallel=2)
    roomy, exact, short = (rollout_room(two_gpus, spare) for spare in (3, 2, 1))
    assert (roomy.max_surge, roomy.max_unavailable) == (exact.max_surge, exact.max_unavailable) == (1, 0)
    assert (short.max_surge, short.max_unavailable) == (0, 1), "a new pod would wait for a GPU that an old one holds"


@pytest.mark.parametrize(
    ("replicas", "gpus", "spare", "budget"),
    [
        (8, 1, 0, 8),
        (16, 1, 0, 8),
        (16, 1, 3, 5),
        (16, 1, 8, 1),
        (2, 1, 0, 2),
        (2, 1, 6, 2),
        (2, 1, 7, 1),
        (3, 4, 0, 2),
        (3, 4, 4, 1),
        (4, 8, 0, 1),
        (1, 1, 0, 1),
    ],
)
def test_b1_a_full_node_can_be_emptied(replicas: int, gpus: int, spare: int, budget: int) -> None:
    """Replicas of one node that fit nowhere else may all be evicted, or the node never gets empty."""
    assert H100.gpus_per_node == 8
    assert most_disrupted(role(tensor_parallel=gpus), H100, replicas=replicas, spare_gpus=spare) == budget
