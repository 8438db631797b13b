"""The base of every typed value that passes between rooms or comes from a file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """Frozen, closed to unknown keys, no silent coercion of ``"3"`` to 3 or of ``no`` to a string.

    Being strict it takes enums and tuples from Python; text from outside goes through
    ``model_validate_json``, which turns JSON's strings and lists into them.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )
