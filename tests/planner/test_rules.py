"""Each rule rejects what the engine would reject, and names the setting to change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.contracts.machines import Architecture
from components.contracts.serving import Engine
from components.planner import rules
from components.planner.catalogs.gpus import gpu
from components.planner.catalogs.models import model
from components.planner.memory.layout import Layout

_NODE = rules.Place(gpu=gpu("H100-SXM"), gpus_per_node=8, nvlink_domain=8, rdma=True)
_PCIE = rules.Place(gpu=gpu("L40S"), gpus_per_node=8, nvlink_domain=1, rdma=False)
_T4 = rules.Place(gpu=gpu("T4"), gpus_per_node=4, nvlink_domain=1, rdma=False)
_V100 = rules.Place(gpu=gpu("V100-32"), gpus_per_node=8, nvlink_domain=8, rdma=False)
_T4G = replace(_T4, gpu=gpu("T4G"), architecture=Architecture.ARM64)
_A100 = replace(_NODE, gpu=gpu("A100-SXM-80"))


@pytest.mark.parametrize(
    ("name", "layout", "place", "field", "says"),
    [
        ("Qwen/Qwen2-7B-Instruct", Layout(tensor_parallel=8), _NODE, "tensor_parallel", "28 attention heads"),
        ("microsoft/phi-4", Layout(tensor_parallel=4), _NODE, "tensor_parallel", "10 key-value heads"),
        ("Qwen/Qwen3-235B-A22B-FP8", Layout(tensor_parallel=8), _NODE, "tensor_parallel", "192"),
        ("meta-llama/Llama-3.1-405B-Instruct", Layout(tensor_parallel=12), _NODE, "tensor_parallel", "heads"),
        ("BAAI/bge-m3", Layout(pipeline_parallel=2), _NODE, "pipeline_parallel", "encoder"),
        ("meta-llama/Llama-3.1-8B-Instruct", Layout(expert_parallel=True), _NODE, "expert_parallel", "no experts"),
        ("openai/gpt-oss-20b", Layout(data_parallel=64, expert_parallel=True), _NODE, "expert_parallel", "32 experts"),
        ("Qwen/Qwen3-0.6B", Layout(pipeline_parallel=32), _NODE, "pipeline_parallel", "28 layers"),
        ("Qwen/Qwen3-8B", Layout(), _T4, "precision", "bf16"),
        ("Qwen/Qwen2.5-7B-Instruct", Layout(), _V100, "gpu", "older than 7.5"),
        (
            "Qwen/Qwen3.6-35B-A3B-FP8",
            Layout(tensor_parallel=8, expert_parallel=True),
            _NODE,
            "tensor_parallel",
            "shared experts",
        ),
        ("Qwen/Qwen2.5-7B-Instruct", Layout(), _T4G, "gpu", "images for arm64"),
        ("openai/gpt-oss-20b", Layout(), _T4, "precision", "mxfp4 weights with vllm, which asks for 8.0"),
        ("deepseek-ai/DeepSeek-V3.2", Layout(tensor_parallel=8), _A100, "gpu", "sparse latent attention"),
        ("deepseek-ai/DeepSeek-V4-Flash", Layout(tensor_parallel=4), _A100, "gpu", "sparse latent attention"),
    ],
)
def test_a_layout_that_cannot_run_is_named(
    name: str, layout: Layout, place: rules.Place, field: str, says: str
) -> None:
    broken = rules.violation(model(name), layout, place)
    assert broken is not None
    assert broken.field == field
    assert says in f"{broken.cause}; {broken.consequence}"


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("meta-llama/Llama-3.1-70B-Instruct", Layout(tensor_parallel=8)),
        ("Qwen/Qwen3-235B-A22B-FP8", Layout(tensor_parallel=4)),
        ("Qwen/Qwen3-235B-A22B-FP8", Layout(tensor_parallel=8, expert_parallel=True)),
        ("openai/gpt-oss-120b", Layout(tensor_parallel=8)),
        ("deepseek-ai/DeepSeek-V3", Layout(data_parallel=16, expert_parallel=True)),
        ("moonshotai/Kimi-K2-Instruct", Layout(tensor_parallel=8, pipeline_parallel=2)),
        ("meta-llama/Llama-3.1-405B-Instruct", Layout(tensor_parallel=16)),
    ],
)
def test_layouts_that_people_run_are_allowed(name: str, layout: Layout) -> None:
    assert rules.violation(model(name), layout, _NODE) is None


@pytest.mark.parametrize(
    ("engine", "oldest", "too_old"),
    [
        # Marlin reads the weights as 4 bit: vLLM 0.33.0, ``is_fp4_marlin_supported``; SGLang 0.5.16,
        # ``ModelOptFp4Config.get_min_capability``. TensorRT-LLM has kernels for tensor cores only.
        (Engine.VLLM, "T4", "V100-32"),
        (Engine.SGLANG, "A100-SXM-80", "T4"),
        (Engine.TENSORRT_LLM, "B200", "H200"),
    ],
)
def test_nvfp4_weights_run_from_the_gpu_that_the_engine_has_kernels_for(
    engine: Engine, oldest: str, too_old: str
) -> None:
    spec = model("nvidia/Qwen3-235B-A22B-NVFP4")
    assert rules.kernels(spec, replace(_NODE, gpu=gpu(oldest)), engine) is None
    broken = rules.kernels(spec, replace(_NODE, gpu=gpu(too_old)), engine)
    assert broken is not None
    assert broken.field == "precision"
    assert f"nvfp4 weights with {engine.value}" in broken.cause


def test_a_prime_number_of_ranks_splits_no_padded_vocabulary() -> None:
    assert rules.vocabulary(model("Qwen/Qwen3-8B"), Layout(tensor_parallel=7), _NODE) is not None


@pytest.mark.parametrize(
    ("name", "runs", "refused"),
    [
        # vLLM 0.33.0: FlashInfer from 8.0 for heads of 64, 128, 256 or 512; Triton from 8.9 for all others, for latent
        # attention and for sinks.
        ("Qwen/Qwen2.5-7B-Instruct", "A100-SXM-80", "T4"),
        ("deepseek-ai/DeepSeek-V2-Lite-Chat", "L4", "A100-SXM-80"),
        ("openai/gpt-oss-20b", "L4", "A100-SXM-80"),
        ("microsoft/Phi-3-mini-4k-instruct", "L4", "A10G"),
    ],
)
def test_keys_and_values_in_fp8_need_kernels_of_their_attention(name: str, runs: str, refused: str) -> None:
    assert rules.fp8_cache(model(name), replace(_NODE, gpu=gpu(runs))) is None
    broken = rules.fp8_cache(model(name), replace(_NODE, gpu=gpu(refused)))
    assert broken is not None
    assert broken.field == "kv_precision"
