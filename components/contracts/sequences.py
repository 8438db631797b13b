"""Sequences of contracts: any list or tuple in a program, a tuple once they are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_Item = TypeVar("_Item")


class _AsTuple:
    """Validates a sequence as a tuple, which nobody can change afterwards."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        (item,) = get_args(source)
        return core_schema.tuple_variable_schema(handler.generate_schema(item))


Items = Annotated[Sequence[_Item], _AsTuple()]
"""Values in order; type checkers take a list for it."""
