"""What a single property may be.

Owns the small vocabulary that tables are written in. Each rule says what is wrong, in the words of
the provider's own validation where it has some.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .values import Value


class Rule(Protocol):
    """A condition on one value."""

    def problem(self, value: Value) -> str | None:
        """What is wrong with it; None when nothing is."""
        ...


@dataclass(frozen=True, init=False)
class OneOf:
    """A closed list of texts or numbers."""

    values: tuple[str | int, ...]

    def __init__(self, *values: str | int) -> None:
        object.__setattr__(self, "values", values)

    def problem(self, value: Value) -> str | None:
        """What is wrong with it."""
        if value in self.values:
            return None
        return f"expected to be one of [{' '.join(str(choice) for choice in self.values)}], got {value}"


@dataclass(frozen=True)
class Pattern:
    """Texts of a form."""

    form: str
    says: str = ""

    def problem(self, value: Value) -> str | None:
        """What is wrong with it."""
        if isinstance(value, str) and re.fullmatch(self.form, value):
            return None
        return f"invalid value {value!r} ({self.says or f'must match regular expression {self.form}'})"


@dataclass(frozen=True)
class Between:
    """Numbers of a range, both ends included; texts by their length."""

    low: float
    high: float

    def problem(self, value: Value) -> str | None:
        """What is wrong with it."""
        if isinstance(value, str):
            inside = self.low <= len(value) <= self.high
            return None if inside else f"expected length to be in the range ({self.low} - {self.high}), got {value!r}"
        if isinstance(value, int | float) and self.low <= value <= self.high:
            return None
        return f"expected to be in the range ({self.low} - {self.high}), got {value}"


@dataclass(frozen=True)
class Cidr:
    """IPv4 networks without host bits, of an allowed size."""

    shortest: int = 0
    longest: int = 32

    def problem(self, value: Value) -> str | None:
        """What is wrong with it."""
        try:
            network = ipaddress.IPv4Network(value if isinstance(value, str) else "")
        except ValueError as error:
            return f"{value!r} is not a valid IPv4 CIDR block: {error}"
        if self.shortest <= network.prefixlen <= self.longest:
            return None
        return f"expected {value!r} to contain a network Value with between {self.shortest} and {self.longest} bits"


@dataclass(frozen=True)
class JsonText:
    """Texts that hold a JSON object."""

    def problem(self, value: Value) -> str | None:
        """What is wrong with it."""
        if isinstance(value, dict):
            return None
        try:
            held: object = json.loads(value if isinstance(value, str) else "")
        except ValueError as error:
            return f"contains an invalid JSON: {error}"
        return None if isinstance(held, dict) else "contains invalid JSON: not an object"


@dataclass(frozen=True)
class MapOf:
    """Maps such as tags and labels.

    Attributes:
        entry: What is wrong with a key and its value; None when nothing is.
        most: How many entries there may be.
        noun: What an entry is called.
    """

    entry: Callable[[str, Value], str | None]
    most: int
    noun: str

    def problem(self, value: Value) -> str | None:
        """What is wrong with it."""
        if not isinstance(value, dict):
            return "expected a map"
        wrong = next((found for key, entry in value.items() if (found := self.entry(key, entry))), None)
        return wrong or (f"more than {self.most} {self.noun}s" if len(value) > self.most else None)
