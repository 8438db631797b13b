"""Old spellings of settings, which are read for one release.

Owns the table. A stack's file and the engine's configuration are translated before they are validated, so types, rules
and documentation know the new spelling only; ``strata migrate`` rewrites a file by the same table.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.contracts.errors import Problem
from components.contracts.validation import Location, render

from .yaml_file import Value


@dataclass(frozen=True, kw_only=True)
class Rename:
    """A setting that is written otherwise now.

    Attributes:
        inside: Path of the mapping that holds it.
        old: Its key until now.
        new: Its key.
        convert: The value in the new spelling; None for one that is new already, or wrong in any spelling.
    """

    inside: tuple[str, ...]
    old: str
    new: str
    convert: Callable[[Value], str | None]


@dataclass(frozen=True, kw_only=True)
class OldSpelling:
    """One setting that is spelled as before.

    Attributes:
        path: Its path, below the settings.
        key: Its key now.
        value: Its value now.
    """

    path: Location
    key: str
    value: str

    @property
    def new_path(self) -> Location:
        """Its path now."""
        return (*self.path[:-1], self.key)

    def note(self, position: str) -> str:
        """For people to read.

        Args:
            position: ``file:line``; empty where nobody knows.
        """
        where = f" ({position})" if position else ""
        return (
            f"{render(self.path)}{where} is written `{self.key}: {self.value}` now; "
            "the old spelling is read until the next release, and `strata migrate` rewrites the file"
        )


def _sized(unit: str) -> Callable[[Value], str | None]:
    def convert(value: Value) -> str | None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return f"{value}{unit}" if whole else None

    return convert


def _word(words: Mapping[str, str]) -> Callable[[Value], str | None]:
    return lambda value: words.get(value) if isinstance(value, str) else None


_SUPPORT = {
    "STANDARD": "standard",
    "EXTENDED": "extended",
    "KubernetesOfficial": "standard",
    "AKSLongTermSupport": "extended",
}
_STORAGE, _DISK = ("target", "shared_storage"), ("target", "os_disk")
RENAMES: Sequence[Rename] = (
    Rename(inside=_STORAGE, old="capacity_gib", new="capacity", convert=_sized("Gi")),
    Rename(inside=_STORAGE, old="capacity_tib", new="capacity", convert=_sized("Ti")),
    Rename(inside=_DISK, old="gpu_gib", new="gpu", convert=_sized("Gi")),
    Rename(inside=_DISK, old="cpu_gib", new="cpu", convert=_sized("Gi")),
    Rename(inside=("target",), old="support", new="support", convert=_word(_SUPPORT)),
)
"""Every setting whose spelling changed since the last release."""


def old_spellings(values: Mapping[str, Value]) -> Iterator[OldSpelling]:
    """What is spelled as before.

    Args:
        values: Settings by key, without the project's prefix.
    """
    for rename in RENAMES:
        inside = _at(values, rename.inside)
        if isinstance(inside, dict) and rename.old in inside:
            converted = rename.convert(inside[rename.old])
            if converted is not None:
                yield OldSpelling(path=(*rename.inside, rename.old), key=rename.new, value=converted)


def contradictions(values: Mapping[str, Value]) -> Iterator[Problem]:
    """Settings that are there in both spellings."""
    for found in old_spellings(values):
        inside = _at(values, found.path[:-1])
        if found.new_path != found.path and isinstance(inside, dict) and found.key in inside:
            yield Problem(
                field=render(found.path),
                cause=f"{found.key} is there too, which is its name now",
                consequence="only one of them can hold",
                fix=f"remove {found.path[-1]}",
            )


def translated(values: Mapping[str, Value]) -> dict[str, Value]:
    """The settings in the new spelling; those that are there in both keep the old one, which types refuse."""
    changed = dict(values)
    for found in old_spellings(values):
        changed["target"] = copy.deepcopy(changed["target"])
        inside = _at(changed, found.path[:-1])
        if isinstance(inside, dict) and (found.key not in inside or found.new_path == found.path):
            del inside[str(found.path[-1])]
            inside[found.key] = found.value
    return changed


def _at(values: Mapping[str, Value], place: Sequence[str | int]) -> Value:
    found: Value = dict(values)
    for part in place:
        found = found.get(str(part)) if isinstance(found, dict) else None
    return found
