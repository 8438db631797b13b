"""Ids that are inputs, for code that runs before their values are known."""

from __future__ import annotations

from typing import overload

import pulumi


@overload
def text_or(value: pulumi.Input[str], placeholder: str) -> str: ...


@overload
def text_or(value: pulumi.Input[str] | None, placeholder: str) -> str | None: ...


def text_or(value: pulumi.Input[str] | None, placeholder: str) -> str | None:
    """The value where it is plain text, or None where none is given; otherwise a placeholder of the same form.

    Rules check settings at preview, when another resource's output has no value yet. The placeholder has a form
    that no rule refuses, so that such an id is left to the cloud and everything else is still checked.
    """
    return value if value is None or isinstance(value, str) else placeholder
