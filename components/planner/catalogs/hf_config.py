"""A model's shape read from its ``config.json``, for models that the catalog lacks.

Owns the many names that model families give the same thing. Reads no network: the user passes the
file's path or its text, or, to give only numbers, a ``ModelSpec``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from json import JSONDecodeError
from pathlib import Path

from ...contracts.errors import StrataError
from ...contracts.serving import Precision
from ...contracts.small_files import small_text
from ..memory.draft import prediction_head
from .hf_attention import attention, convolution, count, linear, window
from .hf_known import UNGATED, check_known, is_encoder
from .hf_layers import Feed, Layer, Mixer, expert_count, layers_of
from .hf_quantization import cache_precision, quantization
from .hf_shared_cache import borrowed
from .hf_towers import tower_parameters
from .json_object import JsonObject
from .models import Experts, ModelSpec, Task
from .quantized import Quantization

_OFFSET = ("roberta", "mpnet", "camembert")
_TEXT_SECTIONS = ("text_config", "language_config", "llm_config", "thinker_config")
_TEXT_KINDS = {"gemma3": "gemma3_text", "gemma4": "gemma4_text", "llama4": "llama4_text", "deepseek_ref": "deepseek_v4"}
"""Names of whole models that some configs give in place of the text model's."""
# Wider than any model made so far by a factor of ten or more; what exceeds it is a typing error.
_MAX_WIDTH = 10_000_000
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
    text = next((config.section(part) for part in _TEXT_SECTIONS if config.section(part)), config)
    family = text.text("model_type") or config.text("model_type")
    family = _TEXT_KINDS.get(family, family)
    check_known(text, family)
    hidden = text.whole("hidden_size", "n_embd")
    heads = text.whole("num_attention_heads", "n_head")
    layers = layers_of(text, family)
    vocab = text.whole("vocab_size") or config.whole("vocab_size")
    for field, value in (("num_hidden_layers", len(layers)), ("hidden_size", hidden), ("num_attention_heads", heads)):
        if not 0 < value <= _MAX_WIDTH:
            raise _invalid(f"config {field}", f"is {value}")
    if not 0 < vocab <= _MAX_WIDTH:
        raise _invalid("config vocab_size", f"is {vocab}")
    encoder = is_encoder(family) and not text.has("num_key_value_heads")
    experts = _experts(text, family, layers)
    widths = [layer.width for layer in layers if layer.width]
    shape = ModelSpec(
        id=name,
        family=family,
        task=_task(config, encoder=encoder),
        layers=len(layers),
        hidden=hidden,
        vocab=vocab,
        context=_context(text, family),
        tied_embeddings=config.flag(
            "tie_word_embeddings", default=text.flag("tie_word_embeddings", default="gemma" in family)
        ),
        attention=attention(text, family, layers),
        full_layers=0 if encoder else count(layers, Mixer.FULL),
        window=None if encoder else window(text, family, layers),
        linear=linear(text, count(layers, Mixer.LINEAR)),
        convolution=convolution(text, count(layers, Mixer.CONVOLUTION)),
        dense_layers=sum(layer.feed in {Feed.DENSE, Feed.BOTH} for layer in layers),
        intermediate=max(widths) if widths else _dense_width(text, family, experts),
        matrices=2 if (encoder and family != "nomic_bert") or family in UNGATED else 3,
        experts=experts,
        extra_parameters=_extra_parameters(config, text, hidden, encoder=encoder),
        prediction_parameters=0,
        dense_width=sum(widths),
        native=Quantization(precision=Precision.BF16),
        checkpoint_bytes=None,
        variants=(),
        source="config.json",
    )
    read = quantization(config, text, quantized, layers, shape)
    kept = cache_precision(config, text, quantized)
    return borrowed(replace(shape, native=read, cache=kept, prediction_parameters=_predicting(text, shape)), text)


def _in_words(error: ValueError) -> str:
    return f"is not JSON: {error}" if isinstance(error, JSONDecodeError) else str(error)


def _invalid(field: str, what: str) -> StrataError:
    return StrataError.of(
        field, cause=what, consequence="the model's size is unknown", fix="give the checkpoint's own config.json"
    )


def _dense_width(text: JsonObject, family: str, experts: Experts | None) -> int:
    width = text.whole("dense_intermediate_size", "intermediate_size_mlp", "intermediate_size", "n_inner", "ffn_dim")
    width = width or 4 * text.whole("n_embd")
    if family.startswith("lfm2") and text.flag("block_auto_adjust_ff_dim", default=experts is None):
        # Two thirds, times a factor, in whole multiples (transformers, ``Lfm2MLP``).
        multiple = text.whole("block_multiple_of") or 256
        width = int((text.fraction("block_ffn_dim_multiplier") or 1.0) * int(2 * width / 3))
        width = -(-width // multiple) * multiple
    return width


def _experts(text: JsonObject, family: str, layers: Sequence[Layer]) -> Experts | None:
    routed = sum(layer.feed in {Feed.EXPERTS, Feed.BOTH} for layer in layers)
    if not expert_count(text) or not routed:
        return None
    width = text.whole("moe_intermediate_size", "expert_hidden_dim") or text.whole("intermediate_size")
    shared = text.whole(
        "moe_shared_expert_intermediate_size",
        "shared_expert_intermediate_size",
        "share_expert_dim",
        "shared_intermediate_size",
    )
    shared = shared or text.whole("n_shared_experts", "num_shared_experts", "moe_num_shared_experts") * width
    if family.startswith("llama4") or text.flag("use_shared_expert"):
        shared = width
    return Experts(
        layers=routed,
        count=expert_count(text),
        active=text.whole("num_experts_per_tok", "num_experts_per_token", "top_k_experts", "moe_top_k", "moe_k"),
        intermediate=width,
        shared_intermediate=shared,
        latent=text.whole("moe_latent_size", "routed_expert_hidden_size"),
    )


def _predicting(text: JsonObject, spec: ModelSpec) -> int:
    """Parameters of the heads that predict further tokens: a usual layer each, and what joins it to the model."""
    heads = text.whole("num_nextn_predict_layers", "mtp_num_hidden_layers")
    if not heads:
        return 0
    return heads * prediction_head(spec)


def _context(text: JsonObject, family: str) -> int:
    positions = text.whole("max_position_embeddings", "n_positions", "model_max_length") or 4096
    # RoBERTa and MPNet count from the position after the padding token's (transformers,
    # ``create_position_ids_from_input_ids``).
    return (
        positions - (text.whole("pad_token_id") or 1) - 1
        if any(name in family for name in ("roberta", "mpnet"))
        else positions
    )


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
    # OPT and GPT-2 learn an embedding of each position, of which OPT has two more (transformers).
    learned = {"opt": text.whole("max_position_embeddings") + 2, "gpt2": text.whole("n_positions")}
    positions = learned.get(text.text("model_type"), 0) * hidden
    inputs = text.whole("hidden_size_per_layer_input")
    each = 0
    if inputs:
        layers = text.whole("num_hidden_layers")
        # Gemma 3n and 4 E models: a second, wide embedding, its projection, and a gate and a projection per layer.
        each = text.whole("vocab_size_per_layer_input") * layers * inputs + hidden * layers * inputs
        each += layers * 2 * hidden * inputs
    return tower_parameters(config, hidden) + positions + each


def with_numbers(spec: ModelSpec, *, checkpoint: int | None = None, precision: Precision | None = None) -> ModelSpec:
    """The model with a measured checkpoint size (bytes) or another precision than its config says."""
    quantized = Quantization(precision=precision) if precision else spec.native
    return replace(spec, native=quantized, checkpoint_bytes=checkpoint or spec.checkpoint_bytes)
