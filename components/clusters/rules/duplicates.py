"""Values that are in a list twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...contracts.errors import Problem


def duplicate_problems(
    field: str, values: Sequence[str], consequence: str, *, same: Callable[[str], str] = str
) -> Iterator[Problem]:
    """Values that are in a list more than once.

    Args:
        field: Path of the list.
        values: Its values.
        consequence: What a second one would do.
        same: What two spellings of one value have in common.
    """
    first: dict[str, str] = {}
    for index, value in enumerate(values):
        before = first.setdefault(same(value), value)
        if index != values.index(before):
            yield Problem(
                field=f"{field}[{index}]",
                cause=f"{str(value)!r} is listed already" + (f", as {str(before)!r}" if before != value else ""),
                consequence=consequence,
                fix="remove one of them",
            )
