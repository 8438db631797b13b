"""Texts of a fixed form, each with an example that users are shown in place of its regular expression."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

WRONG_FORM = "wrong_form"
"""Type of the error about a text of another form; its context has an example as ``example``."""


@dataclass(frozen=True)
class Form:
    """Annotation of a text that has to match a pattern as a whole.

    Attributes:
        pattern: Regular expression, as JSON schema and Python both read it.
        example: A text of that form.
    """

    pattern: str
    example: str

    def __get_pydantic_core_schema__(self, source: type[object], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^({self.pattern})$", "examples": [self.example]}

    def _checked(self, value: str) -> str:
        if re.fullmatch(self.pattern, value) is None:
            raise PydanticCustomError(WRONG_FORM, "does not have the form of {example}", {"example": self.example})
        return value
