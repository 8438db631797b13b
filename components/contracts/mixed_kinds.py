"""Settings of one kind below another: ``kind: adopt`` with the zones of ``kind: create``.

Each of them would be an unknown setting, and what the kind needs be missing: up to a dozen problems of one cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .errors import Problem
from .validation import CONSEQUENCE, Location, render, tag_of, user_location

_ENOUGH = 2
"""Unknown settings from which on they are taken for those of another kind; one is rather misspelt."""


def mixed_kinds(root: type[BaseModel], details: Sequence[ErrorDetails]) -> tuple[list[Problem], list[ErrorDetails]]:
    """One problem for each place where the settings of two kinds are mixed, and the errors that remain.

    Args:
        root: Model that was validated.
        details: What pydantic found.
    """
    groups: defaultdict[Location, list[ErrorDetails]] = defaultdict(list)
    for detail in details:
        if detail["type"] in {"extra_forbidden", "missing"}:
            groups[detail["loc"][:-1]].append(detail)
    problems: list[Problem] = []
    remaining = list(details)
    for place, group in groups.items():
        problem = _problem(root, place, group)
        if problem:
            problems.append(problem)
            remaining = [detail for detail in remaining if detail not in group]
    return problems, remaining


def _problem(root: type[BaseModel], place: Location, group: Sequence[ErrorDetails]) -> Problem | None:
    unknown = [str(detail["loc"][-1]) for detail in group if detail["type"] == "extra_forbidden"]
    if len(unknown) < _ENOUGH or not place:
        return None
    path, _, models = user_location(root, place[:-1])
    own = next((model for model in models if tag_of(model) == place[-1]), None)
    other = next((model for model in models if model is not own and model.model_fields.keys() >= set(unknown)), None)
    if own is None or other is None:
        return None
    missing = [str(detail["loc"][-1]) for detail in group if detail["type"] == "missing"]
    also = f" and add {', '.join(missing)}" if missing else ""
    return Problem(
        field=f"{render(path)}.{unknown[0]}",
        cause=f"{', '.join(unknown)} belong to kind: {tag_of(other)}, and this is kind: {tag_of(own)}",
        consequence=CONSEQUENCE,
        fix=f"write kind: {tag_of(other)}, or remove {'them' if len(unknown) > 1 else 'it'}{also}",
    )
