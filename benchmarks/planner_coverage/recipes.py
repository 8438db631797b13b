"""Recipes of github.com/vllm-project/recipes, read as questions for the planner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from components.contracts.serving import KvPrecision

Yaml = Mapping[str, object]
_TASKS = frozenset({"text", "multimodal", "embedding"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """One variant of a recipe."""

    model: str
    precision: str
    kv_precision: KvPrecision | None
    least_memory_gb: float | None
    """``vram_minimum_gb``: what the recipe says that it takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A recipe and hardware on which it was verified."""

    model: str
    hardware: str
    checkpoints: tuple[Checkpoint, ...]


def pairs(folder: Path) -> Iterator[Pair]:
    """All pairs marked verified, of text, vision and embedding models.

    Args:
        folder: A checkout of the repository.
    """
    for path in sorted((folder / "models").glob("*/*.yaml")):
        recipe = _mapping(yaml.safe_load(path.read_text(encoding="utf-8")))
        meta, model = _mapping(recipe.get("meta")), _mapping(recipe.get("model"))
        tasks = meta.get("tasks")
        if not isinstance(tasks, list) or _TASKS.isdisjoint(cast("list[str]", tasks)):
            continue
        name = str(model.get("model_id"))
        found = tuple(_checkpoints(name, recipe))
        for hardware, state in _mapping(meta.get("hardware")).items():
            if state == "verified":
                yield Pair(model=name, hardware=hardware, checkpoints=found)


def _checkpoints(name: str, recipe: Yaml) -> Iterator[Checkpoint]:
    variants = _mapping(recipe.get("variants")) or {"default": {}}
    for variant in variants.values():
        values = _mapping(variant)
        least = values.get("vram_minimum_gb")
        arguments = " ".join(map(str, cast("list[object]", values.get("extra_args") or [])))
        yield Checkpoint(
            model=str(values.get("model_id") or name),
            precision=str(values.get("precision") or ""),
            kv_precision=KvPrecision.FP8 if "kv-cache-dtype fp8" in arguments else None,
            least_memory_gb=float(least) if isinstance(least, int | float) else None,
        )


def _mapping(value: object) -> Yaml:
    return cast("Yaml", value) if isinstance(value, Mapping) else {}
