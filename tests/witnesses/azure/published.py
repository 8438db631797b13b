"""What Azure publishes of its resources, read from packages that this project did not write.

Two sources: Microsoft's own clients (``azure-mgmt-*``), whose models mark what is only read, and the installed Pulumi
SDK, which is generated from Azure's specifications of the API versions that the provider really calls.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from types import NoneType
from typing import Protocol

from pulumi import _types as sdk_types  # pyright: ignore[reportPrivateUsage]  # no public way to the wire names


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property as it is published.

    Attributes:
        values: What it may be; empty where that is not listed.
        read_only: Whether Azure only answers with it.
        create_only: Whether it can be set when the object is made, and never again.
        of: The published type of the object, or of the entries of the list or map, that it holds.
        keyed: Whether it is a map, whose keys are free.
    """

    values: frozenset[str] = frozenset()
    read_only: bool = False
    create_only: bool = False
    of: type | None = None
    keyed: bool = False


@dataclass(frozen=True, kw_only=True)
class Published:
    """A published type.

    Attributes:
        fields: Its properties by the name that is sent.
        required: Those without which nothing is accepted.
    """

    fields: Mapping[str, Field]
    required: frozenset[str]


class Source(Protocol):
    """Where published types come from."""

    def __call__(self, of: type) -> Published:
        """The type."""
        ...


class _RestField(Protocol):
    _rest_name_input: str | None
    _visibility: list[str] | None


@cache
def client_model(of: type) -> Published:
    """A model of Microsoft's client, with what lies in its ``properties`` beside the rest, as Pulumi has it."""
    fields: dict[str, Field] = {}
    required: set[str] = set()
    for owner in reversed(of.__mro__):
        package = sys.modules.get(owner.__module__.rpartition(".")[0])
        scope = {**vars(typing), **vars(sys.modules[owner.__module__]), "_models": package}
        for name, annotation in vars(owner).get("__annotations__", {}).items():
            field: object = vars(owner).get(name)
            if type(field).__name__ != "_RestField":
                continue
            hints = list(_within(annotation, scope))
            sent, found = _client_field(name, field, hints)
            if sent == "properties" and found.of is not None:
                inner = client_model(found.of)
                fields |= inner.fields
                required |= inner.required
            else:
                fields[sent] = found
                required |= {sent} if NoneType not in hints and not found.read_only else set()
    return Published(fields=fields, required=frozenset(required))


def _client_field(name: str, field: object, hints: Sequence[object]) -> tuple[str, Field]:
    marks: _RestField = typing.cast("_RestField", field)
    visibility = set(marks._visibility or ())  # pyright: ignore[reportPrivateUsage]  # said nowhere else
    found = Field(
        values=_values(hints),
        read_only=visibility == {"read"},
        create_only="create" in visibility and "update" not in visibility,
        of=_first_type(hints, _is_model),
        keyed=any(typing.get_origin(hint) is dict for hint in hints),
    )
    return marks._rest_name_input or name, found  # pyright: ignore[reportPrivateUsage]  # likewise


@cache
def sdk_type(of: type) -> Published:
    """Arguments of the Pulumi SDK."""
    names = sdk_types.input_type_py_to_pulumi_names(of)
    hints = sdk_types.input_type_types(of)
    fields = {sent: _sdk_field(list(_within(hint, {}))) for sent, hint in hints.items()}
    required = {
        names[name]
        for name, parameter in inspect.signature(of).parameters.items()
        if parameter.default is inspect.Parameter.empty and name in names
    }
    return Published(fields=fields, required=frozenset(required))


def sdk_arguments(token: str) -> type:
    """The SDK's arguments of a type by its token, such as ``azure-native:network:Subnet``."""
    _, module, name = token.split(":")
    found = import_module(f"pulumi_azure_native.{module}")
    arguments: object = getattr(found, f"{name}InitArgs", getattr(found, f"{name}Args", None))
    assert isinstance(arguments, type), token
    return arguments


def _is_model(found: type) -> bool:
    return any(base.__module__.endswith("._utils.model_base") for base in found.__mro__)


def _sdk_field(hints: Sequence[object]) -> Field:
    keyed = any(typing.get_origin(hint) in {dict, Mapping} for hint in hints)
    return Field(values=_values(hints), of=_first_type(hints, sdk_types.is_input_type), keyed=keyed)


def _within(hint: object, scope: Mapping[str, object]) -> Iterator[object]:
    """An annotation and all that it is made of; names that are quoted are looked up in the scope."""
    text = hint.__forward_arg__ if isinstance(hint, typing.ForwardRef) else hint
    if isinstance(text, str):
        hint = eval(text, dict(scope))  # noqa: S307 - annotations of installed packages
    yield hint
    for inner in typing.get_args(hint):
        yield from _within(inner, scope)


def _values(hints: Sequence[object]) -> frozenset[str]:
    """Values of the enumeration among these; of lists, those of an entry."""
    enums = [hint for hint in hints if isinstance(hint, type) and issubclass(hint, Enum)]
    return frozenset(str(member.value) for enum in enums for member in enum)


def _first_type(hints: Sequence[object], is_type: Callable[[type], bool]) -> type | None:
    # Types with arguments, such as ``list[str]``, call themselves types too.
    types = [hint for hint in hints if isinstance(hint, type) and typing.get_origin(hint) is None]
    return next((hint for hint in types if is_type(hint)), None)
