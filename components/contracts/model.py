"""The base of every typed value that packages exchange or that comes from a file."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .descriptions import field_descriptions
from .errors import StrataError
from .validation import problem_of


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

    def __init__(self, /, **values: object) -> None:
        """Take values by name, as a program writes them.

        Raises:
            StrataError: For every value that does not fit, under the name of the class, such as ``GpuPool.count``.
        """
        try:
            super().__init__(**values)
        except ValidationError as error:
            kind = type(self)
            found = [problem_of(kind, detail, {}) for detail in error.errors(include_url=False)]
            raise StrataError(
                replace(problem, field=f"{kind.__name__}.{problem.field}" if detail["loc"] else kind.__name__)
                for problem, detail in zip(found, error.errors(include_url=False), strict=True)
            ) from None

    # Without it pydantic would run this for every nested value of a file as well, and lose where in the file it is.
    __init__.__dict__["__pydantic_base_init__"] = True

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
