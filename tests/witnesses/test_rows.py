"""Every row has its tests, every test of a row is in the table, and no row is missing."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import PROJECT

from .rows import FROM_READING, PRACTITIONERS, ROWS, Row

_FUNCTION = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)
_OF_A_ROW = re.compile(r"test_(?:[ab]\d{1,2}|e)_")
_FACTS = PROJECT.parent / "shared" / "facts" / "real_clouds.md"
_REPORTS = PROJECT.parent / "shared" / "cases" / "practitioners" / "README.md"


@cache
def existing() -> frozenset[str]:
    """Names of all tests."""
    files = (PROJECT / "tests").rglob("test_*.py")
    return frozenset(name for path in files for name in _FUNCTION.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_has_tests_that_are_named_after_it_or_says_why_not(row: Row) -> None:
    assert bool(row.all_tests) != bool(row.why_open)
    assert row.all_tests or not row.left, "an open row is open as a whole"
    assert [name for name in row.all_tests if name not in existing()] == []
    assert [name for name in row.all_tests if not name.startswith(row.beginnings)] == []


def test_every_test_of_a_row_is_about_a_row_that_is_closed() -> None:
    closed = tuple(beginning for row in FROM_READING if not row.why_open for beginning in row.beginnings)
    found = {name for name in existing() if _OF_A_ROW.match(name)}
    assert len(found) > 90
    assert sorted(name for name in found if not name.startswith(closed)) == [], "close the row in rows.py, or rename"


def test_no_row_is_missing() -> None:
    names = [row.name for row in FROM_READING]
    assert names == [*(f"A{number}" for number in range(1, 10)), *(f"B{number}" for number in range(1, 22)), "E"]
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.skipif(not _FACTS.exists(), reason="the list of what was found by reading is not beside this checkout")
def test_rows_are_those_that_were_found_by_reading() -> None:
    text = _FACTS.read_text(encoding="utf-8")
    found = re.findall(r"^\| ([AB]\d+) \|", text, re.MULTILINE) + re.findall(r"^## (E)\. ", text, re.MULTILINE)
    assert found == [row.name for row in FROM_READING]


@pytest.mark.skipif(not _REPORTS.exists(), reason="the list of practitioners' trouble is not beside this checkout")
def test_rows_are_those_that_practitioners_met() -> None:
    assert _first_cells(_REPORTS) == [row.reported for row in PRACTITIONERS]


def _first_cells(path: Path) -> list[str]:
    cells = re.findall(r"^\| (.*?) \|", path.read_text(encoding="utf-8"), re.MULTILINE)
    return cells[1:]
