"""Old spellings of settings, which are read for one release.

A stack's file and the engine's configuration are translated before they are validated, so types, rules and
documentation know the new spelling only; ``strata migrate`` rewrites a file by the same table, ``renames.RENAMES``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from components.contracts.errors import Problem, raise_problems
from components.contracts.validation import CONSEQUENCE, Location, quoted, render

from .yaml_file import Value

EACH = "*"
"""In the path of a rename: every entry of a list."""
_LONGEST_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Rename:
    """A setting that is written otherwise now.

    Attributes:
        old: Its path until now; the part ``EACH`` stands for every entry of a list.
        new: Its path, with as many ``EACH``; the mapping that holds it is there already.
        convert: Its value in the new spelling; None for one that is new already, or wrong in any spelling.
        example: A value in the new spelling, for whoever wrote a wrong one.
        keeps_others: Whether the old name stays one for all other values.
        joins: Whether the new value is a list whose entries come behind those that are there.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    convert: Callable[[Value], Value]
    example: str = ""
    keeps_others: bool = False
    joins: bool = False


@dataclass(frozen=True, kw_only=True)
class OldSpelling:
    """One setting that is spelled as before.

    Attributes:
        path: Its path, below the settings.
        new_path: Its path now.
        value: Its value now.
        is_converted: Whether the value is written otherwise, not only its key or place.
        joins: Whether its entries come behind those that the new setting has.
    """

    path: Location
    new_path: Location
    value: Value
    is_converted: bool
    joins: bool = False

    @property
    def is_moved(self) -> bool:
        """Whether another mapping holds it now."""
        return self.path[:-1] != self.new_path[:-1]

    @property
    def now(self) -> str:
        """How it is written now: the key, or the path of one that moved, with its value where that is short."""
        name = render(self.new_path if self.is_moved else self.new_path[-1:])
        value = flow_text(self.value)
        return f"{name}: {value}" if len(value) <= _LONGEST_SHOWN else name

    def note(self, position: str) -> str:
        """For people to read.

        Args:
            position: ``file:line``; empty where nobody knows.
        """
        where = f" ({position})" if position else ""
        return (
            f"{render(self.path)}{where} is written `{self.now}` now; "
            "the old spelling is read until the next release, and `strata migrate` rewrites the file"
        )


def flow_text(value: Value) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def old_spellings(values: Mapping[str, Value], renames: Sequence[Rename]) -> Iterator[OldSpelling]:
    """What is spelled as before.

    Args:
        values: Settings by key, without the project's prefix.
        renames: What changed.
    """
    settings = dict(values)
    for rename in renames:
        for path in _matches(settings, rename.old):
            old = _at(settings, path)
            value, new_path = rename.convert(old), _filled(rename.new, path)
            if value is not None and isinstance(_at(settings, new_path[:-1]), dict):
                yield OldSpelling(
                    path=path, new_path=new_path, value=value, is_converted=value != old, joins=rename.joins
                )


def translated(values: Mapping[str, Value], renames: Sequence[Rename]) -> dict[str, Value]:
    """The settings in the new spelling.

    Args:
        values: Settings by key, without the project's prefix.
        renames: What changed.

    Raises:
        StrataError: Settings that are there in more than one spelling, and old ones with a value that they never had.
    """
    spellings = tuple(old_spellings(values, renames))
    raise_problems(
        [
            *(_contradiction(found) for found in spellings if _is_there_twice(values, found)),
            *_old_twins(spellings),
            *_wrong_values(values, renames),
        ]
    )
    changed = dict(values)
    for found in spellings:
        del _own(changed, found.path[:-1])[str(found.path[-1])]
        holder, key = _own(changed, found.new_path[:-1]), str(found.new_path[-1])
        if not found.joins:
            holder[key] = found.value
        elif isinstance(there := holder.get(key, []), list):
            holder[key] = [*there, *entries_to_join(found, there)]
    return changed


def entries_to_join(found: OldSpelling, there: Sequence[Value]) -> list[Value]:
    """Entries of an old spelling that a list does not have yet."""
    return [entry for entry in found.value if entry not in there] if isinstance(found.value, list) else []


def _contradiction(found: OldSpelling) -> Problem:
    return Problem(
        field=render(found.path),
        cause=f"{render(found.new_path)} is there too, which is its name now",
        consequence="only one of them can hold",
        fix=f"remove {render(found.path)}",
    )


def _old_twins(spellings: Sequence[OldSpelling]) -> Iterator[Problem]:
    """Two old spellings of one setting."""
    first: dict[Location, OldSpelling] = {}
    for found in spellings:
        other = first.setdefault(found.new_path, found)
        if other is not found and not found.joins:
            yield Problem(
                field=render(found.path),
                cause=f"{render(other.path)} is there too, and {render(found.new_path)} is the name of both now",
                consequence="only one of them can hold",
                fix=f"keep one of them, as `{other.now}` or `{found.now}`",
            )


def _wrong_values(values: Mapping[str, Value], renames: Sequence[Rename]) -> Iterator[Problem]:
    """Old names with a value that they never had: the new name would be missing, and the old one unknown."""
    settings = dict(values)
    for rename in renames:
        for path in () if rename.keeps_others else _matches(settings, rename.old):
            value, new_path = _at(settings, path), _filled(rename.new, path)
            holder = _at(settings, new_path[:-1])
            if path == new_path or not isinstance(holder, dict) or rename.convert(value) is not None:
                continue
            name = render(new_path if path[:-1] != new_path[:-1] else new_path[-1:])
            yield Problem(
                field=render(path),
                cause=f"is the old name of {name}, and {quoted(value)} is no value of it",
                consequence=CONSEQUENCE,
                fix=f"write {name}: {rename.example}" if rename.example else f"write {name} with its value",
            )


def _is_there_twice(values: Mapping[str, Value], found: OldSpelling) -> bool:
    holder = _at(dict(values), found.new_path[:-1])
    is_another = found.new_path != found.path and not found.joins
    return is_another and isinstance(holder, dict) and found.new_path[-1] in holder


def _matches(value: Value, pattern: Sequence[str], above: Location = ()) -> Iterator[Location]:
    if not pattern:
        yield above
        return
    part, *rest = pattern
    if part == EACH and isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _matches(entry, rest, (*above, index))
    elif isinstance(value, dict) and part in value:
        yield from _matches(value[part], rest, (*above, part))


def _filled(pattern: Sequence[str], path: Location) -> Location:
    indices = iter([part for part in path if isinstance(part, int)])
    return tuple(next(indices) if part == EACH else part for part in pattern)


def _at(value: Value, path: Location) -> Value:
    for part in path:
        match value, part:
            case dict(), str():
                value = value.get(part)
            case list(), int():
                value = value[part]
            case _:
                return None
    return value


def _own(values: dict[str, Value], path: Location) -> dict[str, Value]:
    """The mapping at a path, which is there; it and all that hold it are copied, so that others keep theirs."""
    inside: dict[str, Value] | list[Value] = values
    for part in path:
        match inside, part:
            case dict(), str():
                child = copy.copy(inside[part])
                inside[part] = child
            case list(), int():
                child = copy.copy(inside[part])
                inside[part] = child
            case _:
                raise LookupError(render(path))
        if not isinstance(child, dict | list):
            raise LookupError(render(path))
        inside = child
    if not isinstance(inside, dict):
        raise LookupError(render(path))
    return inside
