"""What a program may pass for an argument, as a pydantic schema of its annotation.

Plain values are checked strictly, and what is natural in Python is taken: a list for any sequence, the text of an enum,
the text of a quantity. Values of other classes only have to be of their class: contracts were checked when they were
made, and the value of a ``pulumi.Output`` is not known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .containers import is_list, is_mapping
from .resources import PulumiOutput, is_resource

NAMES_OF_INPUTS: dict[str, object] = {"Output": PulumiOutput, "T": object}
"""What the names stand for that the SDK writes as text in the definition of ``pulumi.Input``."""
WRONG_CLASS = "wrong_class"
"""Type of the error about a value of another class; its context has the classes that fit as ``classes``."""

WHOLE_RESOURCE = "whole_resource"
"""Type of the error about a resource where one of its outputs is needed."""


def argument_schema(annotation: object) -> CoreSchema:
    """The schema of an annotation.

    Constraints such as ``Field(pattern=…)`` count where they annotate a single value, not a sequence or a class.
    """
    origin = get_origin(annotation)
    if annotation is None or annotation is NoneType:
        return core_schema.none_schema()
    if _is_plain(annotation):
        plain = TypeAdapter[object](annotation)  # pyright: ignore[reportArgumentType] - found out above
        return enums_by_text(plain.core_schema, _without_definitions)
    if origin is Annotated:
        return argument_schema(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return _one_of(list(_members(annotation)))
    if origin in {Sequence, tuple, list}:
        items = core_schema.tuple_variable_schema(argument_schema(get_args(annotation)[0]))
        return core_schema.no_info_wrap_validator_function(_sequence, items)
    if origin in {Mapping, dict}:
        keys, values = get_args(annotation)
        entries = core_schema.dict_schema(argument_schema(keys), argument_schema(values))
        return core_schema.no_info_before_validator_function(_as_dict, entries)
    return _one_of([annotation])


def enums_by_text(schema: CoreSchema, resolve: Callable[[CoreSchema], CoreSchema]) -> CoreSchema:
    """The schema, in which every enum is taken by the text of its value as well.

    Args:
        schema: Schema of a contract, or of a plain value.
        resolve: The definition that a schema of type ``definition-ref`` names: while a contract is being built,
            pydantic keeps enums and the contract itself outside of the schema.
    """
    _relax_enums(resolve(schema), resolve)
    return schema


def _without_definitions(schema: CoreSchema) -> CoreSchema:
    return schema


def _relax_enums(part: object, resolve: Callable[[CoreSchema], CoreSchema]) -> None:
    if is_mapping(part):
        if part.get("type") == "enum" and "members" in part and isinstance(part, dict):
            part["strict"] = False
        if part.get("type") == "definition-ref" and isinstance(ref := part.get("schema_ref"), str):
            found = resolve(core_schema.definition_reference_schema(ref))
            # Contracts inside of this one have relaxed their own.
            if found["type"] == "enum":
                _relax_enums(found, resolve)
        for inner in part.values():
            _relax_enums(inner, resolve)
    elif is_list(part):
        for inner in part:
            _relax_enums(inner, resolve)


def _is_plain(annotation: object) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_plain(get_args(annotation)[0])
    if origin is Literal or annotation is object:
        return True
    if not isinstance(annotation, type) or origin is not None:
        return False
    is_quantity = hasattr(annotation, "__get_pydantic_core_schema__") and not issubclass(annotation, BaseModel)
    return is_quantity or issubclass(annotation, Enum) or annotation in {str, int, float, bool}


def _members(annotation: object) -> Sequence[object]:
    """What a union may be, those of unions inside of it included."""
    if get_origin(annotation) in {Union, UnionType}:
        return [member for argument in get_args(annotation) for member in _members(argument)]
    if get_origin(annotation) is Annotated and not _is_plain(annotation):
        return _members(get_args(annotation)[0])
    return [annotation]


def _is_class(member: object) -> bool:
    containers = {Sequence, tuple, list, Mapping, dict}
    return member is not NoneType and not _is_plain(member) and get_origin(member) not in containers


def _one_of(members: Sequence[object]) -> CoreSchema:
    """A value of one of the classes among the members, or one that fits another member."""
    classes = [get_origin(member) or member for member in members if _is_class(member)]
    known = tuple(kind for kind in classes if isinstance(kind, type))
    # Outputs and awaitables are generic; they pass, but nobody is told to write one.
    named = [
        member.__name__
        for member in members
        if _is_class(member) and isinstance(member, type) and not get_origin(member)
    ]
    others = [argument_schema(member) for member in members if not _is_class(member) and member is not NoneType]
    schema = _instance(known, named, others)
    return core_schema.nullable_schema(schema) if NoneType in members else schema


def _instance(classes: tuple[type, ...], named: Sequence[str], others: Sequence[CoreSchema]) -> CoreSchema:
    if not classes and len(others) == 1:
        return others[0]
    otherwise = others[0] if len(others) == 1 else core_schema.union_schema([*others]) if others else None

    def accept(value: object, handler: Callable[[object], object]) -> object:
        if any(_fits(value, kind) for kind in classes):
            return value
        if PulumiOutput in classes and is_resource(value):
            raise PydanticCustomError(WHOLE_RESOURCE, "a resource in place of its value")
        if otherwise is not None and not isinstance(value, BaseModel):
            return handler(value)
        raise PydanticCustomError(WRONG_CLASS, "wrong class", {"classes": list(named), "kinds": classes})

    return core_schema.no_info_wrap_validator_function(accept, otherwise or core_schema.any_schema())


def _fits(value: object, kind: type) -> bool:
    # A contract that extends another one has fields that whoever asked for the other knows nothing about.
    return type(value) is kind if issubclass(kind, BaseModel) else isinstance(value, kind)


def _sequence(value: object, handler: Callable[[object], tuple[object, ...]]) -> object:
    """A list stays one: Pulumi waits for outputs in lists, and takes a tuple for a plain value."""
    return list(handler(tuple(value))) if is_list(value) else handler(value)


def _as_dict(value: object) -> object:
    return dict(value) if is_mapping(value) else value
