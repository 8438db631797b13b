"""The hosts of a pool, a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pulumi
import pytest
from pulumi_command.remote import ConnectionArgs

from components.clusters.kubeadm import connections, node_pool
from components.clusters.kubeadm.settings import KubeadmTarget
from stacks.reading import read_whole_stack
from stacks.recording import record


def test_a_host_is_invited_when_it_is_its_turn(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    awaited: dict[str, list[str]] = {}

    def ask(
        name: str,
        connection: ConnectionArgs,
        question: pulumi.Input[str],
        parent: pulumi.Resource,
        after: Sequence[pulumi.Resource] = (),
    ) -> pulumi.Output[str]:
        awaited[name] = [resource.pulumi_resource_name for resource in after]
        return connections.ask(name, connection, question, parent, after)

    monkeypatch.setattr(node_pool, "ask", ask)
    settings = read_whole_stack(project, "onprem")
    assert isinstance(settings.target, KubeadmTarget)
    one_by_one = settings.target.model_copy(update={"workers_at_once": 1})
    record(project, settings.model_copy(update={"target": one_by_one, "models": ()}), {}, "onprem")
    for earlier, later in zip(one_by_one.workers, one_by_one.workers[1:], strict=False):
        if earlier.pool == later.pool:
            assert f"{earlier.name}-member" in awaited[f"{later.name}-invitation"], "its token would have ended by then"
            assert f"{later.name}-prepared" in awaited[f"{later.name}-invitation"]
