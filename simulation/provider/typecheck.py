"""Are the inputs of the types that the SDK declares?

Values that only the update will know are skipped; the update checks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain

from .schema import Anything, Fields, ListOf, MapOf, ObjectOf, OneShapeOf, Scalar, Shape
from .values import Object, Unknown, Value


@dataclass(frozen=True)
class Failure:
    """One thing that is wrong with the inputs."""

    path: str
    reason: str


def type_failures(inputs: Object, fields: Fields, path: str = "") -> Iterator[Failure]:
    """What is unknown, missing or of another type."""
    prefix = f"{path}." if path else ""
    for name in sorted(fields.required - inputs.keys()):
        yield Failure(f"{prefix}{name}", f"Missing required argument. The argument {prefix + name!r} is required")
    for name, value in inputs.items():
        shape = fields.shapes.get(name)
        if shape is None:
            near = get_close_matches(name, fields.shapes, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield Failure(f"{prefix}{name}", f"An argument named {name!r} is not expected here{hint}")
        else:
            yield from _failures(value, shape, f"{prefix}{name}")


def _failures(value: Value, shape: Shape, path: str) -> Iterator[Failure]:
    if isinstance(value, Unknown) or value is None:
        return
    match shape, value:
        case Anything(), _:
            return
        case ListOf(item), list():
            yield from chain.from_iterable(_failures(inner, item, f"{path}[{at}]") for at, inner in enumerate(value))
        case MapOf(entry), dict():
            yield from chain.from_iterable(_failures(inner, entry, f"{path}.{key}") for key, inner in value.items())
        case ObjectOf(), dict():
            yield from type_failures(value, shape.fields, path)
        case OneShapeOf(shapes), _:
            yield from min((list(_failures(value, option, path)) for option in shapes), key=len)
        case Scalar(_, accepts), str() | int() | float() | bool() if type(value) in accepts:
            return
        case _:
            yield Failure(path, f"expected type {_name(shape)!r}, got {_kind(value)}")


def _name(shape: Shape) -> str:
    match shape:
        case Scalar(name, _):
            return name
        case ListOf():
            return "list"
        case MapOf() | ObjectOf():
            return "object"
        case OneShapeOf() | Anything():
            return "any of several"


def _kind(value: Value) -> str:
    match value:
        case bool():
            return f"boolean {str(value).lower()}"
        case int() | float():
            return f"number {value}"
        case str():
            return f"string {value[:60]!r}"
        case list():
            return "a list"
        case _:
            return "an object"
