"""Largest live tensors while vLLM profiles a forward pass: of a layer, dense or of experts, and of a vision tower.

All follow from vLLM's code (0.32 unless a version or change is named); nothing here is fitted.
"""

from __future__ import annotations

from typing import NamedTuple

from ...contracts.serving import Precision
from ..catalogs.gpus import Gpu
from ..catalogs.models import Compressed, Experts, Latent, ModelSpec
from ..catalogs.quantized import Part, Stored
from .layout import Layout

MIB = 2**20
Version = tuple[int, int]

_SIXTEEN_BIT = 2.0
_EXPERT_CHUNK = 32768
"""Tokens that the fused expert kernel took at a time (``VLLM_FUSED_MOE_CHUNK_SIZE``)."""
_WHOLE_FROM: Version = (0, 18)
"""PR 34086 removed the chunks; the kernels' workspaces hold two caches as wide as the larger matrix since."""
_DEEP_GEMM_FROM: Version = (0, 11)
"""``VLLM_USE_DEEP_GEMM`` is on by default since."""
_DEEP_GEMM_ON = frozenset({"hopper", "blackwell"})
_DEEP_GEMM_LEAST_WIDTH = 512
"""Experts whose gate and up projections are no wider on a GPU go to Triton (``_valid_deep_gemm``)."""
_DEEP_GEMM_ROWS = 128
"""DeepGEMM pads the rows of every expert to a multiple of this."""
_PREFILL_ROWS, _PREFILL_CONTEXTS = 65536, 8
"""Rows of latent attention's chunked prefill: enough for 8 whole contexts, at most 64 Ki."""
_INDEXED_CONTEXTS, _INDEXED_BYTES = 40, 132
"""The sparse indexer gathers up to 40 contexts of 128 FP8 bytes and a scale (``get_max_prefill_buffer_size``)."""
_FINE = 4
"""DeepSeek-V4 indexes one entry for every 4 tokens."""
_INDEXER_LOGITS = 512 * MIB
"""``VLLM_SPARSE_INDEXER_MAX_LOGITS_MB``."""


class _Tower(NamedTuple):
    """A vision tower on the largest image that it takes."""

    patches: int
    width: int
    inner: int
    """Live width of the feed-forward network."""
    merged: int
    """Patches per token."""
    pixels: int
    """Values of a patch: three colours, two frames."""
    levels: int
    """Layers whose features go to the language model too (``deepstack_visual_indexes``)."""


_TOWERS = {
    "qwen2_5_vl": _Tower(65536, 1280, 3 * 3420, 4, 3 * 2 * 14**2, 0),
    "qwen3_vl_text": _Tower(65536, 1152, 2 * 4304, 4, 3 * 2 * 16**2, 3),
    "qwen3_vl_moe_text": _Tower(65536, 1152, 2 * 4304, 4, 3 * 2 * 16**2, 3),
    "qwen3_5_text": _Tower(65536, 1152, 2 * 4304, 4, 3 * 2 * 16**2, 0),
    "qwen3_5_moe_text": _Tower(65536, 1152, 2 * 4304, 4, 3 * 2 * 16**2, 0),
}
"""By family: ``preprocessor_config.json`` (pixels of ``longest_edge`` over those of a patch) and ``vision_config``.

Other families' largest images are too small for the tower to outweigh the language model.
"""


def vision(spec: ModelSpec, tokens: int) -> tuple[float, float]:
    """Peak of the vision tower on the largest image, and what stays of it while the text is profiled; 16 bit.

    One layer holds the residual and the norm beside the feed-forward network, the tower its pixels and the features of
    deeper levels, for which the language model keeps a buffer of ``tokens`` rows each. Tensor parallelism is not
    counted on: the tower may run data parallel.
    """
    tower = _TOWERS.get(spec.family)
    if tower is None:
        return 0.0, 0.0
    image = _SIXTEEN_BIT * tower.patches / tower.merged * spec.hidden
    layer = _SIXTEEN_BIT * tower.patches * (2 * tower.width + tower.inner + tower.pixels)
    kept = image * (1 + tower.levels) + _SIXTEEN_BIT * tower.levels * tokens * spec.hidden
    return layer + image * tower.levels, kept


def forward(spec: ModelSpec, gpu: Gpu, layout: Layout, tokens: int, context: int, version: Version) -> float:
    """Largest live tensors of one layer in a step of ``tokens``, beside hidden states, residual and norm; 16 bit."""
    stream = 3 * tokens * spec.hidden * _SIXTEEN_BIT
    peaks = [_attention(spec, layout, context)]
    if spec.dense_layers:
        # Gate and up projections with their product.
        peaks.append(_SIXTEEN_BIT * tokens * 3 * spec.intermediate / layout.tensor_parallel)
    if spec.experts is not None:
        peaks.append(_experts(spec, spec.experts, gpu, layout, tokens, version))
    return stream + max(peaks)


def _attention(spec: ModelSpec, layout: Layout, context: int) -> float:
    """What latent attention reserves for a prompt's earlier chunks, and its sparse form for the indexer."""
    attention = spec.attention
    if isinstance(attention, Compressed) or (isinstance(attention, Latent) and attention.indexer_dim):
        entries = context // _FINE if isinstance(attention, Compressed) else context
        return float(_INDEXED_CONTEXTS * _INDEXED_BYTES * entries + _INDEXER_LOGITS)
    if isinstance(attention, Latent):
        rows = min(_PREFILL_CONTEXTS * context, _PREFILL_ROWS)
        width = attention.heads / layout.tensor_parallel * (attention.nope_dim + attention.value_dim)
        return _SIXTEEN_BIT * rows * width
    return 0.0


def _experts(spec: ModelSpec, experts: Experts, gpu: Gpu, layout: Layout, tokens: int, version: Version) -> float:
    """Workspaces of the expert kernels; data-parallel ranks see the tokens of all ranks, and hold them twice."""
    seen = tokens * layout.data_parallel
    taken = seen if version >= _WHOLE_FROM else min(seen, _EXPERT_CHUNK)
    width = experts.latent or spec.hidden
    shard = experts.intermediate / (1 if layout.expert_parallel else layout.expert_gpus)
    projected = (spec.matrices - 1) * shard
    gathered = 2 * _SIXTEEN_BIT * seen * spec.hidden if layout.data_parallel > 1 else 0.0
    stored = spec.native.stored(Part.EXPERTS)
    rows, eight = taken * experts.active, any(part.precision is Precision.FP8 for part in stored)
    # Kernels that multiply in FP8 hold what they quantized beside what they quantize.
    quantized = taken * width if eight else 0.0
    if eight and _deep_gemm(stored, gpu, projected, version):
        local = experts.count / (layout.expert_gpus if layout.expert_parallel else 1)
        rows += int(local) * (_DEEP_GEMM_ROWS - 1)
        cached = _SIXTEEN_BIT * rows * (max(shard, width) + max(projected, width))
    elif version >= _WHOLE_FROM:
        cached = _SIXTEEN_BIT * rows * (max(shard, width) + max(projected, width))
    else:
        cached = _SIXTEEN_BIT * rows * (shard + max(projected, width)) + (rows * shard if eight else 0.0)
    return cached + quantized + gathered


def _deep_gemm(stored: tuple[Stored, ...], gpu: Gpu, projected: float, version: Version) -> bool:
    able = gpu.architecture in _DEEP_GEMM_ON and version >= _DEEP_GEMM_FROM
    fits = projected > _DEEP_GEMM_LEAST_WIDTH and projected % _DEEP_GEMM_ROWS == 0
    return able and fits and all(part.block for part in stored)
