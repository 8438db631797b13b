"""What an option of an engine takes, and whether a text is that: known before a server is started with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ...contracts.errors import nearest
from ...contracts.shown_text import excerpt
from ...planner.catalogs.table import Row, number, read_rows, words, yes

_SIZE = re.compile(r"\d+(\.\d+)?[kmgt]|\d+[KMGT]|[+-]?\d+(_\d+)*")
_SHOWN_CHOICES = 12
_SWITCHED = frozenset({"0", "1", "false", "true", "f", "t", "no", "yes", "n", "y", "off", "on"})


class ValueForm(StrEnum):
    """How an engine reads the value of an option."""

    SWITCH = "switch"
    """None; it is on as ``--name`` and off as ``--no-name``."""
    SET = "set"
    """None, and it cannot be negated."""
    INTEGER = "integer"
    SIZE = "size"
    """A whole number that may end in k, M, G and the like."""
    NUMBER = "number"
    CHOICE = "choice"
    OBJECT = "object"
    """A JSON object."""
    ARRAY = "array"
    """A JSON list."""
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class OptionValue:
    """What an option, or a key of an option that takes an object, may be given.

    Attributes:
        choices: Every value of a choice.
        fold: ``lower`` or ``upper`` where the engine ignores case; ``lower`` takes hyphens for underscores too.
        optional: Whether nothing or ``None`` means that it is unset.
        least: Lowest number.
        above: Number that it has to exceed.
        most: Highest number.
        below: Number that it has to stay under.
    """

    form: ValueForm
    choices: tuple[str, ...] = ()
    fold: str = ""
    optional: bool = False
    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None

    @property
    def takes_none(self) -> bool:
        """Whether it is written without a value."""
        return self.form in {ValueForm.SWITCH, ValueForm.SET}

    @property
    def wanted(self) -> str:
        """What belongs there, in words."""
        match self.form:
            case ValueForm.CHOICE:
                more = len(self.choices) - _SHOWN_CHOICES
                listed = ", ".join(self.choices[:_SHOWN_CHOICES])
                return f"one of {listed}" + (f" and {more} more" if more > 0 else "")
            case ValueForm.INTEGER | ValueForm.SIZE:
                return f"a whole number{self._range}"
            case ValueForm.NUMBER:
                return f"a number{self._range}"
            case ValueForm.OBJECT:
                return "a JSON object"
            case ValueForm.ARRAY:
                return "a JSON list"
            case ValueForm.SWITCH | ValueForm.SET:
                return "true or false"
            case ValueForm.TEXT:
                return "a text"

    @property
    def _range(self) -> str:
        bounds = (("from", self.least), ("above", self.above), ("up to", self.most), ("below", self.below))
        return "".join(f" {word} {bound:g}" for word, bound in bounds if bound is not None)

    @property
    def example(self) -> str:
        """A value that the engine takes."""
        match self.form:
            case ValueForm.CHOICE:
                return self.choices[0]
            case ValueForm.INTEGER | ValueForm.SIZE:
                return f"{self.least or (0 if self.above is None else self.above + 1):g}"
            case ValueForm.NUMBER:
                return f"{self.least or self.most or 0.5:g}"
            case ValueForm.OBJECT:
                return "{}"
            case ValueForm.ARRAY:
                return '["*"]'
            case ValueForm.SWITCH | ValueForm.SET:
                return "true"
            case ValueForm.TEXT:
                return "…"

    def near(self, text: str) -> str | None:
        """The choice that was probably meant."""
        return nearest(self._folded(text)[:100], self.choices) if self.choices else None

    def fault(self, text: str) -> str | None:
        """Why the engine would not take this text, for example ``'x' is no whole number``; None if it would."""
        if self.optional and text in {"", "None"}:
            return None
        quoted = repr(excerpt(text)) if text else "an empty value"
        match self.form:
            case ValueForm.CHOICE:
                return None if self._folded(text) in self.choices else f"{quoted} is not {self.wanted}"
            case ValueForm.INTEGER | ValueForm.SIZE | ValueForm.NUMBER:
                found = _number(text, self.form)
                return None if found is not None and self._holds(found) else f"{quoted} is not {self.wanted}"
            case ValueForm.OBJECT | ValueForm.ARRAY:
                return self._json_fault(text, quoted)
            case ValueForm.SWITCH | ValueForm.SET:
                return None if text.lower() in _SWITCHED else f"{quoted} is not {self.wanted}"
            case ValueForm.TEXT:
                return None

    def _json_fault(self, text: str, quoted: str) -> str | None:
        try:
            found: object = json.loads(text)
        except (ValueError, RecursionError):
            return f"{quoted} is no JSON"
        wanted = dict if self.form is ValueForm.OBJECT else list
        return None if isinstance(found, wanted) else f"{quoted} is not {self.wanted}"

    def _folded(self, text: str) -> str:
        match self.fold:
            case "upper":
                return text.upper()
            case "lower":
                return text.lower().replace("-", "_")
            case _:
                return text

    def _holds(self, found: float) -> bool:
        return (
            (self.least is None or found >= self.least)
            and (self.above is None or found > self.above)
            and (self.most is None or found <= self.most)
            and (self.below is None or found < self.below)
        )


def _number(text: str, form: ValueForm) -> float | None:
    """The number that Python, and so an engine written in it, reads; None where it reads none."""
    if form is ValueForm.SIZE and _SIZE.fullmatch(text) and text[-1].isalpha():
        return float(text[:-1])
    try:
        return float(text) if form is ValueForm.NUMBER else float(int(text))
    except (ValueError, OverflowError):
        return None


def read_values(path: Path) -> Mapping[tuple[str, str], OptionValue]:
    """What each option takes, by its name and, inside of an object, its key.

    Args:
        path: A table with a row for each.
    """
    return {(row["option"], row["key"]): _value(row) for row in read_rows(path)}


def _value(row: Row) -> OptionValue:
    return OptionValue(
        form=ValueForm(row["form"]),
        choices=words(row["choices"]),
        fold=row["fold"],
        optional=yes(row["optional"]),
        least=number(row["least"]),
        above=number(row["above"]),
        most=number(row["most"]),
        below=number(row["below"]),
    )
