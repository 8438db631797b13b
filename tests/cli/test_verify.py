"""``strata verify``: what holds, what does not, and why."""

from __future__ import annotations

import json

from pydantic import JsonValue

from cli.verify.answers import Answers
from cli.verify.comparison import Finding, compare
from cli.verify.shown import as_json
from stacks.layers.promises import (
    AllocatableDevices,
    BoundVolume,
    Promise,
    ReadyEndpoints,
    ReadyNodes,
    ReadyReplicas,
    RunningDaemons,
)

H100 = {"strata.dev/pool": "h100"}


def node(name: str, *, ready: bool = True, gpus: str | None = "8") -> JsonValue:
    return {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {"name": name, "labels": {**H100, "kubernetes.io/hostname": name}},
        "status": {
            "allocatable": {"nvidia.com/gpu": gpus} if gpus else {},
            "conditions": [{"type": "Ready", "status": "True" if ready else "Unknown"}],
        },
    }


def placed(kind: str, name: str, **parts: JsonValue) -> JsonValue:
    return {"kind": kind, "metadata": {"name": name, "namespace": "models"}, **parts}


def found(promise: Promise, *items: JsonValue) -> Finding:
    (finding,) = compare([promise], Answers.model_validate_json(json.dumps({"kind": "List", "items": list(items)})))
    return finding


def test_nodes_have_to_be_ready_and_of_the_pool() -> None:
    promise = ReadyNodes(pool="h100", selector=H100, count=2)
    assert found(promise, node("a"), node("b")).holds
    assert not found(promise, node("a")).holds
    waiting = found(promise, node("a"), node("b", ready=False))
    assert not waiting.holds
    assert "not yet: b" in waiting.seen
    assert "strata.dev/pool=h100" in waiting.look


def test_a_node_without_its_devices_is_named_with_what_is_missing() -> None:
    promise = AllocatableDevices(pool="h100", selector=H100, resource="nvidia.com/gpu", per_node=8)
    assert found(promise, node("a"), node("b")).holds
    without = found(promise, node("a"), node("b", gpus=None), node("c", gpus="4"))
    assert not without.holds
    assert "b (0), c (4)" in without.seen
    assert "advertises" in without.seen
    assert not found(promise).holds, "a pool without nodes offers nothing"


def test_every_daemon_of_the_namespace_is_ready() -> None:
    promise = RunningDaemons(namespace="models")
    ready = placed("DaemonSet", "plugin", status={"desiredNumberScheduled": 2, "numberReady": 2})
    short = placed("DaemonSet", "other", status={"desiredNumberScheduled": 2, "numberReady": 1})
    assert found(promise, ready).holds
    assert "other 1 of 2" in found(promise, ready, short).seen
    assert not found(promise, ready, short).holds
    assert not found(promise).holds


def test_a_claim_has_to_be_bound() -> None:
    promise = BoundVolume(namespace="models", claim="catalog")
    assert found(promise, placed("PersistentVolumeClaim", "catalog", status={"phase": "Bound"})).holds
    assert (
        found(promise, placed("PersistentVolumeClaim", "catalog", status={"phase": "Pending"})).seen == "it is Pending"
    )
    assert not found(promise).holds


def test_the_schedulers_reason_is_told_where_servers_are_missing() -> None:
    promise = ReadyReplicas(namespace="models", name="qwen", count=2)
    server = placed("Deployment", "qwen", status={"availableReplicas": 1})
    pod: JsonValue = {
        "kind": "Pod",
        "metadata": {"name": "qwen-1", "namespace": "models", "labels": {"app.kubernetes.io/instance": "qwen"}},
        "status": {
            "conditions": [{"type": "PodScheduled", "status": "False", "message": "Insufficient nvidia.com/gpu"}]
        },
    }
    short = found(promise, server, pod)
    assert not short.holds
    assert short.seen == "1 are available; Insufficient nvidia.com/gpu"
    assert found(promise, placed("Deployment", "qwen", status={"availableReplicas": 3})).holds


def test_a_service_needs_an_address_that_is_ready() -> None:
    promise = ReadyEndpoints(namespace="models", service="qwen")

    def part(*, ready: bool) -> JsonValue:
        labels = {"kubernetes.io/service-name": "qwen"}
        return {
            "kind": "EndpointSlice",
            "metadata": {"name": "qwen-1", "namespace": "models", "labels": dict(labels)},
            "endpoints": [{"conditions": {"ready": ready}}],
        }

    assert found(promise, part(ready=True)).holds
    assert not found(promise, part(ready=False)).holds


def test_programs_read_the_same_findings() -> None:
    finding = Finding(promise="a", holds=False, seen="b", look="c")
    assert json.loads(as_json([finding])) == [{"promise": "a", "holds": False, "seen": "b", "look": "c"}]
