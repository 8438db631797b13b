"""What the package exports: all of it is listed, and no constructor answers a mistake with an error of Python's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass

import pulumi
import pytest
from pydantic import BaseModel

import components
from components.contracts.errors import Problem, StrataError
from tests.registration import assert_refused


def _constructors() -> dict[str, Callable[..., object]]:
    exported = {name: getattr(components, name) for name in components.__all__}
    return {
        name: kind
        for name, kind in exported.items()
        if isinstance(kind, type) and kind is not Problem
        if is_dataclass(kind) or issubclass(kind, BaseModel | pulumi.ComponentResource)
    }


_CONSTRUCTORS = _constructors()


def test_every_export_is_listed_and_can_be_imported() -> None:
    named: dict[str, object] = {}
    exec("from components import *", named)  # noqa: S102 - what a person types
    assert set(components.__all__) <= set(named)
    assert components.__all__ == sorted(set(components.__all__)) == dir(components)


@pytest.mark.parametrize("name", list(_CONSTRUCTORS))
def test_an_unknown_argument_is_told_as_every_mistake(name: str) -> None:
    assert len(_CONSTRUCTORS) > 40
    assert_refused(lambda: _CONSTRUCTORS[name](no_such_argument=1), f"{name}.no_such_argument")


@pytest.mark.parametrize("name", list(_CONSTRUCTORS))
def test_too_many_values_without_a_name_are_told_as_every_mistake(name: str) -> None:
    with pytest.raises(StrataError):
        _CONSTRUCTORS[name](*["x"] * 9)
