"""What the engine itself takes of a GPU: activations, sampler warm-up, CUDA graphs, CUDA and NCCL buffers.

Owns vLLM's behaviour by version. Constants marked *fit* come from start-up logs; the others from vLLM's code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ...contracts.serving import Engine
from ..catalogs.gpus import GIB, Gpu
from ..catalogs.models import ModelSpec, Task
from .layout import Layout

MIB = 2**20
Version = tuple[int, int]

_LARGE_GPU_GIB = 70.0
"""From this much memory on vLLM's defaults are larger (``EngineArgs._set_default_args``)."""
_HUGE_GPU_GIB = 160.0

# Bytes per logit while the sampler is warmed up: 16-bit and FP32 logits, and a sort with its values, 64-bit indices
# and scratch copies. Fit to start-up logs; newer versions sort only when a request asks for top-p.
_SAMPLER_BYTES = 38.4
_SAMPLER_BYTES_FROM_0_18 = 23.2
_SAMPLER_CHANGED: Version = (0, 18)
# vLLM's PR 38284 counts graphs from 0.20 on and raised the default utilization to make up for it.
_GRAPHS_COUNTED: Version = (0, 20)
# Model Runner V2, which serves dense models since 0.25, reported no graphs to count until 0.29.
_RUNNER_V2_DENSE: Version = (0, 25)
_RUNNER_V2_COUNTS: Version = (0, 29)

# CUDA and cuBLAS workspaces; Hopper and later take larger ones (32 MiB per cuBLAS handle). Fit.
_NON_TORCH = {"hopper": 0.13, "blackwell": 0.13}
_NON_TORCH_OLDER = 0.05
# NCCL channels and peer buffers by tensor-parallel size over NVLink; without NVLink there are no NVLS buffers. Fit.
_NCCL_NVLINK = ((8, 0.87), (4, 0.47), (2, 0.42))
_NCCL_PCIE = 0.16
_NCCL_PIPELINE = 1.2
_NVSHMEM_GIB = 3.0
"""Buffers of all-to-all libraries (DeepEP, NVSHMEM) for expert parallelism across nodes; up to 11 GiB were seen."""
_EXPERT_CHUNK = 32768
"""Tokens that the fused expert kernel takes at a time (``VLLM_FUSED_MOE_CHUNK_SIZE``)."""
_GRAPH_LAYER_BYTES = 0.23 * MIB
"""One layer of one CUDA graph: 0.21 to 0.25 MiB by vLLM's own estimates for 28, 32 and 64 layers. Fit."""
_CAPTURED_BY_8, _LARGEST_CAPTURED = 256, 512
_VISION = {
    "qwen2_5_vl": (65536, 1280, 3 * 3420, 4),
    "qwen3_vl_text": (65536, 1152, 2 * 4304, 4),
    "qwen3_vl_moe_text": (65536, 1152, 2 * 4304, 4),
    "qwen3_5_text": (65536, 1152, 2 * 4304, 4),
    "qwen3_5_moe_text": (65536, 1152, 2 * 4304, 4),
}
"""Patches of the largest image, width, live feed-forward width and patches per token of vision towers, by family.

From ``preprocessor_config.json`` (pixels of ``longest_edge`` over those of a patch) and ``vision_config``. Other
families' largest images are too small for the tower to outweigh the language model.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineLimits:
    """What the scheduler admits in one step."""

    max_num_seqs: int
    max_num_batched_tokens: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineMemory:
    """Bytes on each GPU that the engine takes besides weights and cache."""

    activations: float
    """Peak of a forward pass or of the sampler's warm-up, whichever is larger."""
    forward: float
    """Peak without the sampler: of the forward pass, or of a vision tower; part of ``activations``."""
    non_torch: float
    cuda_graphs: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.activations + self.non_torch + self.cuda_graphs


def default_utilization(version: Version) -> float:
    """The default of vLLM's ``gpu_memory_utilization``."""
    return 0.92 if version >= _GRAPHS_COUNTED else 0.9


def default_limits(gpu: Gpu) -> EngineLimits:
    """Default limits of vLLM on that GPU when it serves (V1 engine)."""
    if gpu.usable_gib >= _HUGE_GPU_GIB:
        return EngineLimits(max_num_seqs=1024, max_num_batched_tokens=16384)
    if gpu.usable_gib >= _LARGE_GPU_GIB and not gpu.name.startswith("A100"):
        return EngineLimits(max_num_seqs=1024, max_num_batched_tokens=8192)
    return EngineLimits(max_num_seqs=256, max_num_batched_tokens=2048)


@lru_cache(maxsize=65536)
def engine_memory(
    spec: ModelSpec,
    gpu: Gpu,
    layout: Layout,
    limits: EngineLimits,
    version: Version,
    *,
    eager: bool = False,
    nodes: int = 1,
) -> EngineMemory:
    """Memory of the engine on each GPU.

    ``eager`` turns CUDA graphs off; ``nodes`` are those that one replica spans.
    """
    tower, images = _vision(spec)
    forward = max(tower, images + _forward(spec, layout, limits))
    return EngineMemory(
        activations=max(forward, images + _sampler(spec, limits, version)),
        forward=forward,
        non_torch=_non_torch(gpu, layout, nodes) * GIB,
        cuda_graphs=_graphs(spec, layout, limits) if _counts_graphs(spec, version) and not eager else 0.0,
    )


def _counts_graphs(spec: ModelSpec, version: Version) -> bool:
    """Whether the engine takes graphs off the cache at start-up; hybrids and experts stayed on the older runner."""
    dense = spec.experts is None and spec.linear is None
    return version >= _GRAPHS_COUNTED and not (dense and _RUNNER_V2_DENSE <= version < _RUNNER_V2_COUNTS)


def _graphs(spec: ModelSpec, layout: Layout, limits: EngineLimits) -> float:
    """Graphs of pieces for up to twice the sequences, and whole ones of decode steps."""
    graphs = _captured(2 * limits.max_num_seqs) + _captured(limits.max_num_seqs)
    return _GRAPH_LAYER_BYTES * spec.layers * layout.stage_share(spec.layers) * graphs


def _captured(most: int) -> int:
    """How many batch sizes are captured: 1, 2 and 4, then every 8th up to 256 and every 16th up to 512."""
    fine, coarse = min(most, _CAPTURED_BY_8), min(most, _LARGEST_CAPTURED)
    return sum(size <= most for size in (1, 2, 4)) + fine // 8 + max(0, coarse - _CAPTURED_BY_8) // 16


def _vision(spec: ModelSpec) -> tuple[float, float]:
    """Peak of the vision tower on the largest image, and its output, which stays while the text is profiled; 16 bit.

    One layer holds its input, the residual and the norm beside the feed-forward network. Tensor parallelism is
    not counted on: the tower may run data parallel.
    """
    if spec.family not in _VISION:
        return 0.0, 0.0
    patches, width, inner, merged = _VISION[spec.family]
    return 2.0 * patches * (3 * width + inner), 2.0 * patches / merged * spec.hidden


def sampler_bytes_per_sequence(spec: ModelSpec, version: Version) -> float:
    """What the sampler's warm-up takes for each sequence; 0 for models that do not generate."""
    if spec.task is not Task.GENERATE:
        return 0.0
    return spec.vocab * (_SAMPLER_BYTES_FROM_0_18 if version >= _SAMPLER_CHANGED else _SAMPLER_BYTES)


def _sampler(spec: ModelSpec, limits: EngineLimits, version: Version) -> float:
    """Every rank holds the logits of all sequences, as vLLM gathers the vocabulary, beside the hidden states."""
    if spec.task is not Task.GENERATE:
        return 0.0
    sequences = min(limits.max_num_seqs, limits.max_num_batched_tokens)
    return sampler_bytes_per_sequence(spec, version) * sequences + 2.0 * limits.max_num_batched_tokens * spec.hidden


def _forward(spec: ModelSpec, layout: Layout, limits: EngineLimits) -> float:
    """Largest live tensors of one layer in a step of ``max_num_batched_tokens``, 16 bit.

    Dense: gate and up projections with their product, and hidden states, residual and norm. Experts: the two
    intermediate caches of vLLM's fused kernel, per chunk of tokens; with data parallelism every rank sees the
    tokens of all ranks, and holds them before and after.
    """
    tokens, tp = limits.max_num_batched_tokens, layout.tensor_parallel
    stream = 3 * spec.hidden
    dense = tokens * (3 * spec.intermediate / tp + stream) if spec.dense_layers else tokens * stream
    routed = 0.0
    if spec.experts is not None:
        shard = spec.experts.intermediate / (1 if layout.expert_parallel else layout.expert_gpus)
        seen = tokens * layout.data_parallel
        kernel = spec.experts.active * (max(2 * shard, spec.hidden) + shard)
        gathered = 2 * seen * spec.hidden if layout.data_parallel > 1 else 0
        routed = min(seen, _EXPERT_CHUNK) * kernel + gathered + tokens * stream
    return 2.0 * max(dense, routed)


def _non_torch(gpu: Gpu, layout: Layout, nodes: int) -> float:
    base = _NON_TORCH.get(gpu.architecture, _NON_TORCH_OLDER)
    ranks = layout.expert_gpus
    if ranks > 1:
        linked = gpu.nvlink_gbs is not None
        base += next((gib for size, gib in _NCCL_NVLINK if ranks >= size), 0.0) if linked else _NCCL_PCIE
    if layout.pipeline_parallel > 1:
        base += _NCCL_PIPELINE
    if layout.expert_parallel and nodes > 1:
        base += _NVSHMEM_GIB
    return base


def parse_version(engine: Engine, text: str) -> Version:
    """Major and minor of ``0.21.0`` or ``~0.11``; ValueError when it is not a version. TEI's does not matter."""
    if engine is Engine.TEI:
        return (0, 0)
    major, minor = text.strip("~v ").split(".")[:2]
    return int(major), int(minor)
