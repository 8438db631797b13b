"""Typed access to JSON whose shape is not ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

# Checkpoints have less than 10^14 bytes, and everything else in a config.json is far smaller.
_LARGEST = 10**14


class JsonObject:
    """A JSON object; a missing or wrongly typed member reads as zero, empty or the default."""

    def __init__(self, members: Mapping[str, object]) -> None:
        self._members = members

    @classmethod
    def parse(cls, text: str) -> JsonObject:
        """Read a JSON object; ValueError when the text is something else."""
        try:
            value: object = json.loads(text)
        except RecursionError as error:
            raise ValueError("is nested too deeply") from error
        if not isinstance(value, dict):
            raise ValueError("is not a JSON object")
        return cls(cast("Mapping[str, object]", value))

    def __bool__(self) -> bool:
        return bool(self._members)

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self._members.get(name) is not None

    def section(self, name: str) -> JsonObject:
        """A nested object; an empty one when there is none."""
        value = self._members.get(name)
        return JsonObject(cast("Mapping[str, object]", value) if isinstance(value, dict) else {})

    def sections(self) -> list[JsonObject]:
        """All nested objects, in the order of the file."""
        return [self.section(name) for name, value in self._members.items() if isinstance(value, dict)]

    def objects(self, name: str) -> list[JsonObject]:
        """The objects of a list."""
        return [JsonObject(cast("Mapping[str, object]", item)) for item in self._items(name) if isinstance(item, dict)]

    def names(self) -> list[str]:
        """Names of members that hold something: not null, false, zero or empty."""
        return [name for name, value in self._members.items() if value]

    def is_scalar_text(self, name: str) -> bool:
        """Whether the member is a text, a truth value or a fraction, none of which is a size."""
        value = self._members.get(name)
        return isinstance(value, (str, bool, float))

    def fraction(self, name: str) -> float:
        """A number that need not be whole; 0 when there is none."""
        value = self._members.get(name)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0

    def whole(self, *names: str) -> int:
        """The first of the members that is a whole number other than 0; 0 when none is.

        Raises ValueError for a negative number and for one larger than any size in a model.
        """
        for name in names:
            value = self._members.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and value:
                if not 0 < value <= _LARGEST:
                    raise ValueError(f"{name} is {str(value)[:20]}, which is not a size")
                return value
        return 0

    def text(self, name: str) -> str:
        """A text; empty when there is none."""
        value = self._members.get(name)
        return value if isinstance(value, str) else ""

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A truth value."""
        value = self._members.get(name)
        return value if isinstance(value, bool) else default

    def texts(self, name: str) -> list[str]:
        """The texts of a list."""
        return [item for item in self._items(name) if isinstance(item, str)]

    def wholes(self, name: str) -> list[int]:
        """The whole numbers of a list."""
        return [item for item in self._items(name) if isinstance(item, int)]

    def _items(self, name: str) -> list[object]:
        value = self._members.get(name)
        return cast("list[object]", value) if isinstance(value, list) else []
