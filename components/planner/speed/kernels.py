"""Kernels that one decode step starts, counted from the structure of a model.

With small batches a step waits for launches and for kernels too short to fill a GPU, so that their number decides the
time. Counts follow the forward passes of vLLM's model code with its usual fusions (residual add into
norm, SiLU into product, rotary embedding into the cache write). All-reduces are counted apart.
"""

from __future__ import annotations

from ...contracts.serving import Precision
from ..catalogs.models import Attention, GroupedQuery, ModelSpec
from ..catalogs.quantized import Part

# Norm, QKV projection, rotary embedding with cache write, attention, merge of its splits, output projection.
_GROUPED = 6
# Norm, query and KV down-projection, two norms, query up-projection, rotary embedding, cache write, absorbed key
# projection, attention, merge of its splits, absorbed value projection, output projection.
_LATENT = 12
# Query and key projections, norm, rotary embedding, rotation, two quantizations, cache write, head weights, logits,
# top-k, conversion of indices.
_INDEXER = 12
# Norm, two input projections, convolution, gating, recurrent update, gated norm, merge, output projection.
_LINEAR = 9
# Norm, gate and up projection, activation, down projection.
_FEED_FORWARD = 4
# Norm, router, top-k, sort, permutation, first experts' product, activation, second product, weighted sum.
_EXPERTS = 9
# Gate and up projection, activation, down projection, sum.
_SHARED_EXPERT = 4
# FP8 and NVFP4 quantize the input of a layer's first and of its last product; latent attention has four products.
_QUANTIZE = 2
_QUANTIZE_LATENT = 4
_QUANTIZES_ACTIVATIONS = {Precision.FP8, Precision.NVFP4}


def kernel_launches(spec: ModelSpec) -> int:
    """Kernels of one decode step of ``spec`` at its native quantization."""
    quantizes = spec.native.precision in _QUANTIZES_ACTIVATIONS
    in_attention = quantizes and bool(spec.native.stored(Part.ATTENTION))
    in_dense = _QUANTIZE * (quantizes and bool(spec.native.stored(Part.FEED_FORWARD)))
    linear_layers = spec.linear.layers if spec.linear else 0
    count = (spec.layers - linear_layers) * _attention(spec.attention, in_attention=in_attention)
    count += linear_layers * (_LINEAR + _QUANTIZE * in_attention)
    experts = spec.experts
    if experts is None:
        return count + spec.layers * (_FEED_FORWARD + in_dense)
    count += (spec.layers - experts.layers) * (_FEED_FORWARD + in_dense)
    shared = _SHARED_EXPERT + in_dense if experts.shared_intermediate else 0
    return count + experts.layers * (_EXPERTS + _QUANTIZE * quantizes + shared)


def _attention(attention: Attention, *, in_attention: bool) -> int:
    if isinstance(attention, GroupedQuery):
        return _GROUPED + attention.qk_norm + _INDEXER * bool(attention.indexer_heads) + _QUANTIZE * in_attention
    return _LATENT + _INDEXER * bool(attention.indexer_heads) + _QUANTIZE_LATENT * in_attention
