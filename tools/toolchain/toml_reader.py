"""Typed reading of TOML tables.

Owns turning what `tomllib` returns into the types that the manifest wants, naming the place of every mistake. It
deliberately knows no key of `versions.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from .errors import ToolchainError


class Table:
    """A TOML table that remembers its path and which of its keys were read."""

    def __init__(self, place: str, value: object) -> None:
        if not isinstance(value, dict):
            raise mistake(place, "a table is expected here")
        self._place = place
        self._values: Mapping[str, object] = cast("Mapping[str, object]", value)
        self._read: set[str] = set()

    def _get(self, key: str) -> object:
        self._read.add(key)
        return self._values.get(key)

    def place(self, key: str) -> str:
        """Where a key stands, for a message."""
        return f"{self._place}.{key}" if self._place else key

    def text(self, key: str, default: str | None = None) -> str:
        """A string."""
        value = self._get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise mistake(self.place(key), "a string is expected here")
        return value

    def integer(self, key: str) -> int:
        """A whole number."""
        value = self._get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise mistake(self.place(key), "a whole number is expected here")
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise mistake(self.place(key), "true or false is expected here")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings."""
        value = self._get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, list):
            raise mistake(self.place(key), "a list of strings is expected here")
        items = cast("list[object]", value)
        if not all(isinstance(item, str) for item in items):
            raise mistake(self.place(key), "a list of strings is expected here")
        return tuple(str(item) for item in items)

    def text_map(self, key: str) -> dict[str, str]:
        """A table of strings; empty when absent."""
        value = self._get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise mistake(self.place(key), "a table of strings is expected here")
        items = cast("Mapping[str, object]", value)
        if not all(isinstance(item, str) for item in items.values()):
            raise mistake(self.place(key), "a table of strings is expected here")
        return {name: str(item) for name, item in items.items()}

    def table(self, key: str) -> Table | None:
        """A sub-table, if there is one."""
        value = self._get(key)
        return None if value is None else Table(self.place(key), value)

    def named_tables(self, key: str) -> dict[str, Table]:
        """Sub-tables by name, in the order of the file."""
        value = self._get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise mistake(self.place(key), "tables are expected here")
        items = cast("Mapping[str, object]", value)
        return {name: Table(f"{self.place(key)}.{name}", item) for name, item in items.items()}

    def finish(self) -> None:
        """Refuses keys that nobody read: a misspelt key would otherwise be ignored."""
        unknown = sorted(set(self._values) - self._read)
        if unknown:
            raise mistake(self.place(unknown[0]), f"unknown key; known here: {', '.join(sorted(self._read))}")


def mistake(place: str, cause: str) -> ToolchainError:
    """The error for a wrong entry in `tools/versions.toml`."""
    return ToolchainError(
        field=f"tools/versions.toml: {place}",
        cause=cause,
        consequence="nothing is installed, because the wrong program could be",
        fix="correct the entry; git log tools/versions.toml shows what it was",
    )
