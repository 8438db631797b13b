"""Property values as plain data.

Owns the way from the engine's values to plain ones and back, and reading them by path. Secrets are
taken off: the provider tells the engine that it does not handle them, so that the engine does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pulumi.provider.experimental.property_value import PropertyValue


@dataclass(frozen=True)
class Unknown:
    """A value that only the update will know."""


UNKNOWN = Unknown()
_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS = frozenset(
    {
        _UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""How the engine writes a value that is not known yet: sdk/go/common/resource/plugin/rpc.go of Pulumi.

The SDK's own form of such values cannot be sent.
"""
Value: TypeAlias = "str | int | float | bool | Unknown | list[Value] | dict[str, Value] | None"
Object: TypeAlias = "dict[str, Value]"


def from_wire(value: PropertyValue) -> Value:
    """The plain value.

    Raises:
        TypeError: for assets and resource references, which no simulated cloud takes.
    """
    match value.value:
        case str() as plain if plain in _UNKNOWN_TEXTS:
            return UNKNOWN
        case None | bool() | str() as plain:
            return plain
        case int() | float() as number:
            return int(number) if float(number).is_integer() else number
        case Mapping() as entries:
            return {key: from_wire(entry) for key, entry in entries.items()}
        case Sequence() as items:
            return [from_wire(item) for item in items]
        case _:
            raise TypeError(f"a {value.type.value} is not a value that this simulation takes")


def to_wire(value: Value) -> PropertyValue:
    """The engine's form of a plain value."""
    match value:
        case Unknown():
            return PropertyValue(_UNKNOWN_TEXT)
        case None | bool() | str():
            return PropertyValue(value)
        case int() | float():
            return PropertyValue(float(value))
        case list():
            return PropertyValue([to_wire(item) for item in value])
        case dict():
            return PropertyValue({key: to_wire(entry) for key, entry in value.items()})


def object_from_wire(entries: Mapping[str, PropertyValue]) -> Object:
    """A whole set of properties; nulls and the engine's own keys are left out."""
    return {
        key: from_wire(entry) for key, entry in entries.items() if entry.value is not None and not key.startswith("__")
    }


def object_to_wire(entries: Object) -> dict[str, PropertyValue]:
    """A whole set of properties for the engine."""
    return {key: to_wire(entry) for key, entry in entries.items()}


def leaves(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    """Every value at a dotted path with where it was found; lists on the way are entered."""
    yield from _leaves(value, path.split(".") if path else [], "")


def _leaves(value: Value, steps: list[str], found: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, steps, f"{found}[{index}]")
    elif not steps:
        yield found, value
    elif isinstance(value, dict) and steps[0] in value:
        yield from _leaves(value[steps[0]], steps[1:], f"{found}.{steps[0]}" if found else steps[0])
    elif isinstance(value, Unknown):
        yield found, value


def at(value: Value, path: str) -> Value:
    """The value at a dotted path, lists not entered; None where there is none."""
    for step in path.split("."):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            return value if isinstance(value, Unknown) else None
        value = value.get(step)
    return value


def text(value: Value, path: str) -> str:
    """The text at a path; empty where there is none that is known."""
    found = at(value, path)
    return found if isinstance(found, str) else ""


def whole(value: Value, path: str, default: int = 0) -> int:
    """The whole number at a path; numbers written as text count."""
    found = at(value, path)
    if isinstance(found, str) and found.lstrip("-").isdigit():
        return int(found)
    return int(found) if isinstance(found, int | float) and not isinstance(found, bool) else default


def truth(value: Value, path: str, *, default: bool = False) -> bool:
    """The boolean at a path."""
    found = at(value, path)
    return found if isinstance(found, bool) else default


def texts(value: Value, path: str) -> list[str]:
    """Every text at a path, lists entered."""
    return [found for _, found in leaves(value, path) if isinstance(found, str)]


def objects(value: Value, path: str) -> list[Object]:
    """Every object at a path, lists entered."""
    return [found for _, found in leaves(value, path) if isinstance(found, dict)]


def mapping(value: Value, path: str) -> dict[str, str]:
    """The map of texts at a path."""
    found = at(value, path)
    return {key: entry for key, entry in found.items() if isinstance(entry, str)} if isinstance(found, dict) else {}


def has_unknown(value: Value) -> bool:
    """Whether any part is not known yet."""
    match value:
        case Unknown():
            return True
        case list():
            return any(has_unknown(item) for item in value)
        case dict():
            return any(has_unknown(entry) for entry in value.values())
        case _:
            return False


def merged(below: Object, above: Object) -> Object:
    """Both sets of properties; where both have a value the upper one's counts, objects being merged in turn."""
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        both[key] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return both
