"""Parameters of a model, counted from its dimensions and grouped by how they are stored and split.

Owns the arithmetic of the layers: projections of attention, feed-forward networks, experts, embeddings
and norms, as the models' code in transformers defines them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..catalogs.models import GroupedQuery, Latent, Linear, ModelSpec, Task


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """Counts over the whole model; each group is stored and split over GPUs in its own way."""

    embedding: int
    """Input embedding, split over the vocabulary."""
    head: int
    """Output projection when it is not the embedding itself."""
    attention: int
    """Attention and linear-attention projections that tensor parallelism splits by heads."""
    key_value: int
    """Key and value projections, repeated when there are more ranks than heads."""
    attention_replicated: int
    """Down-projections of latent attention and the sparse indexer, whole on every rank."""
    absorbed: int
    """Key and value up-projections of latent attention, of which engines keep a second, 16-bit copy for decoding."""
    feed_forward: int
    """Ordinary feed-forward networks."""
    shared_experts: int
    experts: int
    """Routed experts."""
    small: int
    """Router, norms, biases: 16 bit and whole on every rank."""
    extra: int
    """Vision tower and the like: 16 bit and whole on every rank."""

    @property
    def total(self) -> int:
        """All parameters of the checkpoint."""
        return (
            self.embedding
            + self.head
            + self.attention
            + self.key_value
            + self.attention_replicated
            + self.feed_forward
            + self.shared_experts
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
    split, key_value, whole, absorbed, attention_small = _attention(spec)
    linear, linear_small = _linear(spec.linear, d)
    per_expert = spec.matrices * d
    return Parameters(
        embedding=embedding,
        head=0 if spec.tied_embeddings or spec.task is not Task.GENERATE else embedding,
        attention=split + linear,
        key_value=key_value,
        attention_replicated=whole,
        absorbed=absorbed,
        feed_forward=spec.dense_layers * spec.matrices * d * spec.intermediate,
        shared_experts=experts.layers * per_expert * experts.shared_intermediate if experts else 0,
        experts=experts.layers * experts.count * per_expert * experts.intermediate if experts else 0,
        small=attention_small + linear_small + _norms_and_routers(spec),
        extra=spec.extra_parameters,
    )


def _attention(spec: ModelSpec) -> tuple[int, int, int, int, int]:
    """Split, key-value, replicated, absorbed and small parameters of all attention layers."""
    attention, d = spec.attention, spec.hidden
    if isinstance(attention, Latent):
        return _latent(attention, d, spec.full_layers)
    windowed = spec.window
    layers = spec.full_layers if spec.has_kv_cache else spec.layers
    split, key_value, small = _grouped(attention, d, layers)
    if windowed is not None:
        inside = GroupedQuery(
            heads=attention.heads,
            kv_heads=windowed.kv_heads,
            head_dim=windowed.head_dim,
            value_dim=attention.value_dim if windowed.head_dim == attention.head_dim else windowed.head_dim,
            qkv_bias=attention.qkv_bias,
            output_bias=attention.output_bias,
            qk_norm=attention.qk_norm,
            output_gate=attention.output_gate,
        )
        more = _grouped(inside, d, windowed.layers)
        split, key_value, small = split + more[0], key_value + more[1], small + more[2]
    return split, key_value, 0, 0, small


def _grouped(attention: GroupedQuery, d: int, layers: int) -> tuple[int, int, int]:
    queries = attention.heads * attention.head_dim * (2 if attention.output_gate else 1)
    cached = attention.kv_heads * (attention.head_dim + attention.value_dim)
    small = (2 * attention.head_dim if attention.qk_norm else 0) + (d if attention.output_bias else 0)
    small += queries + cached if attention.qkv_bias else 0
    split = d * queries + attention.heads * attention.value_dim * d
    return layers * split, layers * d * cached, layers * small


def _latent(attention: Latent, d: int, layers: int) -> tuple[int, int, int, int, int]:
    query_width = attention.heads * (attention.nope_dim + attention.rope_dim)
    absorbed = attention.kv_rank * attention.heads * (attention.nope_dim + attention.value_dim)
    split = (attention.q_rank or d) * query_width + absorbed + attention.heads * attention.value_dim * d
    whole = d * attention.q_rank + d * (attention.kv_rank + attention.rope_dim)
    if attention.indexer_heads:
        index = attention.indexer_dim
        whole += attention.q_rank * attention.indexer_heads * index + d * index + d * attention.indexer_heads
    norms = attention.q_rank + attention.kv_rank
    return layers * split, 0, layers * whole, layers * absorbed, layers * norms


def _linear(linear: Linear | None, d: int) -> tuple[int, int]:
    if linear is None:
        return 0, 0
    mixed = 2 * linear.keys + linear.inner
    # Queries, keys, values and output gate in; values out; decay and write strength per head.
    split = d * (mixed + linear.inner) + linear.inner * d + 2 * d * linear.heads
    small = mixed * linear.convolution + 3 * linear.heads
    return linear.layers * split, linear.layers * small


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
