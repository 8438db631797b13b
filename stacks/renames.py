"""Every setting whose spelling changed since the last release.

A row is removed with the release after the one that brought it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from pydantic import BaseModel

from components.clusters.environments import ENVIRONMENTS

from .spellings import Rename
from .yaml_file import Value


def _sized(unit: str) -> Callable[[Value], Value]:
    def convert(value: Value) -> str | None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return f"{value}{unit}" if whole else None

    return convert


def _word(words: Mapping[str, str]) -> Callable[[Value], Value]:
    return lambda value: words.get(value) if isinstance(value, str) else None


def _kinds(settings: type) -> tuple[str, ...]:
    return get_args(settings.model_fields["kind"].annotation) if issubclass(settings, BaseModel) else ()


_SUPPORT = {
    "STANDARD": "standard",
    "EXTENDED": "extended",
    "KubernetesOfficial": "standard",
    "AKSLongTermSupport": "extended",
}
_STORAGE, _DISK = ("target", "shared_storage"), ("target", "os_disk")
RENAMES: Sequence[Rename] = (
    Rename(old=(*_STORAGE, "capacity_gib"), new=(*_STORAGE, "capacity"), convert=_sized("Gi")),
    Rename(old=(*_STORAGE, "capacity_tib"), new=(*_STORAGE, "capacity"), convert=_sized("Ti")),
    Rename(old=(*_DISK, "gpu_gib"), new=(*_DISK, "gpu"), convert=_sized("Gi")),
    Rename(old=(*_DISK, "cpu_gib"), new=(*_DISK, "cpu"), convert=_sized("Gi")),
    Rename(old=("target", "support"), new=("target", "support"), convert=_word(_SUPPORT)),
)
"""What changed; the settings of environments that a program adds are its own affair."""


_KINDS = {kind for environment in ENVIRONMENTS for kind in _kinds(environment.settings)}


def renames_for(values: Mapping[str, Value]) -> Sequence[Rename]:
    """The renames that a stack's settings are read by.

    Args:
        values: Settings by key, without the project's prefix.
    """
    target = values.get("target")
    kind = target.get("kind") if isinstance(target, dict) else None
    return RENAMES if kind in _KINDS else [rename for rename in RENAMES if rename.old[0] != "target"]
