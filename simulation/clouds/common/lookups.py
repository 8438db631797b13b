"""Look-ups, as providers answer them."""

from __future__ import annotations

from collections.abc import Iterable

from ...provider.store import Record
from ...provider.tables import Compute, Function
from ...provider.values import Value


def listed(record: Record, path: str) -> list[Value]:
    """A property as data sources have it: a list of one entry where the resource has the entry."""
    value = record.get(path)
    return value if isinstance(value, list) else [] if value is None else [value]


def functions(source: str, rows: Iterable[tuple[str, str, Compute]]) -> tuple[Function, ...]:
    """Look-ups by token, page below ``source`` that describes it, and what answers it."""
    return tuple(Function(token=token, source=f"{source}/{page}", answer=answer) for token, page, answer in rows)
