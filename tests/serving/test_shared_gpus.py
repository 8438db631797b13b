"""Servers on shared GPUs ask for a slice, and take no more of the GPU than their plan."""

from __future__ import annotations

import pytest

from components.contracts.gpu_sharing import GpuSharing, Mig, MigStrategy, Mps, TimeSlicing
from components.contracts.quantities import ByteSize, Duration
from components.contracts.serving import ServingPlan
from components.serving.engines import engine_adapter
from components.serving.engines.adapter import ServerRequest
from components.serving.sizing import server_size
from tests.planner.clusters import plan_for, planned
from tests.planner.test_gpu_slices import shared

QWEN = "Qwen/Qwen2-7B-Instruct"


def arguments(of: ServingPlan) -> list[str]:
    request = ServerRequest(
        plan=of, role=of.roles[0], model_path="/models/chat", served_name="chat", drain=Duration(60)
    )
    return list(engine_adapter(of.engine).server(request).command)


@pytest.mark.parametrize("sharing", [Mps(replicas=4), TimeSlicing(replicas=4)], ids=lambda found: found.kind)
def test_an_engine_that_sees_the_whole_gpu_is_told_its_part(sharing: GpuSharing) -> None:
    plan = planned(plan_for(QWEN, shared(sharing), precision="bf16"))
    given = arguments(plan)
    assert "--gpu-memory-utilization=0.23" in given, "0.92 of a quarter: it refuses to start on less free memory"
    assert f"--kv-cache-memory-bytes={int(plan.roles[0].memory.kv_cache)}" in given


def test_an_engine_on_a_partition_sees_nothing_else() -> None:
    given = arguments(planned(plan_for(QWEN, shared(Mig(profile="1g.20gb")), precision="bf16")))
    assert "--gpu-memory-utilization=0.92" in given
    assert not any(argument.startswith("--kv-cache-memory-bytes") for argument in given)


@pytest.mark.parametrize(
    ("sharing", "resource"),
    [
        (Mig(profile="1g.20gb", strategy=MigStrategy.MIXED), "nvidia.com/mig-1g.20gb"),
        (Mig(profile="1g.20gb"), "nvidia.com/gpu"),
        (Mps(replicas=4), "nvidia.com/gpu"),
    ],
)
def test_a_server_asks_for_one_slice_and_its_part_of_the_node(sharing: GpuSharing, resource: str) -> None:
    facts = shared(sharing)
    (pool,) = facts.pools
    size = server_size(planned(plan_for(QWEN, facts, precision="bf16")).roles[0], pool, ByteSize.gib(14))
    assert size.resources.devices == {resource: 1}
    assert size.resources.memory * pool.gpus_per_node <= pool.memory_per_node * 0.9 + 1


def test_under_mps_the_pod_hides_no_shared_memory_of_the_daemon() -> None:
    sizes = {
        sharing.kind: server_size(
            planned(plan_for(QWEN, facts, precision="bf16")).roles[0], facts.pools[0], ByteSize(1)
        )
        for sharing in (Mps(replicas=2), TimeSlicing(replicas=2))
        for facts in (shared(sharing),)
    }
    assert {kind: size.mounts_shared_memory for kind, size in sizes.items()} == {"mps": False, "time-slicing": True}
