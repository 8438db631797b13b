"""What speculative decoding takes of a GPU beside the model: the weights of a head, its keys and values, more states.

Prediction heads are counted as one usual layer each and what joins it to the model; embedding and output head are the
model's own (vLLM 0.33.0, ``v1/worker/gpu/spec_decode/eagle/utils.py``, which shares them but for a pipeline's
embedding).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ...contracts.serving import KvPrecision
from ..catalogs.draft_heads import DraftHead
from ..catalogs.models import ModelSpec
from ..catalogs.quantized import Part
from .kv_cache import cache_shape, element_bytes
from .layout import Layout
from .parameters import parameters
from .weights import part_bytes

_SIXTEEN_BIT = 2
_EAGLE_INPUTS = 3
"""Hidden states of the model that a head of EAGLE-3 joins; embedding and those joined go into its attention."""
VERIFIED_BYTES = 8.0
"""FP32 logits and probabilities of each token that is verified (vLLM 0.33.0, ``rejection_sampler``)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Bytes on the fullest GPU, unless stated."""

    weights: float = 0.0
    cache_per_token: float = 0.0
    share: float = 0.0
    """A drafted token's pass over a pass of the model, by layers or by weights, whichever is more."""
    checkpoint: int = 0
    """Of a head with a checkpoint of its own, on storage."""


@lru_cache(maxsize=1024)
def prediction_head(spec: ModelSpec) -> int:
    """Parameters of one head that predicts a further token: a usual layer, and what joins it to the model."""
    counts = parameters(spec)
    mixing = counts.attention + counts.key_value + counts.attention_replicated + counts.absorbed
    attending = (spec.full_layers or spec.layers) + (spec.window.layers if spec.window else 0)
    feeding = counts.shared_experts + counts.latent + counts.experts if spec.experts else counts.feed_forward
    layers = spec.experts.layers if spec.experts else max(1, spec.dense_layers)
    return mixing // attending + feeding // layers + 2 * spec.hidden * spec.hidden


def prediction_heads(spec: ModelSpec) -> int:
    """Heads that the checkpoint holds; 0 where it has none, or none is known."""
    return max(1, round(spec.prediction_parameters / prediction_head(spec))) if spec.prediction_parameters else 0


@lru_cache(maxsize=16384)
def own_head(spec: ModelSpec, layout: Layout, precision: KvPrecision) -> Draft:
    """The model's own prediction heads, stored as its layers are."""
    heads = prediction_heads(spec)
    stored = part_bytes(spec.native, Part.EXPERTS if spec.experts else Part.FEED_FORWARD)
    split = layout.expert_gpus if spec.experts else layout.tensor_parallel
    whole = cache_shape(spec, Layout(tensor_parallel=layout.tensor_parallel), precision)
    return Draft(
        weights=stored * spec.prediction_parameters / split,
        cache_per_token=heads * whole.per_token / max(1, spec.full_layers),
        share=1 / spec.layers,
    )


@lru_cache(maxsize=16384)
def eagle_head(spec: ModelSpec, head: DraftHead, layout: Layout, precision: KvPrecision) -> Draft:
    """A head of EAGLE-3, 16 bit; what joins the hidden states is whole on every rank."""
    d, tp = head.hidden, layout.tensor_parallel
    queries, keys = head.heads * head.head_dim, head.kv_heads * head.head_dim
    layer = 2 * d * (queries + 2 * keys * tp / min(tp, head.kv_heads)) + queries * d + 3 * d * head.intermediate
    vocabulary = head.vocab * d
    joined = _EAGLE_INPUTS * spec.hidden * d
    # In a pipeline the last stage has no embedding to share, and one of another width is the head's own.
    embedding = spec.vocab * d if layout.pipeline_parallel > 1 or d != spec.hidden else 0
    held = _SIXTEEN_BIT * ((head.layers * layer + vocabulary + embedding) / tp + joined)
    counts = parameters(spec)
    stored = 2 * d * (queries + 2 * keys) + queries * d + 3 * d * head.intermediate
    checkpoint = _SIXTEEN_BIT * (head.layers * stored + vocabulary + joined + spec.vocab * d)
    return Draft(
        weights=held,
        cache_per_token=head.layers * 2 * keys / min(tp, head.kv_heads) * element_bytes(precision),
        share=max(head.layers / spec.layers, (stored * head.layers + vocabulary + joined) / counts.active(spec)),
        checkpoint=checkpoint,
    )
