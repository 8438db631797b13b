"""Values that are in a list twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem


def duplicate_problems(field: str, values: Sequence[str], consequence: str) -> Iterator[Problem]:
    """Values that are in a list more than once.

    Args:
        field: Path of the list.
        values: Its values.
        consequence: What a second one would do.
    """
    for index, value in enumerate(values):
        if index != values.index(value):
            yield Problem(
                field=f"{field}[{index}]",
                cause=f"{str(value)!r} is listed already",
                consequence=consequence,
                fix="remove one of them",
            )
