"""How a checkpoint stores its weights, read from its quantization config, part by part.

Owns the formats: FP8 and MXFP4 of transformers, AWQ, GPTQ, compressed-tensors and NVIDIA's ModelOpt. Each names
modules by their path, by globs or by regular expressions; what they say of a part is asked of the modules that such
a part has, layer by layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache

from ...contracts.serving import KvPrecision, Precision
from ..memory.parameters import parameters
from .hf_layers import Layer
from .hf_modules import Module, modules
from .json_object import JsonObject
from .models import ModelSpec
from .quantized import Part, Quantization, Scope, Stored

_SIXTEEN_BIT = {"float16": Precision.FP16, "half": Precision.FP16}
_BYTE = 8
_BITS = {4: Precision.INT4, 8: Precision.FP8}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Format:
    """How a module is stored."""

    precision: Precision
    group: int = 0
    block: int = 0


_Rule = Callable[[Module], _Format | None]


def quantization(
    config: JsonObject, text: JsonObject, quantized: JsonObject | None, layers: Sequence[Layer], spec: ModelSpec
) -> Quantization:
    """The storage of the weights; ``quantized`` is a parsed ``hf_quant_config.json``, as ModelOpt writes it.

    Raises:
        ValueError: The checkpoint is stored in a way that is not understood.
    """
    section = config.section("quantization_config") or text.section("quantization_config")
    beside = quantized.section("quantization") if quantized else JsonObject({})
    # Both files say the same; the one beside names every layer of a mixed checkpoint.
    section = beside if beside and (beside.has("quantized_layers") or not section) else section
    if not section:
        dtype = text.text("dtype") or text.text("torch_dtype") or config.text("dtype") or config.text("torch_dtype")
        # Engines load 32-bit checkpoints, which only encoders have, in FP16.
        return Quantization(precision=_SIXTEEN_BIT.get(dtype, Precision.FP16 if dtype == "float32" else Precision.BF16))
    kept = config.section("quantization_config")
    rule = _rule(section, text)
    if section.has("quantized_layers") and kept.text("quant_method") == "fp8":
        # Experts of a checkpoint in FP8 were quantized further; what is not listed is as it was (DeepSeek-V4).
        rule = _first(rule, _everything(_FP8_BLOCKS, JsonObject({})))
    found = _parts(rule, layers, spec)
    if not found:
        return Quantization(precision=Precision.BF16)
    return _named(found)


def cache_precision(config: JsonObject, text: JsonObject, quantized: JsonObject | None) -> KvPrecision:
    """How the checkpoint says that keys and values are kept: compressed-tensors by a scheme, ModelOpt by a name."""
    beside = quantized.section("quantization") if quantized else JsonObject({})
    for section in (config.section("quantization_config"), text.section("quantization_config"), beside):
        scheme = section.section("kv_cache_scheme")
        eight = scheme.text("type") == "float" and scheme.whole("num_bits") == _BYTE
        if eight or section.text("kv_cache_quant_algo").casefold() == "fp8":
            return KvPrecision.FP8
    return KvPrecision.BF16


def _rule(section: JsonObject, text: JsonObject) -> _Rule:
    ignored = _matcher(
        section.texts("ignore")
        + section.texts("exclude_modules")
        + section.texts("modules_to_not_convert")
        + section.texts("ignored_layers")
    )
    by_name = section.section("quantized_layers")
    rule = _by_name(by_name) if by_name else _by_group(section) or _everything(section, text)
    return lambda module: None if ignored(module) else rule(module)


_FP8_BLOCKS = JsonObject({"quant_method": "fp8", "weight_block_size": [128, 128]})


def _first(rule: _Rule, otherwise: _Rule) -> _Rule:
    return lambda module: rule(module) or otherwise(module)


def _by_name(listed: JsonObject) -> _Rule:
    """ModelOpt's mixed precision: each quantized module with its algorithm."""
    formats: dict[str, _Format] = {}
    patterns: list[tuple[re.Pattern[str], _Format]] = []
    for name in listed.names():
        how = listed.section(name)
        held = _format(how.text("quant_algo"), how.whole("group_size"), 0)
        formats[_bare(name)] = held
        if "*" in name:
            patterns.append((re.compile(translate(_bare(name))), held))

    def rule(module: Module) -> _Format | None:
        for path in module.paths:
            found = next((formats[name] for name in (path, *_around(path)) if name in formats), None)
            if found is not None:
                return found
            for pattern, held in patterns:
                if pattern.match(path):
                    return held
        return None

    return rule


def _by_group(section: JsonObject) -> _Rule | None:
    """Groups of compressed-tensors and of ModelOpt's newer files: targets, each with its format."""
    groups = section.section("config_groups").sections()
    if not groups:
        return None
    rules = [(_targets(group.texts("targets")), _of_group(section, group)) for group in groups]

    def rule(module: Module) -> _Format | None:
        # The more particular groups come before those that take every linear layer.
        particular = sorted(rules, key=lambda pair: pair[0] is _any_linear)
        return next((held for matches, held in particular if matches(module)), None)

    return rule


def _any_linear(module: Module) -> bool:
    return module.part is not Part.HEAD


def _targets(targets: list[str]) -> Callable[[Module], bool]:
    if not targets or any(target in {"Linear", "FusedMoE", "MoE"} for target in targets):
        return _any_linear
    return _matcher(targets)


def _of_group(section: JsonObject, group: JsonObject) -> _Format:
    weights = group.section("weights")
    block = weights.wholes("block_structure")
    size = weights.whole("group_size")
    named = group.text("format") or section.text("quant_algo") or section.text("format")
    bits = weights.whole("num_bits")
    if weights.text("type") == "float":
        # MXFP4 shares a scale by 32 weights, NVFP4 by 16.
        four = Precision.MXFP4 if "mxfp4" in named.lower() or size == _MX_GROUP else Precision.NVFP4
        precision = {4: four, 8: Precision.FP8}.get(bits)
    else:
        precision = _BITS.get(bits)
    if precision is None:
        raise ValueError(f"weights of {bits} bits in quantization_config are not understood")
    return _Format(precision=precision, group=size or _GROUPS.get(precision, 0), block=_block(block, precision))


_MX_GROUP = 32
_GROUPS = {Precision.MXFP4: 32, Precision.NVFP4: 16}


def _block(sides: list[int], precision: Precision) -> int:
    return sides[0] if sides and precision is Precision.FP8 and min(sides) > 1 else 0


def _everything(section: JsonObject, text: JsonObject) -> _Rule:
    """One format for all linear layers; of MXFP4, and where ``expert_dtype`` says so, the experts differ."""
    names = " ".join((section.text("quant_method"), section.text("quant_algo"), section.text("format")))
    bits = section.whole("bits", "w_bit")
    held = _format(names, section.whole("group_size"), bits, section.wholes("weight_block_size"))
    own = text.text("expert_dtype") or section.text("expert_dtype")
    experts = _expert_format(own) if own else held
    only_experts = held.precision is Precision.MXFP4

    def rule(module: Module) -> _Format | None:
        if module.part is Part.EXPERTS:
            return experts
        return None if only_experts or module.part is Part.HEAD or module.sixteen_bit else held

    return rule


def _expert_format(named: str) -> _Format:
    known = {"fp4": Precision.MXFP4, "mxfp4": Precision.MXFP4, "nvfp4": Precision.NVFP4, "fp8": Precision.FP8}
    if named.lower() not in known:
        raise ValueError(f"expert_dtype {named!r} is not understood")
    precision = known[named.lower()]
    return _Format(precision=precision, group=_GROUPS.get(precision, 0))


_NAMED: tuple[tuple[str, Precision], ...] = (
    ("mxfp8", Precision.FP8),
    ("mxfp4", Precision.MXFP4),
    ("nvfp4", Precision.NVFP4),
    ("awq", Precision.AWQ_INT4),
    ("gptq", Precision.GPTQ_INT4),
    ("fp8", Precision.FP8),
    ("float8", Precision.FP8),
)


def _format(names: str, group: int, bits: int, block: list[int] | None = None) -> _Format:
    folded = names.lower()
    precision = next((held for name, held in _NAMED if name in folded), None)
    if precision is None and any(name in folded for name in ("compressed-tensors", "auto-round", "pack-quantized")):
        precision = _BITS.get(bits)
    if precision is None or (bits and bits not in _BITS):
        what = f"{bits} bits" if bits else names.strip() or "an unnamed kind"
        raise ValueError(f"quantization of {what} is not understood")
    size = group or (_MX_GROUP if "mxfp" in folded else _GROUPS.get(precision, 0))
    return _Format(precision=precision, group=size, block=_block(block or [], precision))


def _matcher(names: list[str]) -> Callable[[Module], bool]:
    """Whether one of the names, globs or regular expressions means the module or something around it."""
    plain = frozenset(_bare(name) for name in names if not name.startswith("re:") and "*" not in name)
    patterns = [re.compile(name[3:]) for name in names if name.startswith("re:")]
    globs = [re.compile(translate(_bare(name))) for name in names if not name.startswith("re:") and "*" in name]

    @cache
    def matches(path: str) -> bool:
        if path in plain or any(part in plain for part in _around(path)):
            return True
        if any(glob.match(path) or glob.match(f"{path}.weight") for glob in globs):
            return True
        return any(pattern.match(f"{prefix}{path}") for pattern in patterns for prefix in ("", "model."))

    return lambda module: any(matches(path) for path in module.paths)


def _around(path: str) -> Iterator[str]:
    words = path.split(".")
    for end in range(1, len(words)):
        yield ".".join(words[:end])
    yield words[-1]


_PREFIX = re.compile(r"^(?:\*\.)?(?:model\.|language_model\.|backbone\.|transformer\.)*")


def _bare(name: str) -> str:
    """A module's path without the names of what holds the layers, which differ by family."""
    return _PREFIX.sub("", name)


def _parts(rule: _Rule, layers: Sequence[Layer], spec: ModelSpec) -> list[Stored]:
    """The shares of each part that are not 16 bit."""
    weight: dict[Part, float] = {}
    held: dict[tuple[Part, _Format], float] = {}
    counts = parameters(spec)
    for module in modules(layers, spec, counts):
        weight[module.part] = weight.get(module.part, 0.0) + module.size
        how = rule(module)
        if how is not None:
            held[module.part, how] = held.get((module.part, how), 0.0) + module.size
    return [
        Stored(part=part, precision=how.precision, share=size / weight[part], group=how.group, block=how.block)
        for (part, how), size in held.items()
    ]


_WEIGHTY: Mapping[Part, int] = {Part.EXPERTS: 0, Part.FEED_FORWARD: 1, Part.ATTENTION: 2}


def _named(found: list[Stored]) -> Quantization:
    """The headline of the parts, and the parts themselves where a scope does not say the same."""
    first = min(found, key=lambda stored: (_WEIGHTY.get(stored.part, 3), -stored.share))
    plain = Quantization(precision=first.precision, group=first.group, block=first.block)
    held = {stored.part: stored for stored in found}
    alike = len(held) == len(found) and all(
        (stored.precision, stored.group, stored.block, stored.share) == (first.precision, first.group, first.block, 1.0)
        for stored in found
    )
    scope = _scope(frozenset(held)) if alike else None
    if scope is not None:
        return Quantization(precision=first.precision, scope=scope, group=first.group, block=first.block)
    return Quantization(
        precision=plain.precision,
        scope=Scope.EXPERTS if Part.FEED_FORWARD not in held and Part.SHARED not in held else Scope.FEED_FORWARD,
        group=plain.group,
        block=plain.block,
        parts=tuple(sorted(found, key=lambda stored: (stored.part, stored.precision))),
    )


def _scope(parts: frozenset[Part]) -> Scope | None:
    """The scope that means these parts; parts that the model lacks do not count."""
    mixing = parts & {Part.ATTENTION, Part.ATTENTION_WHOLE, Part.ABSORBED, Part.LINEAR}
    if Part.HEAD in parts:
        return None
    if parts == frozenset({Part.EXPERTS}):
        return Scope.EXPERTS
    return Scope.LINEAR if mixing else Scope.FEED_FORWARD
