"""The base of every typed value that packages exchange or that comes from a file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .descriptions import field_descriptions


class Contract(BaseModel):
    """Frozen, closed to unknown keys, no silent coercion of ``"3"`` to 3 or of ``no`` to a string.

    Being strict it takes enums and tuples from Python; text from outside goes through
    ``model_validate_json``, which turns JSON's strings and lists into them.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        # A program imports the settings of every environment and validates those of one.
        defer_build=True,
    )

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
