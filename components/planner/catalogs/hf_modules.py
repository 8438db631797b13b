"""The modules of a model's layers under the names that checkpoints give them, for reading what is quantized."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..memory.parameters import Parameters
from .hf_layers import Feed, Layer, Mixer
from .models import Compressed, GroupedQuery, Latent, LinearKind, ModelSpec
from .quantized import Part


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """One module, or all alike of one layer."""

    part: Part
    size: float
    """Its weights, in any unit that is the same within a part."""
    paths: tuple[str, ...]
    """Its names in one family or another, without what holds the layers."""
    sixteen_bit: bool = False
    """Whether formats that quantize everything leave it 16 bit (compressors of DeepSeek-V4)."""


def modules(layers: Sequence[Layer], spec: ModelSpec, counts: Parameters) -> Iterator[Module]:
    """All modules that may be quantized."""
    if counts.head:
        yield Module(part=Part.HEAD, size=1.0, paths=("lm_head", "head", "output"))
    gated = spec.matrices > _UNGATED
    for index, layer in enumerate(layers):
        at = f"layers.{index}."
        if layer.mixer in {Mixer.FULL, Mixer.WINDOW}:
            yield from _attention(at, spec)
        elif layer.mixer is not Mixer.NONE:
            yield from _linear(at, spec)
        if layer.feed in {Feed.DENSE, Feed.BOTH}:
            names = ("gate_proj", "up_proj", "down_proj") if gated else ("up_proj", "down_proj")
            yield from _each(Part.FEED_FORWARD, at, ("mlp", "ffn", "feed_forward", "mixer"), names)
        if layer.feed in {Feed.EXPERTS, Feed.BOTH}:
            # Beside an ordinary network the experts stand in the layer itself (Gemma 4).
            yield from _experts(at, spec, _MOE if layer.feed is Feed.EXPERTS else ())


def _each(part: Part, at: str, holders: Sequence[str], names: Sequence[str], size: float = 1.0) -> Iterator[Module]:
    for name in names:
        yield Module(part=part, size=size, paths=tuple(f"{at}{holder}.{name}" for holder in holders))


_UNGATED = 2
_ATTENTION = ("self_attn", "attn", "mixer", "attention")


def _attention(at: str, spec: ModelSpec) -> Iterator[Module]:
    attention, d = spec.attention, spec.hidden
    if isinstance(attention, GroupedQuery):
        queries = d * attention.heads * attention.head_dim
        keys = d * attention.kv_heads * attention.head_dim
        for names, size in (
            (("q_proj", "qkv_proj"), queries),
            (("k_proj", "qkv_proj"), keys),
            (("v_proj", "qkv_proj"), keys),
            (("o_proj", "out_proj"), attention.heads * attention.value_dim * d),
        ):
            paths = tuple(f"{at}{holder}.{name}" for holder in _ATTENTION for name in names)
            yield Module(part=Part.ATTENTION, size=size, paths=paths)
        if attention.indexer_layers:
            paths = tuple(f"{at}{holder}.index_{which}_proj" for holder in _ATTENTION for which in "qk")
            yield Module(part=Part.ATTENTION_WHOLE, size=1.0, paths=paths)
        return
    width = attention.heads * (
        attention.nope_dim + attention.rope_dim if isinstance(attention, Latent) else attention.head_dim
    )
    first = "q_b_proj" if attention.q_rank else "q_proj"
    yield from _each(Part.ATTENTION, at, _ATTENTION, (first,), (attention.q_rank or d) * width)
    if isinstance(attention, Compressed):
        yield from _compressed(at, attention, d, width)
        return
    yield from _each(Part.ATTENTION, at, _ATTENTION, ("o_proj",), attention.heads * attention.value_dim * d)
    yield from _each(Part.ABSORBED, at, _ATTENTION, ("kv_b_proj",))
    if attention.q_rank:
        yield from _each(Part.ATTENTION_WHOLE, at, _ATTENTION, ("q_a_proj",), d * attention.q_rank)
    rank = attention.kv_rank + attention.rope_dim
    yield from _each(Part.ATTENTION_WHOLE, at, _ATTENTION, ("kv_a_proj_with_mqa",), d * rank)
    if attention.indexer_heads:
        size = attention.q_rank * attention.indexer_heads * attention.indexer_dim
        yield from _each(Part.ATTENTION_WHOLE, at, ("self_attn.indexer",), ("wq_b",), size)


def _compressed(at: str, attention: Compressed, d: int, width: int) -> Iterator[Module]:
    groups = attention.output_groups * attention.output_rank * d
    yield from _each(Part.ATTENTION, at, _ATTENTION, ("wo_a", "o_a_proj"), width * attention.output_rank / 2)
    yield from _each(Part.ATTENTION, at, _ATTENTION, ("wo_b", "o_b_proj"), groups / 2)
    whole = d * (attention.q_rank + attention.head_dim)
    yield from _each(Part.ATTENTION_WHOLE, at, _ATTENTION, ("wq_a", "wkv"), whole / 2)
    layers = attention.fine_layers + attention.coarse_layers + attention.plain_layers
    compressors = 2 * d * attention.head_dim * (2 * attention.fine_layers + attention.coarse_layers)
    path = f"{at}attn.compressor.wkv"
    yield Module(part=Part.ATTENTION_WHOLE, size=compressors / layers, paths=(path,), sixteen_bit=True)
    index = attention.q_rank * attention.indexer_heads * attention.indexer_dim * attention.fine_layers
    yield from _each(Part.ATTENTION_WHOLE, at, ("attn.indexer",), ("wq_b",), index / layers)


def _linear(at: str, spec: ModelSpec) -> Iterator[Module]:
    linear, d = spec.linear, spec.hidden
    if linear is None:
        yield from _each(Part.LINEAR, at, ("conv",), ("in_proj",), 3)
        yield from _each(Part.LINEAR, at, ("conv",), ("out_proj",), 1)
        return
    mixed, out = d * (2 * linear.keys + linear.inner), d * linear.inner
    if linear.form is LinearKind.MAMBA:
        yield from _each(Part.LINEAR, at, ("mixer", "mamba"), ("in_proj",), mixed + out)
        yield from _each(Part.LINEAR, at, ("mixer", "mamba"), ("out_proj",), out)
        return
    holders = ("linear_attn", "self_attn")
    for names, size in ((("in_proj_qkv", "in_proj_qkvz", "q_proj"), mixed), (("in_proj_z", "in_proj_qkvz"), out)):
        paths = tuple(f"{at}{holder}.{name}" for holder in holders for name in names)
        yield Module(part=Part.LINEAR, size=size, paths=paths)
    paths = tuple(f"{at}{holder}.{name}" for holder in holders for name in ("out_proj", "o_proj"))
    yield Module(part=Part.LINEAR, size=out, paths=paths)


_MOE = ("mlp", "ffn", "block_sparse_moe", "mixer", "feed_forward", "moe")


def _experts(at: str, spec: ModelSpec, holders: Sequence[str]) -> Iterator[Module]:
    # One expert of each layer stands for all.
    names = [("gate_proj", "gate_up_proj", "w1"), ("up_proj", "gate_up_proj", "w3"), ("down_proj", "down_proj", "w2")]
    names = names if spec.matrices > _UNGATED else names[1:]
    for name, fused, old in names:
        paths = [f"{at}{holder}.experts.{which}" for holder in holders for which in (f"0.{name}", f"0.{old}", fused)]
        paths += [f"{at}{holder}experts.{which}" for holder in ("", "moe.") for which in (f"0.{name}", fused)]
        yield Module(part=Part.EXPERTS, size=1.0, paths=tuple(paths))
    if spec.experts is not None and spec.experts.latent:
        yield from _each(Part.LATENT, at, holders, ("fc1_latent_proj", "fc2_latent_proj"))
    if spec.experts is None or not spec.experts.shared_intermediate:
        return
    for name, _, old in names:
        paths = [
            f"{at}{holder}.{shared}.{which}"
            for holder in holders
            for shared in ("shared_experts", "shared_expert", "shared_mlp", "share_expert")
            for which in (name, old)
        ]
        yield Module(part=Part.SHARED, size=1.0, paths=tuple(paths))
