"""Tables of mistakes: under each refusal the calls that a cloud answers with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

_Account = TypeVar("_Account")


def cases(table: Mapping[str, Iterable[Callable[[_Account], None]]]) -> list[ParameterSet]:
    """Each mistake with its refusal, as a test named after the mistake."""
    return [
        pytest.param(refusal, mistake, id=mistake.__name__.strip("_"))
        for refusal, mistakes in table.items()
        for mistake in mistakes
    ]
