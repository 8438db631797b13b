"""Checks of settings in memory, without the outputs of other stacks."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pydantic import BaseModel

from components.contracts.cluster_facts import ClusterFacts

from .definitions import OURS, Definitions
from .mode import Mode
from .project import stack_names
from .reading import file_of
from .stack import CheckedStack, OtherStacks
from .yaml_file import Value


def check_all(project: Path, settings: BaseModel, definitions: Definitions = OURS) -> CheckedStack:
    """The stack with its plans.

    Raises:
        StrataError: Every problem at once.
    """
    return definitions.stack(project, settings).check(files_only(project, definitions))


def files_only(project: Path, definitions: Definitions = OURS) -> OtherStacks:
    """Other stacks as their files in this project have them, as if none of them were up."""
    return OtherStacks(
        mode=Mode.SIMULATED,
        outputs=_nothing_is_up,
        file=partial(file_of, project, definitions=definitions),
        known=stack_names(project),
    )


def facts_of(project: Path, settings: BaseModel, definitions: Definitions = OURS) -> ClusterFacts:
    """What the settings tell of the cluster."""
    return definitions.stack(project, settings).facts(files_only(project, definitions))


def _nothing_is_up(_stack: str) -> Value:
    return None
