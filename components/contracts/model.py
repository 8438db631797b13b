"""The base of every typed value that packages exchange or that comes from a file."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from types import NoneType
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails

from .argument_schemas import enums_by_text
from .containers import is_list, is_mapping
from .descriptions import field_descriptions
from .errors import Problem, StrataError
from .old_arguments import OldArgument, renamed
from .program_problems import missing, unknown, unnamed, value_problem
from .validation import user_location


class Contract(BaseModel):
    """Frozen, closed to unknown keys, no silent coercion of ``"3"`` to 3 or of ``no`` to a string.

    From Python it takes lists as tuples, and enums by the text of their values; text from outside goes through
    ``model_validate_json``.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        # A program imports the settings of every environment and validates those of one.
        defer_build=True,
    )

    old_arguments: ClassVar[Sequence[OldArgument]] = ()
    """Names that programs may use for arguments until the next release."""

    def __init__(self, /, *given: object, **values: object) -> None:
        """Take values by name, as a program writes them.

        Raises:
            StrataError: For every value that does not fit, under the name of the class, such as ``GpuPool.count``.
        """
        kind = type(self)
        if given:
            known = list(kind.model_fields)
            meant = [name for name in known if name not in values][: len(given)]
            raise StrataError([unnamed(kind.__name__, given, meant, known)])
        present = renamed(kind.__name__, kind.old_arguments, values)
        try:
            super().__init__(**{name: _lists_as_tuples(value) for name, value in present.items()})
        except ValidationError as error:
            raise StrataError(_problem(kind, detail) for detail in error.errors(include_url=False)) from None

    # Without it pydantic would run this for every nested value of a file as well, and lose where in the file it is.
    __init__.__dict__["__pydantic_base_init__"] = True

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /) -> CoreSchema:
        """Enums are taken by the text of their values."""
        return enums_by_text(handler(source), handler.resolve_ref_schema)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Fields are described by their docstrings.

        Files always write ``kind``, by which the members of a union are told apart; programs need not.
        """
        schema = handler(core_schema)
        own = handler.resolve_ref_schema(schema)
        properties = own.get("properties", {})
        for name, text in field_descriptions(cls).items():
            if name in properties:
                properties[name].setdefault("description", text)
        kind = properties.get("kind", {})
        if "const" in kind:
            kind.pop("default", None)
            wanted = {*own.get("required", ()), "kind"}
            own["required"] = [name for name in properties if name in wanted]
        return schema


_PLAIN = (str, int, float, Enum, BaseModel, NoneType)


def _problem(kind: type[Contract], detail: ErrorDetails) -> Problem:
    location, holder, models = user_location(kind, detail["loc"])
    name = str(location[-1]) if location else ""
    about = field_descriptions(holder).get(name) if holder else None
    match detail["type"]:
        case "missing":
            return missing(kind.__name__, location, about)
        case "extra_forbidden":
            return unknown(kind.__name__, location, list(holder.model_fields) if holder else [])
        case _:
            classes = [model.__name__ for model in models] if location else []
            return value_problem(kind.__name__, {**detail, "loc": location}, about, classes)


def _lists_as_tuples(value: object) -> object:
    # Most values are plain; to ask whether they are a mapping takes a tenth of the time of a plan.
    if isinstance(value, _PLAIN):
        return value
    if is_list(value):
        return tuple(_lists_as_tuples(entry) for entry in value)
    if is_mapping(value):
        return {name: _lists_as_tuples(entry) for name, entry in value.items()}
    return value
