"""The types of a resource's inputs, read from the installed SDK.

Owns introspection of generated Pulumi SDKs, whichever the cloud. Only the module of a type that is
met is imported.
"""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TypeAlias

import pulumi
from pulumi import _types as sdk_types  # pyright: ignore[reportPrivateUsage]  # no public way to the wire names


@dataclass(frozen=True)
class Scalar:
    """Text, a number or a boolean."""

    name: str
    accepts: tuple[type, ...]


@dataclass(frozen=True)
class ListOf:
    """A list of equal things."""

    item: Shape


@dataclass(frozen=True)
class MapOf:
    """A map from text."""

    entry: Shape


@dataclass(frozen=True)
class ObjectOf:
    """A nested type of the SDK, looked into when it is met."""

    of: type

    @property
    def fields(self) -> Fields:
        """Its fields by wire name."""
        return fields_of(self.of)


@dataclass(frozen=True)
class OneShapeOf:
    """Any of several."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Anything:
    """What the SDK does not type."""


Shape: TypeAlias = "Scalar | ListOf | MapOf | ObjectOf | OneShapeOf | Anything"

TEXT = Scalar("string", (str,))
WHOLE = Scalar("integer", (int,))
NUMBER = Scalar("number", (int, float))
TRUTH = Scalar("boolean", (bool,))


@dataclass(frozen=True)
class Fields:
    """The inputs of a resource or of a nested type."""

    shapes: Mapping[str, Shape]
    required: frozenset[str]


@cache
def resource_inputs(token: str) -> Fields | None:
    """The inputs of a resource by its token; None when the SDK has no such type.

    ``aws:ec2/vpc:Vpc`` is ``pulumi_aws.ec2.VpcArgs``, ``azure-native:network:Subnet`` is
    ``pulumi_azure_native.network.SubnetInitArgs``: where a nested type has the plain name.
    """
    package, module, name = token.split(":")
    where = f"pulumi_{package.replace('-', '_')}"
    member = module.split("/", maxsplit=1)[0]
    try:
        found = importlib.import_module(where if member == "index" else f"{where}.{member}")
    except ModuleNotFoundError:
        return None
    arguments: object = getattr(found, f"{name}InitArgs", getattr(found, f"{name}Args", None))
    return fields_of(arguments) if isinstance(arguments, type) else None


@cache
def provider_inputs(package: str) -> Fields | None:
    """The inputs of the provider itself."""
    arguments: object = getattr(importlib.import_module(f"pulumi_{package.replace('-', '_')}"), "ProviderArgs", None)
    return fields_of(arguments) if isinstance(arguments, type) else None


@cache
def fields_of(arguments: type) -> Fields:
    """The fields of an SDK's input type by wire name."""
    names = sdk_types.input_type_py_to_pulumi_names(arguments)
    shapes = {name: _shape(annotation) for name, annotation in sdk_types.input_type_types(arguments).items()}
    required = {
        names[name]
        for name, parameter in inspect.signature(arguments).parameters.items()
        if parameter.default is inspect.Parameter.empty and name in names
    }
    return Fields(shapes, frozenset(required))


_SCALARS: dict[object, Scalar] = {str: TEXT, int: WHOLE, float: NUMBER, bool: TRUTH}


def _shape(annotation: object) -> Shape:
    origin = typing.get_origin(annotation)
    arguments: tuple[object, ...] = typing.get_args(annotation)
    if origin is typing.Union or origin is UnionType:
        shapes = tuple(dict.fromkeys(_shape(option) for option in arguments if not _is_wrapper(option)))
        return shapes[0] if len(shapes) == 1 else OneShapeOf(shapes)
    if origin is Sequence or origin is list:
        return ListOf(_shape(arguments[0]))
    if origin is Mapping or origin is dict:
        return MapOf(_shape(arguments[1]))
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if isinstance(annotation, type) and sdk_types.is_input_type(annotation):
        return ObjectOf(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return TEXT
    return Anything()


def _is_wrapper(option: object) -> bool:
    """Whether it only says that the value may come later or not at all."""
    origin = typing.get_origin(option)
    return option is NoneType or origin is Awaitable or origin is pulumi.Output or option is pulumi.Output


@cache
def resource_outputs(token: str) -> frozenset[str]:
    """Every property that the SDK's class of a type has, by wire name."""
    package, module, name = token.split(":")
    where = f"pulumi_{package.replace('-', '_')}"
    member = module.split("/", maxsplit=1)[0]
    found = importlib.import_module(where if member == "index" else f"{where}.{member}")
    resource: object = getattr(found, name, None)
    return frozenset(sdk_types.resource_types(resource)) if isinstance(resource, type) else frozenset()
