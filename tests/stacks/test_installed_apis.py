"""API groups that a stack's file says are installed reach the facts, on every target."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.clusters.existing.settings import ExistingTarget
from components.contracts.api_groups import KEDA, MONITORING
from stacks.checks import facts_of
from stacks.reading import read_whole_stack

EXISTING = {
    "kind": "existing",
    "name": "theirs",
    "kubeconfig": "kubeconfig",
    "kubernetes_version": "1.34.2",
    "storage": {"read_write_once": "gp3", "read_write_many": "efs"},
}


@pytest.mark.parametrize("stack", ["dev", "aws", "gcp", "azure", "onprem"])
def test_every_target_can_name_api_groups_that_somebody_installs(project: Path, stack: str) -> None:
    settings = read_whole_stack(project, stack)
    target = settings.target.model_copy(update={"apis": ("example.com",)})
    before = facts_of(project, settings).apis
    assert facts_of(project, settings.model_copy(update={"target": target})).apis == ("example.com", *before)


def test_the_switches_of_earlier_files_keep_working() -> None:
    def apis(**fields: object) -> tuple[str, ...]:
        return ExistingTarget.model_validate_json(json.dumps({**EXISTING, **fields})).apis

    assert apis() == ()
    assert apis(pod_monitors=True) == (MONITORING,)
    assert apis(scaled_objects=True, apis=["example.com"]) == ("example.com", KEDA)
