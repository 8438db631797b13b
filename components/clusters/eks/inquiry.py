"""Questions that whoever runs Pulumi may not be allowed to ask: the answer is unknown then, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pulumi

_NOT_ALLOWED = ("AccessDenied", "UnauthorizedOperation", "is not authorized to perform")
_Answer = TypeVar("_Answer")


def if_allowed(what: str, right: str, ask: Callable[[], _Answer]) -> _Answer | None:
    """The answer; None where nobody may ask, which is said.

    Args:
        what: What stays unchecked without an answer.
        right: The IAM action that the question takes.
        ask: Asks it.
    """
    try:
        return ask()
    except Exception as error:  # the SDK has no class of its own for a call that failed
        if not any(word in str(error) for word in _NOT_ALLOWED):
            raise
        pulumi.warn(f"not checked: {what}; it takes {right} to read it")
        return None
