"""The parts that mix tokens, read from a ``config.json``: attention, windows, linear attention, convolutions."""

from __future__ import annotations

from collections.abc import Sequence

from .hf_layers import Layer, Mixer
from .json_object import JsonObject
from .models import (
    Attention,
    Compressed,
    GroupedQuery,
    Latent,
    Linear,
    LinearKind,
    ShortConvolution,
    Window,
)

# Families whose queries, keys and values have biases though config.json does not say so (transformers).
_QKV_BIAS = ("qwen2", "glm4_moe")
_QK_NORM = ("qwen3", "gemma3", "gemma4", "minimax_m", "glm4_moe", "olmo", "step3p", "lfm2", "laguna", "hy_v3", "afmoe")
_HEAD_GATE = ("step3p", "laguna")
_OUTPUT_GATE = ("qwen3_next", "qwen3_5", "afmoe", "muse_glimmer")
_FINE, _COARSE = 4, 128


def count(layers: Sequence[Layer], mixer: Mixer) -> int:
    """How many layers mix in that way."""
    return sum(layer.mixer is mixer for layer in layers)


def attention(text: JsonObject, family: str, layers: Sequence[Layer]) -> Attention:
    """The attention of layers without a window.

    Raises:
        ValueError: It differs between layers in a way that is not understood.
    """
    if text.wholes("compress_ratios"):
        return _compressed(text)
    heads = _heads(text, layers, Mixer.FULL)
    if text.whole("kv_lora_rank"):
        return _latent(text, heads, count(layers, Mixer.FULL))
    head_dim = head_width(text)
    bias = text.flag("attention_bias") or text.flag("use_qkv_bias") or text.flag("qkv_bias")
    index = text.section("sparse_attention_config")
    sparse = index.flag("use_sparse_attention")
    return GroupedQuery(
        heads=heads,
        kv_heads=_kv_heads(text, heads, layers),
        head_dim=text.whole("global_head_dim") or head_dim,
        value_dim=text.whole("global_head_dim", "v_head_dim") or head_dim,
        qkv_bias=bias or family.startswith(_QKV_BIAS),
        output_bias=bias and family == "gpt_oss",
        qk_norm=family.startswith(_QK_NORM),
        output_gate=text.flag("attn_output_gate", default=family.startswith(_OUTPUT_GATE)),
        head_gate=text.flag("use_head_wise_attn_gate", default=family.startswith(_HEAD_GATE)),
        shares_values=text.flag("attention_k_eq_v"),
        indexer_heads=index.whole("sparse_num_index_heads") if sparse else 0,
        indexer_dim=index.whole("sparse_index_dim") if sparse else 0,
        indexer_layers=sum(flag != 0 for flag in index.wholes("sparse_attention_freq")) if sparse else 0,
    )


def _heads(text: JsonObject, layers: Sequence[Layer], mixer: Mixer) -> int:
    """Query heads of the layers that mix in that way."""
    usual = text.whole("num_attention_heads", "n_head")
    listed = text.wholes("num_attention_heads_per_layer")
    found = {heads for heads, layer in zip(listed, layers, strict=False) if layer.mixer is mixer}
    if len(found) > 1:
        raise ValueError("num_attention_heads_per_layer differs between layers of one family, which is not understood")
    return next(iter(found), usual)


def head_width(text: JsonObject) -> int:
    """Width of a head, given or from the hidden size."""
    heads = text.whole("num_attention_heads", "n_head")
    return text.whole("head_dim", "attention_head_dim", "kv_channels") or text.whole("hidden_size", "n_embd") // heads


def _kv_heads(text: JsonObject, heads: int, layers: Sequence[Layer]) -> int:
    given = {layer.kv_heads for layer in layers if layer.kv_heads}
    if len(given) > 1:
        raise ValueError(f"block_configs gives layers {sorted(given)} key-value heads, which is not understood")
    shared = text.whole("num_global_key_value_heads") if text.flag("attention_k_eq_v") else 0
    listed = text.wholes("num_key_value_heads")
    if listed:
        # LFM2 and others list them by layer; layers without attention have none.
        if len(set(listed) - {0}) > 1:
            raise ValueError("num_key_value_heads differs between layers, which is not understood")
        if max(listed) < 1 or min(listed) < 0:
            raise ValueError(f"num_key_value_heads lists {listed}, and no layer would have a key")
        return max(listed)
    return next(iter(given), 0) or shared or text.whole("num_key_value_heads", "num_attention_groups") or heads


def _latent(text: JsonObject, heads: int, layers: int) -> Latent:
    types = text.texts("indexer_types")
    return Latent(
        heads=heads,
        q_rank=text.whole("q_lora_rank"),
        kv_rank=text.whole("kv_lora_rank"),
        rope_dim=text.whole("qk_rope_head_dim"),
        nope_dim=text.whole("qk_nope_head_dim"),
        value_dim=text.whole("v_head_dim"),
        indexer_heads=text.whole("index_n_heads"),
        indexer_dim=text.whole("index_head_dim"),
        indexer_layers=(sum(name == "full" for name in types) if types else layers)
        if text.whole("index_n_heads")
        else 0,
        output_gate=text.flag("mla_use_output_gate"),
    )


def _compressed(text: JsonObject) -> Compressed:
    ratios = text.wholes("compress_ratios")[: text.whole("num_hidden_layers")]
    strange = sorted(set(ratios) - {0, 1, _FINE, _COARSE})
    if strange:
        raise ValueError(f"compress_ratios has {strange[0]}, which is not understood")
    return Compressed(
        heads=text.whole("num_attention_heads"),
        head_dim=text.whole("head_dim"),
        rope_dim=text.whole("qk_rope_head_dim"),
        q_rank=text.whole("q_lora_rank"),
        output_rank=text.whole("o_lora_rank"),
        output_groups=text.whole("o_groups"),
        window=text.whole("sliding_window"),
        fine_layers=ratios.count(_FINE),
        coarse_layers=ratios.count(_COARSE),
        plain_layers=len(ratios) - ratios.count(_FINE) - ratios.count(_COARSE),
        indexer_heads=text.whole("index_n_heads"),
        indexer_dim=text.whole("index_head_dim"),
        streams=text.whole("hc_mult") or 1,
    )


def window(text: JsonObject, family: str, layers: Sequence[Layer]) -> Window | None:
    """The layers with a window; None without any."""
    windowed = count(layers, Mixer.WINDOW)
    if not windowed:
        return None
    chunk = text.whole("attention_chunk_size") if family.startswith("llama4") else 0
    other = text.section("attention_other_setting")
    heads = text.whole("num_attention_heads", "n_head")
    head_dim = other.whole("head_dim") or text.whole("swa_head_dim") or head_width(text)
    inside = other.whole("num_attention_heads") or text.whole("swa_num_attention_heads", "num_sliding_attention_heads")
    return Window(
        layers=windowed,
        tokens=chunk or text.whole("sliding_window"),
        kv_heads=other.whole("num_attention_groups")
        or text.whole("swa_num_key_value_heads", "num_key_value_heads", "num_attention_groups")
        or heads,
        head_dim=head_dim,
        value_dim=_unless(text.whole("swa_v_head_dim"), head_dim),
        heads=_unless(inside or _heads(text, layers, Mixer.WINDOW), _heads(text, layers, Mixer.FULL)),
        chunked=bool(chunk),
    )


def _unless(value: int, usual: int) -> int:
    """0, which stands for the usual value, where it is no other."""
    return 0 if value == usual else value


def convolution(text: JsonObject, layers: int) -> ShortConvolution | None:
    """The layers that only convolve; None without any."""
    return ShortConvolution(layers=layers, kernel=text.whole("conv_L_cache") or 3) if layers else None


def linear(text: JsonObject, layers: int) -> Linear | None:
    """The layers with a constant state; None without any.

    Raises:
        ValueError: Their dimensions are not given in a way that is understood.
    """
    if not layers:
        return None
    kda = text.section("linear_attn_config")
    if kda:
        form = LinearKind.KIMI_DELTA_FULL if kda.flag("use_full_rank_gate") else LinearKind.KIMI_DELTA
        heads, dim, kernel = kda.whole("num_heads"), kda.whole("head_dim"), kda.whole("short_conv_kernel_size")
        return _of_equal_heads(layers, heads, dim, kernel, form)
    if text.whole("linear_num_heads"):
        heads, dim = text.whole("linear_num_heads"), text.whole("linear_head_dim")
        return _of_equal_heads(layers, heads, dim, text.whole("linear_conv_kernel_dim"), LinearKind.KIMI_DELTA)
    if text.whole("linear_num_value_heads"):
        return Linear(
            layers=layers,
            inner=text.whole("linear_num_value_heads") * text.whole("linear_value_head_dim"),
            keys=text.whole("linear_num_key_heads") * text.whole("linear_key_head_dim"),
            heads=text.whole("linear_num_value_heads"),
            key_dim=text.whole("linear_key_head_dim"),
            convolution=text.whole("linear_conv_kernel_dim"),
        )
    heads = text.whole("mamba_num_heads", "mamba_n_heads")
    state = text.whole("ssm_state_size", "mamba_d_state")
    if not heads or not state:
        raise ValueError("layers of linear attention whose heads are not given are not understood")
    return Linear(
        layers=layers,
        inner=heads * text.whole("mamba_head_dim", "mamba_d_head"),
        keys=text.whole("n_groups", "mamba_n_groups") * state,
        heads=heads,
        key_dim=state,
        convolution=text.whole("conv_kernel", "mamba_d_conv"),
        form=LinearKind.MAMBA,
    )


def _of_equal_heads(layers: int, heads: int, head_dim: int, convolution: int, form: LinearKind) -> Linear:
    """Layers whose keys are as wide as their values."""
    width = heads * head_dim
    return Linear(
        layers=layers, inner=width, keys=width, heads=heads, key_dim=head_dim, convolution=convolution, form=form
    )
