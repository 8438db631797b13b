"""The stacks that a stack builds on: whether they are up and fit together, asked before anything is declared.

The program asks the engine for their outputs and the command line asks the backend; both are answered here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

from components.contracts.errors import Problem, StrataError

from .mode import Mode, make_command
from .outputs import CLUSTER_FACTS, NAMESPACE, VOLUME_SOURCES, FoundationOutputs, foundation_of
from .settings import PlatformSettings, ServingSettings, StackSettings
from .yaml_file import Value

OutputsOf: TypeAlias = Callable[[str], Value]
"""The outputs of a stack by its name; None when there is no such stack."""


class PlatformOutputs(BaseModel):
    """What a platform hands to the stacks of model servers on it.

    Attributes:
        namespace: Namespace of the model servers.
        foundation: Stack of the cluster that it is on; None where an older version brought it up.
        catalog_size: Size of a catalog of its own, which only a stack with models has.
    """

    model_config = ConfigDict(extra="ignore")
    namespace: str
    foundation: str | None = None
    catalog_size: str | None = None


class NotUpError(StrataError):
    """Some stack below is not up, and nothing else is wrong.

    Attributes:
        foundation: What the foundation hands over, when that one is up.
    """

    def __init__(self, problems: Iterable[Problem], foundation: FoundationOutputs | None) -> None:
        super().__init__(problems)
        self.foundation = foundation


def ground_of(settings: PlatformSettings | ServingSettings, outputs_of: OutputsOf, mode: Mode) -> FoundationOutputs:
    """What the foundation hands over, once every stack below is up and they fit together.

    Args:
        settings: What the stack's file says.
        outputs_of: Outputs of the stacks below.
        mode: Whether they are real, so that people are told the right command.

    Raises:
        NotUpError: Some of them is not up.
        StrataError: They contradict each other or were brought up by another version; every problem at once.
    """
    foundation = _foundation(settings.foundation, outputs_of(settings.foundation), mode)
    platform = None
    if isinstance(settings, ServingSettings):
        platform = _platform(settings.platform, outputs_of(settings.platform), mode)
        problems = list(misfits(settings, platform)) if isinstance(platform, PlatformOutputs) else []
        if problems:
            raise StrataError(problems)
    missing = [each for each in (foundation, platform) if isinstance(each, Problem)]
    if isinstance(foundation, Problem):
        raise NotUpError(missing, None)
    if missing:
        raise NotUpError(missing, foundation)
    return foundation


def grounds_of(settings: StackSettings) -> tuple[str, ...]:
    """The stacks that have to be up before this one, in their order; those that links join need not be."""
    match settings:
        case PlatformSettings(foundation=foundation):
            return (foundation,)
        case ServingSettings(foundation=foundation, platform=platform):
            return tuple(dict.fromkeys((foundation, platform)))
        case _:
            return ()


def misfits(settings: ServingSettings, platform: PlatformOutputs) -> Iterator[Problem]:
    """Where a stack of model servers and its platform contradict each other."""
    if platform.namespace != settings.namespace:
        yield Problem(
            field="namespace",
            cause=f"is {settings.namespace!r}, but stack {settings.platform} made {platform.namespace!r}",
            consequence="the servers would run where nobody looks for them",
            fix=f"write strata:namespace: {platform.namespace}",
        )
    if platform.foundation and not is_same_stack(platform.foundation, settings.foundation):
        yield Problem(
            field="platform",
            cause=f"stack {settings.platform} is on the cluster of {platform.foundation}, not of {settings.foundation}",
            consequence="namespace, priorities and storage classes would be missing where the servers run",
            fix="name a platform and the foundation that it builds on",
        )
    if platform.catalog_size:
        yield Problem(
            field="platform",
            cause=f"stack {settings.platform} serves models itself",
            consequence="both would own the model catalog of the namespace, and either would remove it",
            fix="name a stack of scope platform, or add the models to that stack",
        )


def is_same_stack(one: str, other: str) -> bool:
    """Whether two names mean the same stack; either may leave out organization and project."""
    return all(a == b for a, b in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False))


def _foundation(name: str, outputs: Value, mode: Mode) -> FoundationOutputs | Problem:
    absent = _absent(outputs, CLUSTER_FACTS, VOLUME_SOURCES)
    return _not_up("foundation", name, absent, mode) if absent else foundation_of(name, json.dumps(outputs))


def _platform(name: str, outputs: Value, mode: Mode) -> PlatformOutputs | Problem:
    absent = _absent(outputs, NAMESPACE)
    return _not_up("platform", name, absent, mode) if absent else PlatformOutputs.model_validate(outputs)


def _absent(outputs: Value, *names: str) -> str | None:
    """What shows that a stack is not up; None when it hands over all of them."""
    if not isinstance(outputs, dict):
        return "there is no such stack"
    return next((f"it hands over no {name}" for name in names if name not in outputs), None)


def _not_up(field: str, name: str, cause: str, mode: Mode) -> Problem:
    return Problem(
        field=field,
        cause=f"stack {name} is not up: {cause}",
        consequence=f"there is no {field} to build on",
        fix=f"bring it up first: {make_command('up', name, mode)}",
    )
