"""Versions and the ranges of them that are compatible.

Owns parsing and comparing `1.34.2` with `>=1.34,<1.35`. It deliberately ignores pre-release and build marks: a vendor's
`1.34.2-dispatcher` behaves as 1.34.2 for every rule in `versions.toml`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import total_ordering

_NUMBER = re.compile(r"v?(\d+(?:\.\d+)*)")
_CONDITION = re.compile(r"\s*(>=|<=|==|>|<)\s*(\d+(?:\.\d+)*)\s*")
_COMPARISONS: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


@total_ordering
@dataclass(frozen=True)
class Version:
    """Release numbers without trailing zeros, so that 1.34 equals 1.34.0."""

    numbers: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """The version that `text` starts with, or None when there is none."""
        match = _NUMBER.match(text.strip())
        if match is None:
            return None
        numbers = [int(part) for part in match.group(1).split(".")]
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers.pop()
        return cls(tuple(numbers))

    def __lt__(self, other: Version) -> bool:
        return self.numbers < other.numbers

    def __str__(self) -> str:
        return ".".join(str(number) for number in self.numbers)


@dataclass(frozen=True)
class VersionRange:
    """Conditions that must all hold, as in `>=3.255,<4`."""

    text: str
    conditions: tuple[tuple[str, Version], ...]

    @classmethod
    def parse(cls, text: str) -> VersionRange:
        """Raises ValueError when `text` is not a comma-separated list of conditions."""
        conditions: list[tuple[str, Version]] = []
        for part in text.split(","):
            match = _CONDITION.fullmatch(part)
            bound = Version.parse(match.group(2)) if match else None
            if match is None or bound is None:
                raise ValueError(f"{part.strip()!r} is not a condition such as >=1.34")
            conditions.append((match.group(1), bound))
        return cls(text, tuple(conditions))

    def accepts(self, version: Version) -> bool:
        """Whether all conditions hold."""
        return all(_COMPARISONS[sign](version, bound) for sign, bound in self.conditions)
