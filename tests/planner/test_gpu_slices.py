"""What a pod has of a shared GPU is what its model is planned for."""

from __future__ import annotations

import re

import pytest

from components.contracts.cluster_facts import ClusterFacts
from components.contracts.gpu_sharing import GpuSharing, Mig, MigStrategy, Mps, TimeSlicing
from components.contracts.pools import GpuPool
from components.planner.catalogs.gpu_slices import mig_profile, slice_of, slices_per_gpu
from components.planner.catalogs.gpus import Gpu, MigProfile, gpu, gpus
from components.planner.catalogs.table import read_table
from components.planner.shapes import pool_facts

from .clusters import cluster, plan_for, planned, refused

QWEN = "Qwen/Qwen2-7B-Instruct"
PARTITION = Mig(profile="1g.10gb")
# What nvidia-smi prints below this share of a GPU's memory was never seen, on any of its generations.
_LEAST_OF_SHARE = 0.91
PROFILES = [(card, profile) for card in gpus() for profile in card.mig_profiles]


def shared(sharing: GpuSharing, machine: str = "p5.48xlarge", nodes: int = 1) -> ClusterFacts:
    pool = GpuPool(name="gpus", instance_type=machine, count=nodes, sharing=sharing, rdma=False)
    return cluster().model_copy(update={"pools": (pool_facts(pool),)})


@pytest.mark.parametrize(("card", "profile"), PROFILES, ids=lambda part: part.name)
def test_a_partition_is_a_part_of_its_gpu(card: Gpu, profile: MigProfile) -> None:
    processors, gigabytes = re.fullmatch(r"(\d)g\.(\d+)gb", profile.name).groups()  # pyright: ignore[reportOptionalMemberAccess]
    whole = card.usable_gib * float(profile.memory_share)
    assert _LEAST_OF_SHARE * whole <= profile.memory_gib <= min(1.01 * whole, int(gigabytes))
    assert profile.most * profile.memory_share <= 1
    assert profile.most * profile.compute_share <= 1
    assert profile.compute_share.numerator * (7 / profile.compute_share.denominator) == pytest.approx(
        int(processors) * (7 / 4 if card.name in {"A30", "RTX-PRO-6000"} else 1), abs=0.01
    )
    assert profile.source


def test_every_row_of_the_table_belongs_to_a_gpu_once() -> None:
    rows = [(row["gpu"], row["profile"]) for row in read_table("mig_profiles")]
    assert len(rows) == len(set(rows)) == len(PROFILES)


@pytest.mark.parametrize("name", ["T4", "L4", "L40S", "A10G"])
def test_gpus_without_mig_have_no_partitions(name: str) -> None:
    assert gpu(name).mig_profiles == ()


@pytest.mark.parametrize(
    ("sharing", "gib", "on_a_node", "resource"),
    [
        (PARTITION, 9.75, 56, "nvidia.com/gpu"),
        (Mig(profile="3g.40gb", strategy=MigStrategy.MIXED), 39.5, 16, "nvidia.com/mig-3g.40gb"),
        (Mps(replicas=4), 79.18 / 4, 32, "nvidia.com/gpu"),
        (TimeSlicing(replicas=3), 79.18 / 3, 24, "nvidia.com/gpu"),
    ],
)
def test_a_slice_has_its_memory_and_pods_ask_for_it(
    sharing: GpuSharing, gib: float, on_a_node: int, resource: str
) -> None:
    (pool,) = shared(sharing).pools
    assert (pool.gpus_per_node, pool.gpu_resource) == (on_a_node, resource)
    assert pool.slices_per_gpu == slices_per_gpu(gpu("H100-SXM"), sharing)
    assert slice_of(gpu("H100-SXM"), sharing).usable_gib == pytest.approx(gib, abs=0.01)
    assert not pool.fabric.is_rdma


def test_a_slice_is_slower_as_it_is_smaller() -> None:
    whole, part = gpu("H100-SXM"), slice_of(gpu("H100-SXM"), PARTITION)
    assert part.bandwidth_gbs == whole.bandwidth_gbs / 8
    assert part.bf16_tflops == pytest.approx((whole.bf16_tflops or 0) / 7)
    assert part.nvlink_gbs is None


def test_a_model_that_fits_the_gpu_is_refused_on_its_partition_with_the_arithmetic() -> None:
    assert planned(plan_for(QWEN, cluster(h100=("p5.48xlarge", 1)), precision="bf16")).gpu == "H100-SXM"
    answer = refused(plan_for(QWEN, shared(PARTITION), precision="bf16"))
    assert "14.2 GiB of weights" in answer.cause
    assert "H100-SXM 1g.10gb" in answer.cause
    assert "gives 9.0 GiB" in answer.cause, "0.92 × 9.75"
    assert answer.changes[0].change == "pool gpus: sharing.profile: 1g.20gb", "the smallest that holds it"


@pytest.mark.parametrize("sharing", [PARTITION, Mps(replicas=2), TimeSlicing(replicas=2)], ids=lambda kind: kind.kind)
@pytest.mark.parametrize("fixed", ["tensor_parallel", "pipeline_parallel", "data_parallel"])
def test_no_server_takes_two_slices(sharing: GpuSharing, fixed: str) -> None:
    answer = refused(plan_for("facebook/opt-125m", shared(sharing), **{fixed: 2}))
    assert answer.field == fixed
    assert "2 slices" in answer.cause
    assert "NCCL" in answer.consequence


def test_a_model_of_several_gpus_is_refused_on_slices_and_offered_whole_gpus() -> None:
    answer = refused(
        plan_for("meta-llama/Llama-3.1-70B-Instruct", shared(Mig(profile="7g.80gb"), nodes=2), precision="bf16")
    )
    assert any(change.change == "pool gpus: whole GPUs, without sharing" for change in answer.changes)


def test_plans_of_shares_fit_the_gpu_together() -> None:
    for sharing in (Mps(replicas=4), TimeSlicing(replicas=4)):
        plan = planned(plan_for("Qwen/Qwen3-8B", shared(sharing), precision="fp8", replicas=32))
        memory = plan.roles[0].memory
        taken = memory.weights + memory.activations + memory.non_torch + memory.cuda_graphs + memory.kv_cache
        assert 4 * taken < 0.93 * gpu("H100-SXM").usable_bytes
        assert plan.gpu_share == 1 / 4
        assert any(reason.subject == "slice" for reason in plan.reasons)
    answer = refused(plan_for("Qwen/Qwen3-8B", shared(Mps(replicas=4)), precision="fp8", replicas=33))
    assert "32" in answer.cause, "four of each of eight GPUs"


def test_a_partition_is_seen_as_a_gpu_of_its_own() -> None:
    assert planned(plan_for("Qwen/Qwen3-8B", shared(Mig(profile="1g.20gb")), precision="fp8")).gpu_share == 1


def test_who_asks_for_a_gpu_gets_no_slice_of_it() -> None:
    answer = refused(plan_for("facebook/opt-125m", shared(PARTITION), gpu="H100-SXM"))
    assert "H100-SXM 1g.10gb" in answer.cause, "it says what there is"


def test_an_unknown_partition_is_none() -> None:
    assert mig_profile(gpu("H100-SXM"), "1g.5gb") is None
