"""How a checkpoint stores its weights, read from its quantization config.

Owns the formats: FP8 and MXFP4 of transformers, AWQ, GPTQ, compressed-tensors and NVIDIA's ModelOpt.
"""

from __future__ import annotations

import re

from ...contracts.serving import Precision
from .json_object import JsonObject
from .models import Quantization, Scope

# A pattern for the whole of attention or for its query projection; norms and indexers alone do not count.
_ATTENTION = re.compile(r"self_attn(\.?\*|$)|self_attn\.q_(a_|b_)?proj$|self_attn$|self_attn\.\*")
_SIXTEEN_BIT = {"float16": Precision.FP16, "half": Precision.FP16}


def quantization(config: JsonObject, text: JsonObject, quantized: JsonObject | None) -> Quantization:
    """The storage of the weights; ``quantized`` is a parsed ``hf_quant_config.json``, as ModelOpt writes it."""
    section = config.section("quantization_config") or text.section("quantization_config")
    if quantized:
        section = quantized.section("quantization") or section
    if not section:
        dtype = text.text("dtype") or text.text("torch_dtype") or config.text("dtype") or config.text("torch_dtype")
        # Engines load 32-bit checkpoints, which only encoders have, in FP16.
        return Quantization(precision=_SIXTEEN_BIT.get(dtype, Precision.FP16 if dtype == "float32" else Precision.BF16))
    weights = section
    groups = section.section("config_groups").sections()
    if groups:
        weights = groups[0].section("weights")
    precision = _precision(section, weights)
    block = section.wholes("weight_block_size") or weights.wholes("block_structure")
    return Quantization(
        precision=precision,
        scope=_scope(section, precision),
        group=_group(precision, section.whole("group_size") or weights.whole("group_size")),
        block=block[0] if block and precision is Precision.FP8 and min(block) > 1 else 0,
    )


def _precision(section: JsonObject, weights: JsonObject) -> Precision:
    names = " ".join((section.text("quant_method"), section.text("quant_algo"), section.text("format"))).lower()
    bits = weights.whole("num_bits", "bits") or section.whole("bits", "w_bit")
    found = next((name for name in _NAMED if name.split("-", maxsplit=1)[0] in names), None)
    if found is not None:
        return _NAMED[found]
    if weights.text("type") == "float":
        return Precision.FP8 if bits == 8 else Precision.NVFP4  # noqa: PLR2004 - bits
    return Precision.INT4 if bits == 4 else Precision.FP8  # noqa: PLR2004 - bits


_NAMED = {
    "mxfp8": Precision.FP8,
    "mxfp4": Precision.MXFP4,
    "nvfp4": Precision.NVFP4,
    "awq": Precision.AWQ_INT4,
    "gptq": Precision.GPTQ_INT4,
    "fp8": Precision.FP8,
}


def _group(precision: Precision, group: int) -> int:
    return group or {Precision.MXFP4: 32, Precision.NVFP4: 16}.get(precision, 0)


def _scope(section: JsonObject, precision: Precision) -> Scope:
    left_out = section.texts("ignore") + section.texts("exclude_modules") + section.texts("modules_to_not_convert")
    attention = any(_ATTENTION.search(module) for module in left_out)
    shared = any("shared_expert" in module or "mlp\\.(" in module for module in left_out)
    if precision is Precision.MXFP4 or (attention and shared):
        return Scope.EXPERTS
    return Scope.FEED_FORWARD if attention else Scope.LINEAR
