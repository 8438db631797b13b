"""What each layer of a model is, read from the many ways in which a ``config.json`` says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from .json_object import JsonObject

_MOST = 2000
"""More layers than any model has by a factor of ten; what exceeds it is a typing error."""
_Meaning = TypeVar("_Meaning")


class Mixer(StrEnum):
    """How a layer mixes tokens."""

    FULL = "full"
    WINDOW = "window"
    LINEAR = "linear"
    CONVOLUTION = "convolution"
    NONE = "none"


class Feed(StrEnum):
    """What follows the mixing."""

    DENSE = "dense"
    EXPERTS = "experts"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One layer."""

    mixer: Mixer
    feed: Feed
    width: int = 0
    """Width of its ordinary network, where layers differ; else 0."""
    kv_heads: int = 0
    """Key-value heads of its attention, where layers differ; else 0."""


_MIXERS = {
    "attention": Mixer.FULL,
    "full_attention": Mixer.FULL,
    "global": Mixer.FULL,
    "sliding_attention": Mixer.WINDOW,
    "chunked_attention": Mixer.WINDOW,
    "linear_attention": Mixer.LINEAR,
    "mamba": Mixer.LINEAR,
    "mamba2": Mixer.LINEAR,
    "conv": Mixer.CONVOLUTION,
    # Attention that chooses among all tokens, whose cache grows as a whole one does.
    "deepseek_sparse_attention": Mixer.FULL,
    "indexed_attention": Mixer.FULL,
    "sparse": Mixer.FULL,
    "minimax_m3_sparse": Mixer.FULL,
}
_BLOCKS = {
    "mamba": Layer(mixer=Mixer.LINEAR, feed=Feed.NONE),
    "attention": Layer(mixer=Mixer.FULL, feed=Feed.NONE),
    "moe": Layer(mixer=Mixer.NONE, feed=Feed.EXPERTS),
    "mlp": Layer(mixer=Mixer.NONE, feed=Feed.DENSE),
    # transformers' own names for the same.
    "linear_attention": Layer(mixer=Mixer.LINEAR, feed=Feed.NONE),
    "full_attention": Layer(mixer=Mixer.FULL, feed=Feed.NONE),
}
_LETTERS = {"M": "mamba", "*": "attention", "E": "moe", "-": "mlp"}


def layers_of(text: JsonObject, family: str) -> tuple[Layer, ...]:
    """All layers, first to last.

    Raises:
        ValueError: A layer is of a sort that is not understood.
    """
    pattern = text.text("hybrid_override_pattern")
    blocks = [_LETTERS.get(letter, letter) for letter in pattern if letter != "|"] or text.texts("layers_block_type")
    if blocks:
        return tuple(_named(_BLOCKS, block, "layers_block_type") for block in blocks)
    count = text.whole("num_hidden_layers", "n_layer")
    if count > _MOST:
        raise ValueError(f"num_hidden_layers is {count}")
    if text.objects("block_configs"):
        return tuple(_searched(text, block) for block in text.objects("block_configs"))
    mixers, feeds = _mixers(text, family, count), _feeds(text, count)
    return tuple(Layer(mixer=mixer, feed=feed) for mixer, feed in zip(mixers, feeds, strict=True))


def _named(table: Mapping[str, _Meaning], name: str, field: str) -> _Meaning:
    if name not in table:
        raise ValueError(f"{field} names {name[:40]!r}, which is not understood")
    return table[name]


def _searched(text: JsonObject, block: JsonObject) -> Layer:
    """A layer of the DeciLM family, whose layers were chosen one by one (vLLM, ``nemotron_nas``)."""
    attention, feed = block.section("attention"), block.section("ffn")
    if attention.flag("replace_with_linear") or feed.flag("replace_with_linear"):
        raise ValueError("block_configs replaces layers by linear ones, which is not understood")
    if attention.whole("window_length"):
        raise ValueError("block_configs gives a window_length, which is not understood")
    hidden = text.whole("hidden_size")
    width = int(2 * feed.fraction("ffn_mult") * hidden / 3)
    width += -width % 256
    group = attention.whole("n_heads_in_group")
    return Layer(
        mixer=Mixer.NONE if attention.flag("no_op") else Mixer.FULL,
        feed=Feed.NONE if feed.flag("no_op") else Feed.DENSE,
        width=0 if feed.flag("no_op") else feed.whole("intermediate_size") or width,
        kv_heads=attention.whole("num_key_value_heads") or (text.whole("num_attention_heads") // group if group else 0),
    )


def _mixers(text: JsonObject, family: str, count: int) -> Sequence[Mixer]:
    linear = text.section("linear_attn_config")
    if linear:
        full = set(linear.wholes("full_attn_layers"))
        return [Mixer.FULL if index + 1 in full else Mixer.LINEAR for index in range(count)]
    if text.has("full_attn_idxs"):
        full = set(text.wholes("full_attn_idxs"))
        return [Mixer.FULL if index in full else Mixer.CONVOLUTION for index in range(count)]
    if text.wholes("compress_ratios"):
        return [Mixer.FULL] * count  # DeepSeek-V4, whose layers are told apart with their ratios
    windowed = _has_window(text, family)
    types = text.texts("layer_types")
    if types:
        named = [_named(_MIXERS, name, "layer_types") for name in types[:count]]
        return [Mixer.FULL if mixer is Mixer.WINDOW and not windowed else mixer for mixer in named]
    interval = text.whole("full_attention_interval")
    if text.whole("linear_num_value_heads") and interval:
        return [Mixer.LINEAR if (index + 1) % interval else Mixer.FULL for index in range(count)]
    if any(flag == 0 for flag in text.wholes("attn_type_list")):
        raise ValueError("attn_type_list has layers of lightning attention, which are not understood")
    return _windows(text, family, count) if windowed else [Mixer.FULL] * count


def _has_window(text: JsonObject, family: str) -> bool:
    tokens = text.whole("sliding_window") or (text.whole("attention_chunk_size") if family.startswith("llama4") else 0)
    context = text.whole("max_position_embeddings")
    return bool(tokens) and not (context and tokens >= context) and text.flag("use_sliding_window", default=True)


def _windows(text: JsonObject, family: str, count: int) -> Sequence[Mixer]:
    """Which layers have a window, where the config has no list of all layers."""
    flags = text.wholes("hybrid_layer_pattern")
    if flags:
        return [Mixer.WINDOW if flag else Mixer.FULL for flag in flags[:count]]
    letters = text.text("sliding_window_pattern")
    if letters:
        return [Mixer.FULL if letters[index % len(letters)] == "G" else Mixer.WINDOW for index in range(count)]
    usual = {"gemma2": 2, "gpt_oss": 2, "gemma3_text": 6, "gemma3": 6, "llama4_text": 4, "cohere2": 4}
    every = text.whole("sliding_window_pattern", "_sliding_window_pattern") or usual.get(family, 0)
    if not every:
        return [Mixer.WINDOW] * count
    return [Mixer.WINDOW if (index + 1) % every else Mixer.FULL for index in range(count)]


def _feeds(text: JsonObject, count: int) -> Sequence[Feed]:
    if not expert_count(text):
        return [Feed.DENSE] * count
    if text.flag("enable_moe_block"):
        return [Feed.BOTH] * count  # Gemma 4 adds the experts to an ordinary network in every layer
    types = text.texts("mlp_layer_types")
    if types:
        return [Feed.EXPERTS if name == "sparse" else Feed.DENSE for name in types[:count]]
    flags = text.wholes("moe_layer_freq")
    if flags:
        return [Feed.EXPERTS if flag else Feed.DENSE for flag in flags[:count]]
    listed = {int(index) for index in text.text("moe_layers_enum").split(",") if index.strip().isdigit()}
    listed.update(text.wholes("moe_layers"))
    if listed:
        return [Feed.EXPERTS if index in listed else Feed.DENSE for index in range(count)]
    first = text.whole("first_k_dense_replace", "num_dense_layers", "moe_layer_start_index")
    counted = text.whole("interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_interval") or 1
    from_first = text.whole("moe_layer_freq") or 1
    dense = set(text.wholes("mlp_only_layers"))

    def routed(index: int) -> bool:
        every = (index + 1) % counted == 0 and index % from_first == 0
        return index >= first and index not in dense and every

    return [Feed.EXPERTS if routed(index) else Feed.DENSE for index in range(count)]


def expert_count(text: JsonObject) -> int:
    """Routed experts of a layer; 0 without any."""
    return text.whole("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts")
