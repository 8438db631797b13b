"""Ids that are inputs, seen by code that runs before their values are known."""

from __future__ import annotations

import pulumi


def text_or(value: pulumi.Input[str], stand_in: str) -> str:
    """The value where it is plain text; else a stand-in of the same form.

    Rules judge settings at preview, when another resource's output has no value yet. The stand-in has a form
    that no rule refuses, so that such an id is left to the cloud and everything else is still checked.
    """
    return value if isinstance(value, str) else stand_in
