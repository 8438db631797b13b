"""The stacks that a stack builds on, and the errors when some of them are not up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from components.contracts.errors import Problem, StrataError, nearest

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

    def misspelt(self, problem: Problem, known: Collection[str]) -> Problem:
        """The problem that it is not up, of a stack without a file in this project.

        Args:
            problem: The problem that it is not up.
            known: Stacks of the project.
        """
        near = nearest(self.stack, known)
        if not near:
            return problem
        other = "the stack of another project has to be up already, and is named organization/project/stack"
        return replace(problem, fix=f"did you mean {near!r}? If not: {other}")

    def of_another_kind(self, scope: str) -> Problem:
        """The problem that the stack holds something else.

        Args:
            scope: What it holds, as its file has it.
        """
        return Problem(
            field=self.field,
            cause=f"stack {self.stack} is of scope {scope} and holds no {self.field}",
            consequence=f"there would be no {self.field} to build on, however often it is brought up",
            fix=f"name a stack that holds a {self.field}",
        )

    def twice(self, layer: str) -> Problem:
        """The problem that the stack below brings what this one brings as well.

        Args:
            layer: What both hold.
        """
        return Problem(
            field=self.field,
            cause=f"stack {self.stack} holds a {layer} of its own",
            consequence="both would make objects of the same names in one cluster, and either would remove them",
            fix=f"name a stack of scope {self.field}",
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
