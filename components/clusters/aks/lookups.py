"""Look-ups of things that may not be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Found = TypeVar("_Found")


def if_there(ask: Callable[[], _Found]) -> _Found | None:
    """The answer of a look-up; None where Azure has no such thing (codes NotFound, ResourceNotFound and the like)."""
    try:
        return ask()
    except Exception as error:  # the SDK has no class of its own for a call that failed
        if "NotFound" in str(error):
            return None
        raise
