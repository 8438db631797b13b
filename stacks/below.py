"""The stacks that a stack builds on, and the errors when some of them are not up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from components.contracts.errors import Problem, StrataError

from .mode import Mode, make_command
from .yaml_file import Value

OutputsOf: TypeAlias = Callable[[str], Value]
"""The outputs of a stack by its name; None when there is no such stack."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A stack that another one builds on.

    Attributes:
        field: Setting that names it, such as ``foundation``.
        stack: Its name.
        optional: Whether the stack comes up without it, with less in it.
    """

    field: str
    stack: str
    optional: bool = False

    def not_up(self, cause: str, mode: Mode) -> Problem:
        """The problem that it is not up.

        Args:
            cause: Why it counts as not up.
            mode: Whether it is real; decides which command the fix names.
        """
        return Problem(
            field=self.field,
            cause=f"stack {self.stack} is not up: {cause}",
            consequence=f"there is no {self.field} to build on",
            fix=f"bring it up first: {make_command('up', self.stack, mode)}",
        )


class NotUpError(StrataError):
    """Some stack below is not up, and nothing else is wrong.

    Attributes:
        lacks_cluster: Whether the stack that holds the cluster is among them.
    """

    def __init__(self, problems: Iterable[Problem], *, lacks_cluster: bool) -> None:
        super().__init__(problems)
        self.lacks_cluster = lacks_cluster


def missing_output(outputs: Value, names: Iterable[str]) -> str | None:
    """Why a stack counts as not up; None when it has all of these outputs."""
    if not isinstance(outputs, dict):
        return "there is no such stack"
    return next((f"it has no output {name}" for name in names if name not in outputs), None)
