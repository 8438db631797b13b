"""Parameters of vision towers, which engines load whole on every rank, from a ``config.json``.

Each family follows its code in transformers; ``make planner-witnesses`` compares the counts.
"""

from __future__ import annotations

from collections.abc import Callable

from .json_object import JsonObject

Counter = Callable[[JsonObject, int], int]
"""From the section of the tower and the text model's hidden size."""


def tower_parameters(config: JsonObject, hidden: int) -> int:
    """Parameters of the towers of a model with that hidden size; 0 for a model of text only.

    Raises:
        ValueError: The model has a tower that is not understood.
    """
    total, model = 0, config.text("model_type")
    if model in _UNNAMED and not config.section("vision_config"):
        total += _UNNAMED[model](JsonObject({}), hidden)
    for field in ("vision_config", "audio_config", "speech_config", "vision_encoder", "audio_encoder"):
        section = config.section(field)
        if not section:
            continue
        kind = _MODEL_TOWERS.get(model) or section.text("model_type")
        counter = next((count for name, count in _TOWERS.items() if kind.startswith(name)), None)
        if counter is None:
            what = kind or f"of the model type {model}"
            raise ValueError(f"{field} describes a tower {what!r}, which is not understood")
        total += counter(section, hidden)
    return total


def _block(width: int, inner: int, matrices: int = 2) -> int:
    """A layer with biases and two norms."""
    return 4 * width * width + matrices * width * inner + 4 * width + (matrices - 1) * inner + width + 4 * width


def _merger(width: int, merged: int, out: int) -> int:
    return merged * merged + merged + merged * out + out + 2 * width


def _qwen3(tower: JsonObject, hidden: int) -> int:
    width, inner = tower.whole("hidden_size"), tower.whole("intermediate_size")
    patch = tower.whole("patch_size") ** 2 * (tower.whole("temporal_patch_size") or 2) * 3
    merged = width * (tower.whole("spatial_merge_size") or 2) ** 2
    out = tower.whole("out_hidden_size") or hidden
    deep = len(tower.wholes("deepstack_visual_indexes"))
    fixed = patch * width + width + tower.whole("num_position_embeddings") * width
    blocks = tower.whole("depth") * _block(width, inner)
    return fixed + blocks + _merger(width, merged, out) + deep * _merger(merged, merged, out)


def _qwen2(tower: JsonObject, hidden: int) -> int:
    """Qwen2-VL, whose ``hidden_size`` is that of the text, and Qwen2.5-VL with gated networks and RMS norms."""
    width = tower.whole("embed_dim") or tower.whole("hidden_size")
    gated = not tower.whole("embed_dim")
    inner = tower.whole("intermediate_size") if gated else width * (tower.whole("mlp_ratio") or 4)
    patch = (tower.whole("patch_size", "spatial_patch_size") or 14) ** 2 * 2 * 3
    merged = width * (tower.whole("spatial_merge_size") or 2) ** 2
    block = _block(width, inner, 3 if gated else 2) - (2 * width if gated else 0)
    return patch * width + tower.whole("depth") * block + _merger(width, merged, hidden) - (width if gated else 0)


def _kimi(tower: JsonObject, hidden: int) -> int:
    width = tower.whole("vt_hidden_size", "hidden_size")
    inner = tower.whole("vt_intermediate_size", "intermediate_size")
    depth = tower.whole("vt_num_hidden_layers", "num_hidden_layers")
    patch = tower.whole("patch_size") ** 2 * 3
    positions = tower.whole("init_pos_emb_height") * tower.whole("init_pos_emb_width")
    merged = 4 * width
    return (patch + 1 + positions + 2) * width + depth * _block(width, inner) + _merger(width, merged, hidden)


def _siglip(tower: JsonObject, hidden: int) -> int:
    width, patch = tower.whole("hidden_size"), tower.whole("patch_size") or 14
    positions = (tower.whole("image_size") // patch) ** 2
    blocks = tower.whole("num_hidden_layers") * _block(width, tower.whole("intermediate_size"))
    return (3 * patch * patch + 1 + positions + 2) * width + blocks + width * hidden + width


def _gemma4(tower: JsonObject, hidden: int) -> int:
    width, patch = tower.whole("hidden_size"), tower.whole("patch_size")
    head = tower.whole("head_dim")
    block = 4 * width * width + 3 * width * tower.whole("intermediate_size") + 4 * width + 2 * head
    fixed = (2 * tower.whole("position_embedding_size") + 3 * patch * patch) * width
    return fixed + tower.whole("num_hidden_layers") * block + width * hidden


def _minimax(tower: JsonObject, hidden: int) -> int:
    """Hidden sizes of M3's tower stand in transformers' defaults where the config leaves them out."""
    width = tower.whole("hidden_size") or 1280
    inner = tower.whole("intermediate_size") or 4 * width
    depth = tower.whole("num_hidden_layers") or 32
    patch = (tower.whole("patch_size") or 14) ** 2 * 3 * (tower.whole("temporal_patch_size") or 2)
    project = width * hidden + hidden + hidden * hidden + hidden
    merge = 4 * hidden * hidden + hidden + hidden * hidden + hidden
    return (patch + 2) * width + depth * _block(width, inner) + project + merge


def _step(tower: JsonObject, hidden: int) -> int:
    width = tower.whole("hidden_size", "width") or 1536
    inner = tower.whole("intermediate_size") or int(width * (tower.fraction("mlp_ratio") or 8960 / 1536))
    depth = tower.whole("num_hidden_layers", "layers") or 47
    patch = tower.whole("patch_size") or 14
    positions = ((tower.whole("image_size") or 728) // patch) ** 2
    # Two convolutions of 3 × 3 each halve the image and double the width.
    down = 9 * width * 2 * width + 9 * 2 * width * 4 * width + 6 * width
    return (
        (3 * patch * patch + positions + 2) * width
        + depth * (_block(width, inner) + 2 * width)
        + down
        + (4 * width * hidden)
    )


def _pixtral(tower: JsonObject, hidden: int) -> int:
    width, patch = tower.whole("hidden_size"), tower.whole("patch_size")
    block = 4 * width * width + 3 * width * tower.whole("intermediate_size") + 2 * width
    merger = 4 * width * width
    return (
        3 * patch * patch * width
        + width
        + tower.whole("num_hidden_layers") * block
        + merger
        + width
        + (width * hidden + hidden * hidden)
    )


def _muse(tower: JsonObject, hidden: int) -> int:
    """Muse Glimmer: four patches are joined, reduced by two layers and projected."""
    width, patch = tower.whole("hidden_size"), tower.whole("patch_size")
    positions = tower.whole("pos_emb_height") * tower.whole("pos_emb_width")
    fixed = (3 * patch * patch * tower.whole("patch_temporal") + positions + 4) * width
    blocks = tower.whole("num_hidden_layers") * _block(width, tower.whole("intermediate_size"))
    joined = tower.whole("merge_size") ** 2 * width
    return fixed + blocks + joined * 4096 + 4096 * 4096 + 4096 * hidden


_TOWERS: dict[str, Counter] = {
    "qwen3": _qwen3,
    "qwen2_5": _qwen2,
    "qwen2": _qwen2,
    "kimi": _kimi,
    "moonvit": _kimi,
    "siglip": _siglip,
    "gemma4_vision": _gemma4,
    "minimax": _minimax,
    "step": _step,
    "muse_glimmer": _muse,
    "pixtral": _pixtral,
}
_MODEL_TOWERS = {
    "qwen2_vl": "qwen2",
    "qwen2_5_vl": "qwen2_5",
    "kimi_k25": "kimi",
    "kimi_k3": "kimi",
    "kimi_vl": "moonvit",
    "gemma3": "siglip",
    "mistral3": "pixtral",
    "minimax_m3_vl": "minimax",
    "step3p7": "step",
}
"""Kinds of towers that do not name themselves, by the model's type."""

_UNNAMED: dict[str, Counter] = {"step3p7": _step}
"""Models whose config leaves their tower to the defaults of their code."""
