"""Do the inputs agree with the tables?

Owns the walk over inputs: every property that is set has to be in the table, or the simulation would
claim to know what it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .tables import Kind, Prop
from .typecheck import Failure
from .values import UNKNOWN, Object, Unknown, Value, at


def table_failures(owner: str, properties: Mapping[str, Prop], inputs: Object) -> Iterator[Failure]:
    """What is not in the table, or not as the table has it.

    Args:
        owner: Type of the resource, for people to read.
        properties: Its table.
        inputs: What was asked for.
    """
    for name, value in inputs.items():
        yield from _failures(owner, properties, value, name, name)


def _failures(owner: str, properties: Mapping[str, Prop], value: Value, entry: str, where: str) -> Iterator[Failure]:
    prop = properties.get(entry)
    if prop is None:
        yield Failure(
            where,
            f"the simulated cloud has no entry for property {entry!r} of {owner}; "
            "add it to the table with its source, or it would be accepted unseen",
        )
        return
    if isinstance(value, Unknown) or value is None:
        return
    if prop.length is not None and isinstance(value, list) and not prop.length[0] <= len(value) <= prop.length[1]:
        yield Failure(where, f"expected {prop.length[0]} to {prop.length[1]} items, got {len(value)}")
    has_children = any(path.startswith(f"{entry}.") for path in properties)
    for place, item in _items(value, where):
        if isinstance(item, dict) and has_children:
            for key, child in item.items():
                yield from _failures(owner, properties, child, f"{entry}.{key}", f"{place}.{key}")
        elif prop.allowed is not None and not isinstance(item, Unknown):
            problem = prop.allowed.problem(item)
            if problem:
                yield Failure(place, problem)


def _items(value: Value, where: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _items(item, f"{where}[{index}]")
    else:
        yield where, value


def with_defaults(kind: Kind, inputs: Object) -> Object:
    """The inputs and what the cloud uses for those that are left out."""
    filled = dict(inputs)
    for path, prop in kind.properties.items():
        if prop.default is not None:
            _fill(filled, path.split("."), prop.default)
    return filled


def as_previewed(kind: Kind, inputs: Object) -> Object:
    """Like ``with_defaults``, and what the cloud will choose inside of what is set is not known."""
    filled = with_defaults(kind, inputs)
    for path in _left_to_the_cloud(kind):
        _fill(filled, path.split("."), UNKNOWN)
    return filled


def as_changed(kind: Kind, old: Object, inputs: Object) -> Object:
    """What a preview can say of a changed object: what the cloud chose inside of what is set stays as it is."""
    filled = with_defaults(kind, inputs)
    for path in _left_to_the_cloud(kind):
        before = at(old, path)
        if before is not None:
            _fill(filled, path.split("."), before)
    return {**old, **filled, **dict.fromkeys(kind.volatile, UNKNOWN)}


def _left_to_the_cloud(kind: Kind) -> tuple[str, ...]:
    return (*(path for path, prop in kind.properties.items() if prop.managed), *kind.chosen)


def _fill(target: Object, steps: list[str], default: Value) -> None:
    head, *rest = steps
    if not rest:
        target.setdefault(head, default)
        return
    child = target.get(head)
    if isinstance(child, dict):
        copy = dict(child)
        _fill(copy, rest, default)
        target[head] = copy
    elif isinstance(child, list):
        copies = [dict(item) if isinstance(item, dict) else item for item in child]
        for item in copies:
            if isinstance(item, dict):
                _fill(item, rest, default)
        target[head] = list[Value](copies)
