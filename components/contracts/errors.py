"""The one exception that users see.

Owns the shape of a user-facing problem and how several of them print together. It does not
decide how a program ends: the command line and ``__main__`` do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .shown_text import shown


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that a user has to change.

    Whatever was quoted in its texts is shown without secrets and control characters.

    Attributes:
        field: Path of the setting, such as ``models[1].gpu``, or the thing that is wrong.
        cause: What is wrong, quoting the value found.
        consequence: What would have happened.
        fix: The change or the command that fixes it.
    """

    field: str
    cause: str
    consequence: str
    fix: str

    def __post_init__(self) -> None:
        for name in ("field", "cause", "consequence", "fix"):
            object.__setattr__(self, name, shown(getattr(self, name)))

    def __str__(self) -> str:
        return f"{self.field}: {self.cause}\n    consequence: {self.consequence}\n    fix: {self.fix}"


class StrataError(Exception):
    """Everything that is wrong with a user's request, all problems at once."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def of(cls, field: str, *, cause: str, consequence: str, fix: str) -> StrataError:
        """An error with a single problem."""
        return cls([Problem(field=field, cause=cause, consequence=consequence, fix=fix)])


def raise_problems(problems: Iterable[Problem]) -> None:
    """Raise all problems at once; return when there are none.

    Raises:
        StrataError: All of them.
    """
    found = list(problems)
    if found:
        raise StrataError(found)


def nearest(value: str, choices: Iterable[str]) -> str | None:
    """The choice that a user most likely meant by ``value``, or None when nothing is near."""
    by_folded = {choice.casefold(): choice for choice in choices}
    matches = difflib.get_close_matches(value.casefold(), by_folded, n=1, cutoff=0.55)
    return by_folded[matches[0]] if matches else None


def duplicate_names(path: str, names: Iterable[str]) -> Iterator[Problem]:
    """One problem for each entry of a list whose name an earlier entry has.

    Args:
        path: Path of the list, such as ``models``.
        names: Names of its entries, in order.
    """
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in first:
            yield Problem(
                field=f"{path}[{index}].name",
                cause=f"{name!r} is the name of {path}[{first[name]}] too",
                consequence="one would silently replace the other",
                fix="give one of them another name",
            )
        first.setdefault(name, index)
