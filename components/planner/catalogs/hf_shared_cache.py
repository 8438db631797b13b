"""Layers that read the keys and values of an earlier layer instead of keeping their own (Gemma 3n and 4 E models)."""

from __future__ import annotations

from dataclasses import replace

from .hf_layers import Mixer, layers_of
from .json_object import JsonObject
from .models import GroupedQuery, ModelSpec


def borrowed(spec: ModelSpec, text: JsonObject) -> ModelSpec:
    """The model with the caches that it really keeps; the borrowing layers' other weights count as extra ones."""
    last = text.whole("num_kv_shared_layers")
    attention = spec.attention
    if not last or not isinstance(attention, GroupedQuery):
        return spec
    sharing = layers_of(text, spec.family)[-last:]
    full = sum(layer.mixer is Mixer.FULL for layer in sharing)
    windowed = sum(layer.mixer is Mixer.WINDOW for layer in sharing)
    wide = text.flag("use_double_wide_mlp")
    kept = replace(spec.window, layers=spec.window.layers - windowed) if spec.window else None
    inside = spec.window.head_dim if spec.window else 0
    queries = 2 * spec.hidden * attention.heads
    extra = full * queries * attention.head_dim + windowed * queries * inside
    extra += last * spec.matrices * spec.hidden * spec.intermediate if wide else 0
    return replace(
        spec, full_layers=spec.full_layers - full, window=kept, extra_parameters=spec.extra_parameters + extra
    )
