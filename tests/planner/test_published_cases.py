"""Deployments of 2026 that people run, with what they reported of them.

Sources: recipes of github.com/vllm-project/recipes (8959cf64) with their verified hardware, start-up logs, and the
sizes of the checkpoints on Hugging Face.
"""

from __future__ import annotations

import pytest

from components.contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from components.contracts.machines import MachineNumbers
from components.contracts.pools import GpuPool
from components.contracts.serving import Engine, KvPrecision
from components.planner.catalogs.gpus import GIB, gpu
from components.planner.catalogs.models import model
from components.planner.memory.kv_cache import cache_shape
from components.planner.memory.layout import Layout
from components.planner.memory.weights import checkpoint_bytes, weights
from components.planner.shapes import pool_facts

from .clusters import plan_for, planned, refused

_VOLUME = VolumeClass(name="shared", provisioner="nfs.csi.k8s.io", read_bytes_per_second=2e9)


def _machine(card: str, gpus: int, memory: str = "1024Gi", cpus: int = 64) -> ClusterFacts:
    numbers = MachineNumbers.model_validate({"gpu": card, "gpus": gpus, "cpus": cpus, "memory": memory})
    pool = GpuPool(kind="gpu", name="gpus", instance_type="lab-machine", count=1, machine=numbers)
    return ClusterFacts(
        name="lab",
        environment="local",
        kubernetes_version="1.34.2",
        pools=(pool_facts(pool),),
        storage=StorageFacts(read_write_once=_VOLUME, read_write_many=_VOLUME),
    )


@pytest.mark.parametrize(
    ("name", "facts", "fixed", "gpus"),
    [
        ("nvidia/GLM-5.2-NVFP4", _machine("RTX-PRO-6000", 8), {}, 8),
        ("nvidia/MiniMax-M3-NVFP4", _machine("RTX-PRO-6000", 4), {}, 4),
        ("nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8", _machine("H200", 8), {"tensor_parallel": 2}, 2),
        ("nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4", _machine("RTX-PRO-6000", 1), {}, 1),
        ("nvidia/NVIDIA-Nemotron-3.5-Lightning-30B-A3B-NVFP4", _machine("GB10", 1, "128Gi", 20), {}, 1),
        ("deepseek-ai/DeepSeek-V4-Pro", _machine("H200", 8, "2048Gi", 192), {"tensor_parallel": 8}, 8),
        ("nvidia/Qwen3.6-35B-A3B-NVFP4", _machine("RTX-5090", 1, "64Gi"), {}, 1),
        # placements row p095: TP8 over PCIe, experts whole.
        (
            "Qwen/Qwen3-235B-A22B-Instruct-2507",
            _machine("L40S", 8),
            {"precision": "fp8", "tensor_parallel": 8, "expert_parallel": True},
            8,
        ),
        ("openai/gpt-oss-20b", _machine("L4", 1, "16Gi", 4), {}, 1),
        ("google/gemma-4-31B-it", _machine("H100-SXM", 2), {"max_model_len": 131072}, 2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_people_run_is_planned(name: str, facts: ClusterFacts, fixed: dict[str, object], gpus: int) -> None:
    assert planned(plan_for(name, facts, **fixed)).gpus == gpus


def test_a_host_on_which_the_engine_would_be_killed_is_refused() -> None:
    assert "host memory" in refused(plan_for("Qwen/Qwen2-7B-Instruct", _machine("L4", 1, "8Gi", 4))).cause


def test_an_embedding_server_needs_little_of_its_host() -> None:
    plan = planned(plan_for("sentence-transformers/all-MiniLM-L6-v2", _machine("T4", 1, "16Gi", 4)))
    assert (plan.engine, plan.max_model_len) == (Engine.TEI, 512)


@pytest.mark.parametrize(
    ("name", "layout", "card", "reported"),
    [
        # Ungated FP8 experts are padded to whole blocks of 128 on each rank.
        ("nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8", Layout(tensor_parallel=2), "H200", 59.9),
        ("deepseek-ai/DeepSeek-V4-Pro", Layout(tensor_parallel=8), "H200", 102.3),
        ("Qwen/Qwen3-235B-A22B-FP8", Layout(tensor_parallel=8, expert_parallel=True), "L40S", 27.72),
    ],
)
def test_weights_are_what_engines_reported(name: str, layout: Layout, card: str, reported: float) -> None:
    assert weights(model(name), layout, gpu(card)).total / GIB == pytest.approx(reported, rel=0.01)


def test_checkpoints_have_their_published_size() -> None:
    assert checkpoint_bytes(model("nvidia/MiniMax-M3-NVFP4")) / 1e9 == pytest.approx(250.1, rel=0.002)


def test_a_long_request_of_gemma_4_takes_17_gib() -> None:
    shape = cache_shape(model("google/gemma-4-31B-it"), Layout(), KvPrecision.BF16)
    assert shape.request(131072, 8192) / GIB == pytest.approx(17.0, rel=0.01)
