"""What the engine itself takes of a GPU: activations, sampler warm-up, CUDA graphs, CUDA and NCCL buffers.

Owns vLLM's behaviour by version. Constants marked *fit* come from start-up logs; the others from vLLM's code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ...contracts.serving import Engine
from ..catalogs.gpus import GIB, Gpu
from ..catalogs.models import ModelSpec, Task
from .activations import MIB, Version, forward, vision
from .layout import Layout

_LARGE_GPU_GIB = 70.0
"""From this much memory on vLLM's defaults are larger (``EngineArgs._set_default_args``)."""
_HUGE_GPU_GIB = 160.0
_A100_APART: Version = (0, 9)
"""The defaults of large GPUs left A100s out after 0.8."""

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
_GRAPH_LAYER_BYTES = 0.23 * MIB
"""One layer of one CUDA graph: 0.21 to 0.25 MiB by vLLM's own estimates for 28, 32 and 64 layers. Fit."""
_CAPTURED_BY_8, _LARGEST_CAPTURED = 256, 512


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineLimits:
    """What the scheduler admits in one step."""

    max_num_seqs: int
    max_num_batched_tokens: int
    context: int = 0
    """``max_model_len``; 0 for the model's own."""


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


def default_limits(gpu: Gpu, version: Version | None = None) -> EngineLimits:
    """Default limits of vLLM on that GPU when it serves (V1 engine); those of now for no version."""
    if gpu.usable_gib >= _HUGE_GPU_GIB:
        return EngineLimits(max_num_seqs=1024, max_num_batched_tokens=16384)
    counts = not gpu.name.startswith("A100") or (version is not None and version < _A100_APART)
    if gpu.usable_gib >= _LARGE_GPU_GIB and counts:
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
    tower, images = vision(spec, limits.max_num_batched_tokens)
    text = forward(spec, gpu, layout, limits.max_num_batched_tokens, limits.context or spec.context, version)
    peak = max(tower, images + text)
    return EngineMemory(
        activations=max(peak, images + _sampler(spec, limits, version)),
        forward=peak,
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
