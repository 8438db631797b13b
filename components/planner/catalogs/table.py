"""Reading of the CSV tables that ship with the planner.

Owns cells: a blank cell is an unknown value, never zero. What a row means lives with each catalog.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...contracts.errors import StrataError, nearest

Row = Mapping[str, str]
_DATA = Path(__file__).resolve().parents[1] / "data"


def read_table(name: str) -> list[Row]:
    """The rows of ``planner/data/<name>.csv``, each a mapping from column to cell."""
    return read_rows(_DATA / f"{name}.csv")


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file, each a mapping from column to cell."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def number(cell: str) -> float | None:
    """The number in a cell; None for a blank one."""
    return float(cell) if cell else None


def whole(cell: str) -> int:
    """The whole number in a cell; 0 for a blank one, in columns that count things."""
    return int(cell) if cell else 0


def yes(cell: str) -> bool:
    """Whether a cell says ``yes``; a blank one says no.

    Raises:
        ValueError: when it holds anything else.
    """
    if cell not in {"", "yes"}:
        raise ValueError(f"{cell!r} is neither 'yes' nor blank")
    return cell == "yes"


def words(cell: str) -> tuple[str, ...]:
    """The words in a cell, separated by semicolons."""
    return tuple(word for word in cell.split(";") if word)


def numbers(cell: str) -> tuple[int, ...]:
    """The whole numbers in a cell, such as ``0;2;4`` or ``0-31``."""
    found: list[int] = []
    for word in words(cell):
        first, _, last = word.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return tuple(found)


def unknown_name(kind: str, field: str, value: str, names: Iterable[str]) -> StrataError:
    """The error for a name that a catalog lacks, with the nearest one it has."""
    choices = sorted(names)
    near = nearest(value[:200], choices)
    shown = value if len(value) <= 80 else f"{value[:80]}…"  # noqa: PLR2004 - length of a readable message
    return StrataError.of(
        field,
        cause=f"{shown!r} is not in the {kind} catalog",
        consequence="nothing about it is known, so no plan can be checked",
        fix=f"use {near!r}" if near else f"use one of {', '.join(choices[:12])}, …",
    )
