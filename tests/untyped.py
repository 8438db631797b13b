"""Calls as a program without a type checker makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

_Made = TypeVar("_Made")


def untyped(kind: Callable[..., _Made], values: Mapping[str, object]) -> _Made:
    """What the constructor makes of values that nobody checked before."""
    return kind(**values)


def unnamed(kind: Callable[..., _Made], *values: object) -> _Made:
    """What the constructor makes of values without names."""
    return kind(*values)
