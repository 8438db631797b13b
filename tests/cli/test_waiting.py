"""How long `up` waits for servers that an autoscaler makes after the run."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from cli import summary
from components.contracts.errors import StrataError
from stacks.layers.layer import Workload

if TYPE_CHECKING:
    from cli.stack import LoadedStack

LOADS = 600.0
CHAT = Workload(
    name="chat",
    namespace="models",
    selector="app.kubernetes.io/component=model-server",
    replicas=2,
    startup_seconds=LOADS,
    about="vllm bf16, TP1 on H100",
    endpoint="http://chat.models.svc:8000/v1",
)


def pod(name: str, *, node: str | None, ready: bool) -> dict[str, object]:
    conditions = [{"type": "Ready", "status": str(ready), "message": ""}]
    if node is None:
        conditions.append({"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"})
    return {
        "metadata": {"name": name, "labels": {"app.kubernetes.io/instance": "chat"}},
        "spec": {"nodeName": node, "containers": []},
        "status": {"conditions": conditions},
    }


def waited(monkeypatch: pytest.MonkeyPatch, second_ready_after: float | None, *, placed: bool = True) -> float:
    """Seconds until two servers are there, of which the second one loads for so long; None has none made."""
    clock = [0.0]

    def run(*_arguments: object, **_options: object) -> SimpleNamespace:
        pods = [pod("one", node="gpu-0", ready=True)]
        if second_ready_after is not None:
            pods.append(pod("two", node="gpu-1" if placed else None, ready=clock[0] >= second_ready_after))
        return SimpleNamespace(returncode=0, stdout=json.dumps({"items": pods}), stderr="")

    def kubectl(*_words: object) -> list[str]:
        return ["kubectl"]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(summary.subprocess, "run", run)
    monkeypatch.setattr(summary.time, "sleep", sleep)
    monkeypatch.setattr(summary.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(summary, "_kubectl", kubectl)
    stack = cast("LoadedStack", SimpleNamespace(workloads=[CHAT], variables={}, name="lab"))
    try:
        summary.wait_for_workloads(stack)
    except StrataError:
        return -clock[0]
    return clock[0]


def test_a_server_that_loads_is_waited_for_as_long_as_the_plan_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, 300) == 300
    assert -LOADS - 62 < waited(monkeypatch, LOADS * 3) < -LOADS


def test_a_server_without_a_node_or_one_that_nobody_makes_is_waited_for_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert -62 < waited(monkeypatch, 300, placed=False) < -59
    assert -62 < waited(monkeypatch, None) < -59
