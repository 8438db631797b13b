"""API groups that a stack's file says are installed reach the facts, on every target."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.checks import facts_of
from stacks.reading import read_whole_stack


@pytest.mark.parametrize("stack", ["dev", "aws", "gcp", "azure", "onprem"])
def test_every_target_can_name_api_groups_that_somebody_installs(project: Path, stack: str) -> None:
    settings = read_whole_stack(project, stack)
    target = settings.target.model_copy(update={"apis": ("example.com",)})
    before = facts_of(project, settings).apis
    assert facts_of(project, settings.model_copy(update={"target": target})).apis == tuple(
        sorted({"example.com", *before})
    )
