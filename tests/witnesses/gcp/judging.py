"""What is wrong with a resource, or with a table of the simulated cloud, by Google's published documents."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from simulation.provider.rules import OneOf, Rule
from simulation.provider.tables import Kind
from stacks.recording import UNKNOWN, WITHHELD

from .discovery import Path, Property, document, element, find
from .published_types import TYPES, Published

_INT32 = 2**31


def judge_inputs(token: str, inputs: dict[str, JsonValue]) -> list[str]:
    """Properties that the API does not have, and values that it does not take.

    Args:
        token: Type of the resource.
        inputs: What the program sends to the provider.
    """
    published = TYPES[token]
    return [
        f"{'.'.join(path)}: {problem}" for path, value in leaves(inputs) for problem in _judged(published, path, value)
    ]


def judge_table(kind: Kind) -> list[str]:
    """Entries that the API does not have, and values that only the simulated cloud takes."""
    published = TYPES[kind.token]
    return [
        f"{path}: {problem}"
        for path, prop in kind.properties.items()
        for problem in _judged_entry(published, tuple(path.split(".")), prop.allowed)
    ]


def leaves(value: JsonValue, path: Path = ()) -> Iterator[tuple[Path, JsonValue]]:
    """Every value that holds no other, by its path; lists on the way are not spelled."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from leaves(inner, (*path, key))
        case list():
            for inner in value:
                yield from leaves(inner, path)
        case None:
            return
        case _:
            yield path, value


def _published(published: Published, path: Path) -> Property | None:
    found = find(published.api, published.schema, published.path(path))
    return element(document(published.api), found) if found else None


def _judged(published: Published, path: Path, value: JsonValue) -> Iterator[str]:
    if published.why_own(path):
        return
    found = _published(published, path)
    if found is None:
        yield f"{published.api} has no {published.schema}.{'.'.join(published.path(path))}"
    elif value in (UNKNOWN, WITHHELD):
        return
    elif found.enum and str(value) not in found.enum:
        yield f"{value!r} is not one of {', '.join(found.enum)}"
    elif not _has_type(found, value):
        yield f"{value!r} is not {found.type} ({found.format})"


def _has_type(found: Property, value: JsonValue) -> bool:
    """Types of the JSON that is sent; the provider makes numbers of texts and texts of numbers where it has to."""
    match found.type, value:
        case "boolean", _:
            return isinstance(value, bool)
        case "integer", int():
            return not isinstance(value, bool) and -_INT32 <= value < (
                _INT32 if found.format == "int32" else 2 * _INT32
            )
        case "integer", str():
            return value.isdecimal()
        case "string", _:
            return isinstance(value, str) or (found.format in {"int64", "uint64"} and isinstance(value, int))
        case _:
            return True


def _judged_entry(published: Published, path: Path, allowed: Rule | None) -> Iterator[str]:
    if published.why_own(path):
        return
    found = _published(published, path)
    if found is None:
        yield f"{published.api} has no {published.schema}.{'.'.join(published.path(path))}"
        return
    if found.enum and not isinstance(allowed, OneOf):
        yield f"takes anything; Google publishes {', '.join(found.enum)}"
    elif found.enum and isinstance(allowed, OneOf):
        unknown = [str(value) for value in allowed.values if str(value) not in found.enum]
        if unknown:
            yield f"takes {', '.join(unknown)}, which Google does not: {', '.join(found.enum)}"
