"""JSON schemas whose patterns are those of Java, as in AWS's registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import regex
from jsonschema import Draft7Validator, ValidationError, validators
from pydantic import JsonValue

from .schemas import Node


class _Error(Protocol):
    @property
    def json_path(self) -> str: ...

    @property
    def message(self) -> str: ...


class _Validator(Protocol):
    def iter_errors(self, instance: JsonValue) -> Iterable[_Error]: ...


def violations(schema: Node, value: JsonValue) -> list[str]:
    """Everything that the schema does not allow."""
    return [f"{error.json_path}: {error.message}" for error in _VALIDATOR(schema).iter_errors(value)]


def _pattern(_validator: object, pattern: str, value: JsonValue, _schema: object) -> Iterator[ValidationError]:
    r"""Forms such as ``\p{L}``, which Python's own expressions do not know."""
    if isinstance(value, str) and not regex.search(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


_VALIDATOR: Callable[[Node], _Validator] = validators.extend(Draft7Validator, {"pattern": _pattern})  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - jsonschema is untyped
