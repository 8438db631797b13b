"""Parameters of a model, counted from its dimensions and grouped by how they are stored and split.

Owns the arithmetic of the layers: projections of attention, feed-forward networks, experts, embeddings
and norms, as the models' code in transformers defines them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from ..catalogs.models import Compressed, GroupedQuery, Latent, Linear, LinearKind, ModelSpec, Task


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """Counts over the whole model; each group is stored and split over GPUs in its own way."""

    embedding: int
    """Input embedding, split over the vocabulary."""
    head: int
    """Output projection when it is not the embedding itself."""
    attention: int
    """Attention projections that tensor parallelism splits by heads."""
    key_value: int
    """Key and value projections, repeated when there are more ranks than heads."""
    attention_replicated: int
    """Down-projections of latent attention and the sparse indexer, whole on every rank."""
    absorbed: int
    """Key and value up-projections of latent attention, of which engines keep a second, 16-bit copy for decoding."""
    linear: int
    """Projections of linear-attention, state-space and short-convolution layers, split by heads or channels."""
    feed_forward: int
    """Ordinary feed-forward networks."""
    shared_experts: int
    latent: int
    """Projections into and out of latent experts, whole on every rank."""
    experts: int
    """Routed experts."""
    small: int
    """Router, norms, biases: 16 bit and whole on every rank."""
    extra: int
    """Vision tower and the like: 16 bit and whole on every rank."""

    @property
    def total(self) -> int:
        """All parameters that an engine loads."""
        return (
            self.embedding
            + self.head
            + self.attention
            + self.key_value
            + self.attention_replicated
            + self.absorbed
            + self.linear
            + self.feed_forward
            + self.shared_experts
            + self.latent
            + self.experts
            + self.small
            + self.extra
        )

    def active(self, spec: ModelSpec) -> int:
        """Parameters that one token is multiplied with."""
        routed = self.experts * spec.experts.active // spec.experts.count if spec.experts else 0
        head = self.head or (self.embedding if spec.task is Task.GENERATE else 0)
        return self.total - self.embedding - self.head - self.extra - self.experts + head + routed


@lru_cache(maxsize=1024)
def parameters(spec: ModelSpec) -> Parameters:
    """Counts of the model's parameters."""
    d = spec.hidden
    embedding = spec.vocab * d
    experts = spec.experts
    attention = _attention(spec)
    linear, linear_small = _linear(spec.linear, d)
    mixing, mixing_small = _convolution(spec)
    routed = spec.matrices * ((experts.latent or d) if experts else 0)
    return Parameters(
        embedding=embedding,
        head=0 if spec.tied_embeddings or spec.task is not Task.GENERATE else embedding,
        attention=attention.split,
        key_value=attention.key_value,
        attention_replicated=attention.whole,
        absorbed=attention.absorbed,
        linear=linear + mixing,
        feed_forward=spec.all_dense * spec.matrices * d,
        shared_experts=experts.layers * spec.matrices * d * experts.shared_intermediate if experts else 0,
        latent=experts.layers * 2 * d * experts.latent if experts else 0,
        experts=experts.layers * experts.count * routed * experts.intermediate if experts else 0,
        small=attention.small + linear_small + mixing_small + _norms_and_routers(spec),
        extra=spec.extra_parameters,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Attention:
    """Parameters of all attention layers, as tensor parallelism treats them."""

    split: int = 0
    key_value: int = 0
    whole: int = 0
    absorbed: int = 0
    small: int = 0


def _attention(spec: ModelSpec) -> _Attention:
    attention, d, windowed = spec.attention, spec.hidden, spec.window
    if isinstance(attention, Latent):
        return _latent(attention, d, spec.full_layers)
    if isinstance(attention, Compressed):
        return _compressed(attention, d)
    layers = spec.full_layers if spec.has_kv_cache else spec.layers
    split, key_value, small = _grouped(attention, d, layers)
    if windowed is not None:
        same = windowed.head_dim == attention.head_dim
        inside = replace(
            attention,
            heads=windowed.heads or attention.heads,
            kv_heads=windowed.kv_heads,
            head_dim=windowed.head_dim,
            value_dim=windowed.value_dim or (attention.value_dim if same else windowed.head_dim),
            shares_values=False,
        )
        more = _grouped(inside, d, windowed.layers)
        split, key_value, small = split + more[0], key_value + more[1], small + more[2]
    index = attention.indexer_dim * (attention.indexer_heads + 1) * d
    return _Attention(split=split, key_value=key_value, whole=attention.indexer_layers * index, small=small)


def _grouped(attention: GroupedQuery, d: int, layers: int) -> tuple[int, int, int]:
    queries = attention.heads * attention.head_dim
    projected = attention.kv_heads * (attention.head_dim + (0 if attention.shares_values else attention.value_dim))
    small = (2 * attention.head_dim if attention.qk_norm else 0) + (d if attention.output_bias else 0)
    small += queries + projected if attention.qkv_bias else 0
    values = attention.heads * attention.value_dim
    gate = (values if attention.output_gate else 0) + (attention.heads if attention.head_gate else 0)
    split = d * (queries + gate) + values * d
    return layers * split, layers * d * projected, layers * small


def _latent(attention: Latent, d: int, layers: int) -> _Attention:
    query_width = attention.heads * (attention.nope_dim + attention.rope_dim)
    values = attention.heads * attention.value_dim
    absorbed = attention.kv_rank * attention.heads * (attention.nope_dim + attention.value_dim)
    split = (attention.q_rank or d) * query_width + values * d * (2 if attention.output_gate else 1)
    whole = layers * (d * attention.q_rank + d * (attention.kv_rank + attention.rope_dim))
    index = attention.indexer_dim
    indexer = attention.q_rank * attention.indexer_heads * index + d * index + d * attention.indexer_heads
    return _Attention(
        split=layers * split,
        whole=whole + attention.indexer_layers * indexer,
        absorbed=layers * absorbed,
        small=layers * (attention.q_rank + attention.kv_rank),
    )


def _compressed(attention: Compressed, d: int) -> _Attention:
    """DeepSeek-V4 (transformers, ``DeepseekV4Attention``): output in groups, compressors with values and gates."""
    layers = attention.fine_layers + attention.coarse_layers + attention.plain_layers
    width = attention.heads * attention.head_dim
    split = attention.q_rank * width + width * attention.output_rank
    split += attention.output_groups * attention.output_rank * d
    whole = d * (attention.q_rank + attention.head_dim)
    # A compressor of runs of 4 tokens overlaps two of them, so that its projections are twice as wide.
    compressors = 2 * d * attention.head_dim * (2 * attention.fine_layers + attention.coarse_layers)
    index = attention.indexer_dim
    indexer = 4 * d * index + attention.q_rank * attention.indexer_heads * index + d * attention.indexer_heads
    positions = attention.fine_layers * 8 * (attention.head_dim + index) + attention.coarse_layers * 128 * (
        attention.head_dim
    )
    mixed = attention.streams * d * (attention.streams + 2) * attention.streams
    return _Attention(
        split=layers * split,
        whole=layers * whole + compressors + attention.fine_layers * indexer,
        small=positions + 2 * layers * mixed + layers * (attention.q_rank + 2 * attention.head_dim),
    )


def _linear(linear: Linear | None, d: int) -> tuple[int, int]:
    if linear is None:
        return 0, 0
    mixed, heads = 2 * linear.keys + linear.inner, linear.heads
    out = linear.inner * d
    match linear.form:
        case LinearKind.GATED_DELTA:
            # Queries, keys, values and output gate in; decay and write strength per head.
            split = d * (mixed + linear.inner) + 2 * d * heads
            small = mixed * linear.convolution + 3 * heads
        case LinearKind.MAMBA:
            # Gate, values, B and C in; a step size per head; a bias of the convolution, and a norm.
            split = d * (mixed + linear.inner) + d * heads
            small = mixed * (linear.convolution + 1) + linear.inner + 3 * heads
        case LinearKind.KIMI_DELTA | LinearKind.KIMI_DELTA_FULL:
            rank = linear.inner // heads
            low = d * rank + rank * linear.inner
            gate = d * linear.inner if linear.form is LinearKind.KIMI_DELTA_FULL else low
            split = d * mixed + low + gate + d * heads
            small = mixed * linear.convolution + linear.inner + heads
    return linear.layers * (split + out), linear.layers * small


def _convolution(spec: ModelSpec) -> tuple[int, int]:
    mixing = spec.convolution
    if mixing is None:
        return 0, 0
    d = spec.hidden
    return mixing.layers * 4 * d * d, mixing.layers * d * mixing.kernel


def _norms_and_routers(spec: ModelSpec) -> int:
    norms = (2 * spec.layers + 1) * spec.hidden
    biases = spec.layers * (5 * spec.hidden + spec.hidden + spec.intermediate + spec.hidden) if spec.is_encoder else 0
    if spec.experts is None:
        return norms + biases
    experts = spec.experts
    router = experts.layers * (spec.hidden + 1) * experts.count
    # gpt-oss is the only family whose experts have biases.
    expert_biases = experts.layers * experts.count * (2 * experts.intermediate + spec.hidden) if _biased(spec) else 0
    return norms + biases + router + expert_biases


def _biased(spec: ModelSpec) -> bool:
    return isinstance(spec.attention, GroupedQuery) and spec.attention.output_bias
