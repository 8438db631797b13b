"""What a change of inputs means: nothing, an update, or a replacement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .tables import Kind
from .values import Object, Unknown, Value


@dataclass(frozen=True)
class Change:
    """One property that differs."""

    path: str
    added: bool
    removed: bool
    replaces: bool


def changes(kind: Kind, old: Object, new: Object) -> list[Change]:
    """Every property that differs."""
    return [
        Change(path, added=before is None, removed=after is None, replaces=_replaces(kind, path, before, after))
        for path, before, after in _differences(kind, old, new, "")
    ]


def _replaces(kind: Kind, path: str, before: Value, after: Value) -> bool:
    prop = kind.properties.get(_table_path(path))
    some = prop is not None and prop.replaces is not None and prop.replaces(before, after)
    return some or kind.fixed_root(_table_path(path))


def _differences(kind: Kind, old: Value, new: Value, path: str) -> Iterator[tuple[str, Value, Value]]:
    if _same(kind, old, new, path):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differences(kind, old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and not _unordered(kind, path):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _differences(kind, before, after, f"{path}[{index}]")
    else:
        yield path, old, new


def _same(kind: Kind, old: Value, new: Value, path: str) -> bool:
    prop = kind.properties.get(_table_path(path))
    if prop is not None and new is None and (prop.managed or (prop.default is not None and old == prop.default)):
        return True
    if prop is not None and old is None and prop.default is not None and new == prop.default:
        return True
    if _unordered(kind, path) and isinstance(old, list) and isinstance(new, list):
        return sorted(map(repr, old)) == sorted(map(repr, new))
    return old == new and not isinstance(new, Unknown)


def _unordered(kind: Kind, path: str) -> bool:
    prop = kind.properties.get(_table_path(path))
    return prop is not None and prop.unordered


def _table_path(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)
