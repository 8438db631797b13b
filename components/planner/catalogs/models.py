"""Models: the dimensions that decide memory and speed, as the checkpoint's ``config.json`` gives them.

Owns the typed shape of a model and the lookup by id. Sizes that follow from a shape are worked out
in ``planner.memory``; reading a ``config.json`` is in ``hf_config``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from ...contracts.serving import KvPrecision, Precision
from .quantized import Quantization, Scope, stored_parts
from .table import Row, number, read_table, unknown_name, whole


class Task(StrEnum):
    """What a model answers with."""

    GENERATE = "generate"
    EMBED = "embed"
    RERANK = "rerank"


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupedQuery:
    """Multi-head, grouped-query or multi-query attention."""

    heads: int
    kv_heads: int
    head_dim: int
    value_dim: int
    qkv_bias: bool = False
    output_bias: bool = False
    qk_norm: bool = False
    output_gate: bool = False
    """A gate as wide as the output, from the same projection as the queries."""
    head_gate: bool = False
    """A gate of one number per head."""
    shares_values: bool = False
    """Values are the keys (Gemma 4, outside its windows): both are cached, one projection makes them."""
    indexer_heads: int = 0
    """Heads of a sparse-attention indexer (MiniMax-M3); 0 without one."""
    indexer_dim: int = 0
    indexer_layers: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Latent:
    """Multi-head latent attention (DeepSeek-V2), whose cache is one compressed vector per token and layer."""

    heads: int
    q_rank: int
    """Rank of the query compression; 0 when queries are projected directly."""
    kv_rank: int
    rope_dim: int
    nope_dim: int
    value_dim: int
    indexer_heads: int = 0
    """Heads of the sparse-attention indexer (DeepSeek-V3.2); 0 without one."""
    indexer_dim: int = 0
    indexer_layers: int = 0
    """Layers with an indexer of their own; others share the choice of the one before (GLM-5.2)."""
    output_gate: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Compressed:
    """Attention of DeepSeek-V4: a window of whole tokens, and before it one entry for each run of tokens."""

    heads: int
    head_dim: int
    rope_dim: int
    q_rank: int
    output_rank: int
    output_groups: int
    window: int
    """Tokens that every layer holds uncompressed."""
    fine_layers: int
    """Layers with one entry for every 4 tokens, which an indexer chooses from."""
    coarse_layers: int
    """Layers with one entry for every 128 tokens."""
    plain_layers: int
    """Layers with the window only."""
    indexer_heads: int
    indexer_dim: int
    streams: int
    """Copies of the hidden state that layers mix (hyper-connections)."""


Attention = GroupedQuery | Latent | Compressed


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Layers that attend to the last ``tokens`` only, so that their cache stops growing."""

    layers: int
    tokens: int
    kv_heads: int
    head_dim: int
    value_dim: int = 0
    """Width of a value; 0 for that of a key."""
    heads: int = 0
    """Query heads; 0 for as many as in the other layers."""
    chunked: bool = False
    """Attention within chunks (Llama 4) instead of a sliding window."""


class LinearKind(StrEnum):
    """Which projections a linear-attention layer has."""

    GATED_DELTA = "gated-delta"
    """Gated delta network (Qwen3-Next, Qwen3.5)."""
    MAMBA = "mamba"
    """Mamba-2 (Nemotron-H, Granite 4)."""
    KIMI_DELTA = "kimi-delta"
    """Kimi delta attention, decay from a projection of low rank."""
    KIMI_DELTA_FULL = "kimi-delta-full"
    """The same with an output gate of full rank (Kimi-K3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Linear:
    """Linear-attention or state-space layers, whose state is constant per request."""

    layers: int
    inner: int
    """Width of values and of the output gate: value heads × value dimension."""
    keys: int
    """Width of queries, of keys, of B or of C each: key heads or groups × key dimension."""
    heads: int
    """Value heads; the state is split over them."""
    key_dim: int
    """Rows of each head's state matrix; its columns are ``inner / heads``."""
    convolution: int
    """Kernel length of the short convolution."""
    form: LinearKind = LinearKind.GATED_DELTA


@dataclass(frozen=True, kw_only=True, slots=True)
class ShortConvolution:
    """Layers that mix only the last few tokens by a gated convolution (LFM2)."""

    layers: int
    kernel: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Experts:
    """Mixture-of-experts layers."""

    layers: int
    count: int
    active: int
    intermediate: int
    shared_intermediate: int = 0
    """Width of all shared experts together; 0 without any."""
    latent: int = 0
    """Width to which tokens are projected before routed experts, and from which after; 0 without (latent MoE)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSpec:
    """One model; layer counts by kind, widths in elements."""

    id: str
    family: str
    task: Task
    layers: int
    hidden: int
    vocab: int
    context: int
    """Longest context the model was made for, tokens."""
    tied_embeddings: bool
    attention: Attention
    full_layers: int
    """Attention layers whose cache grows with the context."""
    window: Window | None
    linear: Linear | None
    convolution: ShortConvolution | None
    dense_layers: int
    """Layers with an ordinary feed-forward network."""
    intermediate: int
    """Width of an ordinary network; the widest where layers differ."""
    matrices: int
    """Weight matrices of a feed-forward network: 3 when gated, 2 otherwise."""
    experts: Experts | None
    extra_parameters: int
    """Outside the layers' arithmetic: vision and audio towers, position embeddings, pooler."""
    prediction_parameters: int
    """Of the heads that predict further tokens, which engines leave out unless asked to speculate with them."""
    dense_width: int
    """Widths of all ordinary networks together, where layers differ (DeciLM); 0 where all are ``intermediate``."""
    native: Quantization
    checkpoint_bytes: int | None
    """Published size; None when it follows from the dimensions."""
    variants: tuple[tuple[Precision, str], ...]
    """Checkpoints of the same model in other precisions."""
    source: str
    cache: KvPrecision = KvPrecision.BF16
    """How the checkpoint says that keys and values are kept; engines follow it unless told otherwise."""

    def __hash__(self) -> int:
        # Every cached sizing is keyed by the model: hashing all dimensions would take longer than the sizing.
        return hash((self.id, self.native.precision))

    @property
    def heads(self) -> int:
        """Query heads, which tensor parallelism splits."""
        return self.attention.heads

    @property
    def kv_heads(self) -> int:
        """Key-value heads; 1 for latent and compressed attention, whose cache every rank holds whole."""
        return self.attention.kv_heads if isinstance(self.attention, GroupedQuery) else 1

    @property
    def has_kv_cache(self) -> bool:
        """Whether requests keep keys and values between steps; encoders do not."""
        return bool(self.full_layers or self.window or self.linear or self.convolution)

    @property
    def all_dense(self) -> int:
        """Widths of all ordinary networks together."""
        return self.dense_width or self.dense_layers * self.intermediate

    @property
    def is_encoder(self) -> bool:
        """Whether the whole input is seen at once and nothing is generated."""
        return not self.has_kv_cache

    def sized(self, *, quantization: Quantization | None = None, name: str | None = None) -> ModelSpec:
        """The same model under another checkpoint's id and quantization; its size then follows from the dimensions."""
        if quantization is None and name is None:
            return self
        return replace(
            self,
            id=name or self.id,
            native=quantization or self.native,
            checkpoint_bytes=None if quantization and quantization != self.native else self.checkpoint_bytes,
        )


def _compressed(row: Row) -> Compressed:
    fine, coarse, plain = (int(count) for count in row["compressed"].split(";"))
    return Compressed(
        heads=whole(row["heads"]),
        head_dim=whole(row["head_dim"]),
        rope_dim=whole(row["rope_dim"]),
        q_rank=whole(row["q_rank"]),
        output_rank=whole(row["output_rank"]),
        output_groups=whole(row["output_groups"]),
        window=whole(row["window_tokens"]),
        fine_layers=fine,
        coarse_layers=coarse,
        plain_layers=plain,
        indexer_heads=whole(row["indexer_heads"]),
        indexer_dim=whole(row["indexer_dim"]),
        streams=whole(row["streams"]),
    )


def _attention(row: Row) -> Attention:
    flags = row["attention_flags"].split()
    if row["compressed"]:
        return _compressed(row)
    if row["kv_rank"]:
        return Latent(
            heads=whole(row["heads"]),
            q_rank=whole(row["q_rank"]),
            kv_rank=whole(row["kv_rank"]),
            rope_dim=whole(row["rope_dim"]),
            nope_dim=whole(row["nope_dim"]),
            value_dim=whole(row["value_dim"]),
            indexer_heads=whole(row["indexer_heads"]),
            indexer_dim=whole(row["indexer_dim"]),
            indexer_layers=whole(row["indexer_layers"]),
            output_gate="output_gate" in flags,
        )
    return GroupedQuery(
        heads=whole(row["heads"]),
        kv_heads=whole(row["kv_heads"]),
        head_dim=whole(row["head_dim"]),
        value_dim=whole(row["value_dim"]) or whole(row["head_dim"]),
        qkv_bias="qkv_bias" in flags,
        output_bias="output_bias" in flags,
        qk_norm="qk_norm" in flags,
        output_gate="output_gate" in flags,
        head_gate="head_gate" in flags,
        shares_values="shares_values" in flags,
        indexer_heads=whole(row["indexer_heads"]),
        indexer_dim=whole(row["indexer_dim"]),
        indexer_layers=whole(row["indexer_layers"]),
    )


def _window(row: Row) -> Window | None:
    if not row["window_layers"]:
        return None
    return Window(
        heads=whole(row["window_heads"]),
        value_dim=whole(row["window_value_dim"]),
        layers=whole(row["window_layers"]),
        tokens=whole(row["window_tokens"]),
        kv_heads=whole(row["window_kv_heads"]) or whole(row["kv_heads"]),
        head_dim=whole(row["window_head_dim"]) or whole(row["head_dim"]),
        chunked=row["window_kind"] == "chunked",
    )


def _linear(row: Row) -> Linear | None:
    if not row["linear_layers"]:
        return None
    return Linear(
        layers=whole(row["linear_layers"]),
        inner=whole(row["linear_inner"]),
        keys=whole(row["linear_keys"]),
        heads=whole(row["linear_heads"]),
        key_dim=whole(row["linear_key_dim"]),
        convolution=whole(row["linear_convolution"]),
        form=LinearKind(row["linear_kind"] or LinearKind.GATED_DELTA),
    )


def _convolution(row: Row) -> ShortConvolution | None:
    if not row["convolution_layers"]:
        return None
    return ShortConvolution(layers=whole(row["convolution_layers"]), kernel=whole(row["convolution_kernel"]))


def _experts(row: Row) -> Experts | None:
    if not row["experts"]:
        return None
    return Experts(
        layers=whole(row["expert_layers"]),
        count=whole(row["experts"]),
        active=whole(row["experts_active"]),
        intermediate=whole(row["expert_intermediate"]),
        shared_intermediate=whole(row["shared_intermediate"]),
        latent=whole(row["expert_latent"]),
    )


def _model(row: Row) -> ModelSpec:
    size = number(row["checkpoint_gb"])
    return ModelSpec(
        id=row["id"],
        family=row["family"],
        task=Task(row["task"]),
        layers=whole(row["layers"]),
        hidden=whole(row["hidden"]),
        vocab=whole(row["vocab"]),
        context=whole(row["context"]),
        tied_embeddings=row["tied_embeddings"] == "true",
        attention=_attention(row),
        full_layers=whole(row["full_layers"]),
        window=_window(row),
        linear=_linear(row),
        convolution=_convolution(row),
        dense_layers=whole(row["dense_layers"]),
        intermediate=whole(row["intermediate"]),
        matrices=whole(row["matrices"]),
        experts=_experts(row),
        extra_parameters=whole(row["extra_parameters"]),
        prediction_parameters=whole(row["prediction_parameters"]),
        dense_width=whole(row["dense_width"]),
        native=Quantization(
            precision=Precision(row["precision"]),
            scope=Scope(row["scope"] or "linear"),
            group=whole(row["group"]),
            block=whole(row["block"]),
            parts=stored_parts(row["parts"]),
        ),
        checkpoint_bytes=round(size * 1e9) if size else None,
        variants=_variants(row["variants"]),
        source=row["source"],
        cache=KvPrecision(row["cache"] or KvPrecision.BF16),
    )


def _variants(cell: str) -> tuple[tuple[Precision, str], ...]:
    pairs = (item.partition("=") for item in cell.split(";") if item)
    return tuple((Precision(precision), name) for precision, _, name in pairs)


@cache
def models() -> tuple[ModelSpec, ...]:
    """All models of the catalog."""
    return tuple(_model(row) for row in read_table("models"))


@cache
def _by_id() -> dict[str, ModelSpec]:
    return {spec.id.casefold(): spec for spec in models()}


def model(name: str) -> ModelSpec:
    """The model of that Hugging Face id, letter case ignored.

    Raises:
        StrataError: when there is none, naming the nearest.
    """
    found = _by_id().get(name.casefold())
    if found is None:
        raise unknown_name("model", "model", name, (spec.id for spec in models()))
    return found
