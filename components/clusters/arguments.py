"""Arguments of cluster components, checked before anything is registered.

Owns how a wrong argument is reported: as the problems that the settings of a stack would have, under the
names that a program uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import pulumi

from ..contracts.errors import Problem, StrataError, raise_problems

_Settings = TypeVar("_Settings")
_SETTINGS_CLASS = re.compile(r"^[A-Z]\w*\.")
"""The class of the settings that arguments become; a program does not name it."""


def checked(
    build: Callable[[], _Settings], argument: str | None = None, names: Mapping[str, str] | None = None
) -> _Settings:
    """What ``build`` makes of arguments.

    Args:
        build: Makes settings out of the arguments.
        argument: The argument that all of them belong to, such as ``network``.
        names: Name of an argument by the path of its setting, where they differ.

    Raises:
        StrataError: for every argument that does not have the form that settings have.
    """
    try:
        return build()
    except StrataError as error:
        above = f"{argument}." if argument else ""
        raise StrataError(
            replace(problem, field=_named(above + _SETTINGS_CLASS.sub("", problem.field), names or {}))
            for problem in error.problems
        ) from None


def refuse(problems: Iterable[Problem], admins: Iterable[str] = (), names: Mapping[str, str] | None = None) -> None:
    """Return when there is no problem.

    Args:
        problems: What the rules say of the settings that arguments became.
        admins: Names of the administrators, of whom settings have a list.
        names: Name of an argument by the path of its setting, where they differ.

    Raises:
        StrataError: every problem at once, with paths of arguments in place of paths of settings.
    """
    named = list(admins)
    raise_problems(
        replace(problem, field=_argument(_named(problem.field.removeprefix("target."), names or {}), named))
        for problem in problems
    )


def _named(path: str, names: Mapping[str, str]) -> str:
    for setting, argument in names.items():
        if re.match(rf"{re.escape(setting)}(?![\w])", path):
            return argument + path.removeprefix(setting)
    return path


def _argument(path: str, admins: Sequence[str]) -> str:
    path = re.sub(r"^node_pools\b", "pools", path)
    path = re.sub(r"^(tags|labels)\.(.+)$", lambda found: f"{found[1]}[{found[2]!r}]", path)
    return re.sub(r"^admins\[(\d+)\]", lambda found: f"admins[{admins[int(found[1])]!r}]" if admins else found[0], path)


def known(subject: str, identifier: pulumi.Input[str]) -> str | None:
    """The id where it is plain text; None where it is another resource's output, and a line that says what is left out.

    Args:
        subject: What the account would be asked about, such as ``the subnet of us-east-2a``.
        identifier: The id.
    """
    if isinstance(identifier, str):
        return identifier
    pulumi.info(f"not asked: {subject} is not known yet")
    return None


def ownership_tags(cluster: str) -> Mapping[str, str]:
    """Tags by which everything that belongs to a cluster is found."""
    return {"strata.dev/cluster": cluster, "strata.dev/stack": pulumi.get_stack()}
