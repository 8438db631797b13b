"""What the project's stacks promise of their clusters."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.checks import files_only
from stacks.layers.promises import AllocatableDevices, BoundVolume, ReadyEndpoints, ReadyNodes, ReadyReplicas
from stacks.reading import read_stack


@pytest.mark.parametrize("stack", ["dev", "aws", "gcp", "azure", "onprem"])
def test_a_whole_stack_promises_its_nodes_its_devices_and_its_servers(stack: str, project: Path) -> None:
    checked = read_stack(project, stack).stack.check(files_only(project))
    promises = checked.promises
    assert {type(promise) for promise in promises} >= {ReadyNodes, BoundVolume, ReadyReplicas, ReadyEndpoints}
    gpu_pools = {plan.pool for plan in checked.plans.values()}
    devices = {promise.pool for promise in promises if isinstance(promise, AllocatableDevices)}
    assert gpu_pools <= devices, "a pod would wait for GPUs that nobody promised"


def test_links_promise_nothing_of_a_cluster(project: Path) -> None:
    assert read_stack(project, "hybrid").stack.check(files_only(project)).promises == ()
