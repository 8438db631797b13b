"""A model's shape read from its ``config.json``, for models that the catalog lacks.

Owns the many names that model families give the same thing. Reads no network: the user passes the
file's path or its text, or, to give only numbers, a ``ModelSpec``.
"""

from __future__ import annotations

from dataclasses import replace
from json import JSONDecodeError
from pathlib import Path

from ...contracts.errors import StrataError
from ...contracts.serving import Precision
from ...contracts.small_files import small_text
from .hf_quantization import quantization
from .json_object import JsonObject
from .models import Experts, GroupedQuery, Latent, Linear, ModelSpec, Quantization, Task, Window

_ENCODERS = ("bert", "roberta", "mpnet")
# Families whose queries, keys and values have biases though config.json does not say so (transformers).
_QKV_BIAS = ("qwen2", "glm4_moe")
_UNGATED = frozenset({"gpt2", "nemotron_h", "opt"})
_QK_NORM = ("qwen3", "gemma3", "gemma4", "minimax_m", "glm4_moe")
# Wider than any model made so far by a factor of ten or more; what exceeds it is a typing error.
_MAX_WIDTH = 10_000_000
_MAX_LAYERS = 2_000
_MAX_FILE_BYTES = 10_000_000
# An index lists every tensor; those of the largest models have some 10 MB.
_MAX_INDEX_BYTES = 100_000_000


def read_config(path: Path, *, name: str | None = None) -> ModelSpec:
    """The model that a ``config.json`` describes; a ``hf_quant_config.json`` beside it is read as well.

    Raises:
        StrataError: when the file cannot be read or lacks a dimension.
    """
    try:
        config = JsonObject.parse(small_text(path, _MAX_FILE_BYTES))
        beside = path.with_name("hf_quant_config.json")
        quantized = JsonObject.parse(small_text(beside, _MAX_FILE_BYTES)) if beside.exists() else None
    except ValueError as error:
        raise _invalid("config_json", f"{path} {_in_words(error)}") from error
    return from_config(name or path.parent.name, config, quantized)


def checkpoint_bytes(index: Path) -> int:
    """Bytes of the checkpoint that a ``model.safetensors.index.json`` lists; files outside the index do not count.

    Raises:
        StrataError: when the file holds no ``metadata.total_size``.
    """
    try:
        size = JsonObject.parse(small_text(index, _MAX_INDEX_BYTES)).section("metadata").whole("total_size")
    except ValueError as error:
        raise _invalid("safetensors index", f"{index} {_in_words(error)}") from error
    if size <= 0:
        raise _invalid("safetensors index", "has no metadata.total_size")
    return size


def parse_config(name: str, text: str) -> ModelSpec:
    """The model that the text of a ``config.json`` describes.

    Raises:
        StrataError: when it is not a JSON object or lacks a dimension.
    """
    try:
        return from_config(name, JsonObject.parse(text))
    except ValueError as error:
        raise _invalid("config_json", f"cannot be read: {error}") from error


def from_config(name: str, config: JsonObject, quantized: JsonObject | None = None) -> ModelSpec:
    """The model that a parsed ``config.json`` describes; ``quantized`` is a parsed ``hf_quant_config.json``.

    Raises:
        StrataError: when a dimension is missing or not a size.
    """
    try:
        return _from_config(name, config, quantized)
    except ValueError as error:
        raise _invalid("config_json", str(error)) from error


def _from_config(name: str, config: JsonObject, quantized: JsonObject | None) -> ModelSpec:
    text = config.section("text_config") or config
    kind = text.text("model_type") or config.text("model_type")
    layers = text.whole("num_hidden_layers", "n_layer") or len(text.text("hybrid_override_pattern"))
    hidden = text.whole("hidden_size", "n_embd")
    heads = text.whole("num_attention_heads", "n_head")
    vocab = text.whole("vocab_size") or config.whole("vocab_size")
    for field, value in (("num_hidden_layers", layers), ("hidden_size", hidden), ("num_attention_heads", heads)):
        if not 0 < value <= (_MAX_LAYERS if field == "num_hidden_layers" else _MAX_WIDTH):
            raise _invalid(f"config {field}", f"is {value}")
    if not 0 < vocab <= _MAX_WIDTH:
        raise _invalid("config vocab_size", f"is {vocab}")
    encoder = any(family in kind for family in _ENCODERS) and not text.has("num_key_value_heads")
    linear = _linear(text)
    window = None if encoder else _window(text, kind, layers)
    attention_layers = _attention_layers(text, layers)
    experts = _experts(text, kind, layers)
    return ModelSpec(
        id=name,
        family=kind,
        task=_task(config, encoder=encoder),
        layers=layers,
        hidden=hidden,
        vocab=vocab,
        context=_context(text, kind),
        tied_embeddings=config.flag(
            "tie_word_embeddings", default=text.flag("tie_word_embeddings", default="gemma" in kind)
        ),
        attention=_attention(text, kind),
        full_layers=0 if encoder else attention_layers - (window.layers if window else 0),
        window=window,
        linear=linear,
        dense_layers=_dense_layers(text, layers, experts),
        intermediate=text.whole("dense_intermediate_size", "intermediate_size_mlp", "intermediate_size", "n_inner"),
        matrices=2 if (encoder and kind != "nomic_bert") or kind in _UNGATED else 3,
        experts=experts,
        extra_parameters=_extra_parameters(config, text, hidden, encoder=encoder),
        native=quantization(config, text, quantized),
        checkpoint_bytes=None,
        variants=(),
        source="config.json",
    )


def _in_words(error: ValueError) -> str:
    return f"is not JSON: {error}" if isinstance(error, JSONDecodeError) else str(error)


def _invalid(field: str, what: str) -> StrataError:
    return StrataError.of(
        field, cause=what, consequence="the model's size is unknown", fix="give the checkpoint's own config.json"
    )


def _attention(text: JsonObject, kind: str) -> GroupedQuery | Latent:
    heads = text.whole("num_attention_heads", "n_head")
    if text.whole("kv_lora_rank"):
        return Latent(
            heads=heads,
            q_rank=text.whole("q_lora_rank"),
            kv_rank=text.whole("kv_lora_rank"),
            rope_dim=text.whole("qk_rope_head_dim"),
            nope_dim=text.whole("qk_nope_head_dim"),
            value_dim=text.whole("v_head_dim"),
            indexer_heads=text.whole("index_n_heads"),
            indexer_dim=text.whole("index_head_dim"),
        )
    head_dim = text.whole("head_dim") or text.whole("hidden_size", "n_embd") // heads
    bias = text.flag("attention_bias")
    return GroupedQuery(
        heads=heads,
        kv_heads=text.whole("num_key_value_heads") or heads,
        head_dim=text.whole("global_head_dim") or head_dim,
        value_dim=text.whole("global_head_dim", "v_head_dim") or head_dim,
        qkv_bias=bias or kind.startswith(_QKV_BIAS),
        output_bias=bias and kind == "gpt_oss",
        qk_norm=kind.startswith(_QK_NORM),
        output_gate=text.flag("attn_output_gate"),
    )


def _window(text: JsonObject, kind: str, layers: int) -> Window | None:
    chunk = text.whole("attention_chunk_size") if kind.startswith("llama4") else 0
    tokens = chunk or text.whole("sliding_window")
    context = text.whole("max_position_embeddings")
    if not tokens or (context and tokens >= context) or not text.flag("use_sliding_window", default=True):
        return None
    types = text.texts("layer_types")
    pattern = text.wholes("hybrid_layer_pattern")
    if types:
        count = sum("sliding" in layer_type or "chunked" in layer_type for layer_type in types)
    elif pattern:
        count = sum(pattern)
    elif chunk:
        count = layers - layers // 4  # Llama 4: every fourth layer sees the whole context
    elif text.whole("sliding_window_pattern") or kind.startswith("gemma3"):
        count = layers - layers // (text.whole("sliding_window_pattern") or 6)
    else:
        count = layers
    if not count:
        return None
    heads = text.whole("num_attention_heads")
    return Window(
        layers=count,
        tokens=tokens,
        kv_heads=text.whole("swa_num_key_value_heads", "num_key_value_heads") or heads,
        head_dim=text.whole("swa_head_dim", "head_dim") or text.whole("hidden_size") // heads,
        chunked=bool(chunk),
    )


def _attention_layers(text: JsonObject, layers: int) -> int:
    pattern = text.text("hybrid_override_pattern")
    if pattern:
        return pattern.count("*")
    kda = text.section("linear_attn_config")
    if kda:
        return len(kda.wholes("full_attn_layers"))
    types = text.texts("layer_types")
    return layers - sum(layer_type == "linear_attention" for layer_type in types) if types else layers


def _linear(text: JsonObject) -> Linear | None:
    pattern = text.text("hybrid_override_pattern")
    if pattern:
        heads = text.whole("mamba_num_heads")
        return Linear(
            layers=pattern.count("M"),
            inner=heads * text.whole("mamba_head_dim"),
            keys=text.whole("n_groups") * text.whole("ssm_state_size"),
            heads=heads,
            key_dim=text.whole("ssm_state_size"),
            convolution=text.whole("conv_kernel"),
        )
    kda = text.section("linear_attn_config")
    if kda:
        width = kda.whole("num_heads") * kda.whole("head_dim")
        return Linear(
            layers=len(kda.wholes("kda_layers")),
            inner=width,
            keys=width,
            heads=kda.whole("num_heads"),
            key_dim=kda.whole("head_dim"),
            convolution=kda.whole("short_conv_kernel_size"),
        )
    if not text.whole("linear_num_value_heads"):
        return None
    layers = text.whole("num_hidden_layers")
    types = text.texts("layer_types")
    full = (
        sum(layer_type == "full_attention" for layer_type in types)
        if types
        else layers // (text.whole("full_attention_interval") or layers)
    )
    return Linear(
        layers=layers - full,
        inner=text.whole("linear_num_value_heads") * text.whole("linear_value_head_dim"),
        keys=text.whole("linear_num_key_heads") * text.whole("linear_key_head_dim"),
        heads=text.whole("linear_num_value_heads"),
        key_dim=text.whole("linear_key_head_dim"),
        convolution=text.whole("linear_conv_kernel_dim"),
    )


def _experts(text: JsonObject, kind: str, layers: int) -> Experts | None:
    count = text.whole("n_routed_experts", "num_local_experts", "num_experts")
    if not count:
        return None
    intermediate = text.whole("moe_intermediate_size", "intermediate_size")
    shared = text.whole("moe_shared_expert_intermediate_size", "shared_expert_intermediate_size", "share_expert_dim")
    if not shared:
        shared = text.whole("n_shared_experts", "num_shared_experts") * intermediate
    if kind.startswith("llama4"):
        shared = intermediate
    return Experts(
        layers=_expert_layers(text, layers),
        count=count,
        active=text.whole("num_experts_per_tok", "num_experts_per_token", "top_k_experts"),
        intermediate=intermediate,
        shared_intermediate=shared,
    )


def _expert_layers(text: JsonObject, layers: int) -> int:
    pattern = text.text("hybrid_override_pattern")
    if pattern:
        return pattern.count("E")
    frequency = text.wholes("moe_layer_freq")
    if frequency:
        return sum(frequency)
    step = text.whole("interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_freq") or 1
    dense = text.whole("first_k_dense_replace") or len(text.wholes("mlp_only_layers"))
    return (layers - dense) // step


def _dense_layers(text: JsonObject, layers: int, experts: Experts | None) -> int:
    pattern = text.text("hybrid_override_pattern")
    if pattern:
        return pattern.count("-")
    if text.flag("enable_moe_block"):
        return layers  # Gemma 4 adds the experts to an ordinary network in every layer
    return layers - (experts.layers if experts else 0)


def _context(text: JsonObject, kind: str) -> int:
    positions = text.whole("max_position_embeddings", "n_positions", "model_max_length") or 4096
    # RoBERTa counts from the position after the padding token's (transformers, create_position_ids_from_input_ids).
    return positions - (text.whole("pad_token_id") or 1) - 1 if "roberta" in kind else positions


def _task(config: JsonObject, *, encoder: bool) -> Task:
    architectures = config.texts("architectures")
    if any("ForSequenceClassification" in architecture for architecture in architectures):
        return Task.RERANK
    if encoder or (architectures and all(architecture.endswith("Model") for architecture in architectures)):
        return Task.EMBED
    return Task.GENERATE


def _extra_parameters(config: JsonObject, text: JsonObject, hidden: int, *, encoder: bool) -> int:
    if encoder:
        positions = 0 if text.text("model_type") == "nomic_bert" else text.whole("max_position_embeddings")
        return (positions + text.whole("type_vocab_size") + 2) * hidden + hidden * (hidden + 1)
    vision = config.section("vision_config")
    width = vision.whole("hidden_size") or vision.whole("vt_hidden_size")
    inner = vision.whole("intermediate_size") or vision.whole("vt_intermediate_size") or 4 * width
    depth = vision.whole("depth", "num_hidden_layers", "vt_num_hidden_layers")
    merged = (vision.whole("spatial_merge_size") or 2) ** 2 * width
    return depth * (4 * width * width + 2 * width * inner) + (merged * merged + merged * hidden if depth else 0)


def with_numbers(spec: ModelSpec, *, checkpoint: int | None = None, precision: Precision | None = None) -> ModelSpec:
    """The model with a measured checkpoint size (bytes) or another precision than its config says."""
    quantized = Quantization(precision=precision) if precision else spec.native
    return replace(spec, native=quantized, checkpoint_bytes=checkpoint or spec.checkpoint_bytes)
