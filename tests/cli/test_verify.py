"""``strata verify``: what holds, what does not, and why."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Generator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import JsonValue

from cli.stack import LoadedStack, load_stack
from cli.verify.answers import Answers, ServerAnswer
from cli.verify.comparison import Finding, compare
from cli.verify.servers import ask_servers
from cli.verify.shown import as_json, show_findings
from stacks.layers.promises import (
    AllocatableDevices,
    AnsweringServer,
    BoundVolume,
    Promise,
    PublishedDevices,
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


def test_devices_that_are_claimed_are_counted_in_the_slices_of_their_driver() -> None:
    promise = PublishedDevices(pool="h100", selector=H100, driver="gpu.nvidia.com", per_node=2)

    def part(node: str, driver: str, devices: int) -> JsonValue:
        names: list[JsonValue] = [{"name": f"gpu-{number}"} for number in range(devices)]
        spec: dict[str, JsonValue] = {"driver": driver, "nodeName": node, "devices": names}
        return {"kind": "ResourceSlice", "metadata": {"name": f"{node}-{driver}"}, "spec": spec}

    whole = part("a", "gpu.nvidia.com", 2)
    assert found(promise, node("a"), whole).holds
    short = found(promise, node("a"), node("b"), whole, part("b", "compute-domain.nvidia.com", 2))
    assert not short.holds
    assert "b (0)" in short.seen
    assert "DRA driver" in short.seen
    assert not found(promise, node("a")).holds


def test_every_daemon_of_the_namespace_is_ready() -> None:
    promise = RunningDaemons(namespace="models")
    ready = placed("DaemonSet", "plugin", status={"desiredNumberScheduled": 2, "numberReady": 2})
    short = placed("DaemonSet", "other", status={"desiredNumberScheduled": 2, "numberReady": 1})
    assert found(promise, ready).holds
    assert "other 1 of 2" in found(promise, ready, short).seen
    assert not found(promise, ready, short).holds
    assert not found(promise).holds


def test_a_daemon_that_is_missing_among_several_is_named() -> None:
    promise = RunningDaemons(namespace="models", names=("plugin", "efa-plugin"))
    plugin = placed("DaemonSet", "plugin", status={"desiredNumberScheduled": 2, "numberReady": 2})
    lacking = found(promise, plugin)
    assert lacking.holds is False
    assert lacking.seen == "efa-plugin is not there; plugin 2 of 2"
    assert "with plugin and efa-plugin" in lacking.promise
    assert found(promise, plugin, placed("DaemonSet", "efa-plugin")).holds


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


@pytest.mark.parametrize(
    ("code", "holds"), [(200, True), (401, True), (404, True), (500, False), (503, False), (None, False)]
)
def test_a_server_has_to_answer(code: int | None, holds: bool) -> None:  # noqa: FBT001 - a column
    promise = AnsweringServer(namespace="models", service="qwen")
    said = ServerAnswer(namespace="models", service="qwen", code=code, text="as it was")
    (finding,) = compare([promise], Answers(items=[], servers=[said]))
    assert finding.holds is holds
    assert finding.seen == "as it was"
    assert "service/qwen" in finding.look


def test_a_server_that_nobody_could_ask_is_neither_well_nor_broken() -> None:
    (finding,) = compare([AnsweringServer(namespace="models", service="qwen")], Answers(items=[]))
    assert finding.holds is None
    assert finding.seen.startswith("not asked")


def test_servers_are_asked_where_one_node_is_a_machine() -> None:
    def answers(*annotations: dict[str, str]) -> Answers:
        nodes = [{"kind": "Node", "metadata": {"name": "a", "annotations": marks}} for marks in annotations]
        return Answers.model_validate({"items": nodes})

    fake = {"kwok.x-k8s.io/node": "fake"}
    assert not answers(fake).run_programs
    assert answers(fake, {}).run_programs


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that http.server calls
        self.send_response(200 if self.path == "/v1/models" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server passes
        del format, args


KUBECTL = """#!/bin/sh
echo "$@" > {log}
echo "{said}"
exec sleep 60
"""


@pytest.fixture
def port() -> Generator[int]:
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def forwarding(folder: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> LoadedStack:
    program = folder / "kubectl"
    program.write_text(KUBECTL.format(said=said, log=folder / "asked"))
    program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    return replace(load_stack("dev"), variables={**os.environ, "PATH": path})


def test_a_server_is_asked_through_a_forwarded_port(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = forwarding(tmp_path, f"Forwarding from 127.0.0.1:{port} -> 8000", monkeypatch)
    (answer,) = ask_servers(stack)
    assert (answer.service, answer.code, answer.text) == ("qwen2-7b", 200, "status 200")
    assert "--namespace=models service/qwen2-7b :http" in (tmp_path / "asked").read_text()


def test_what_kubectl_says_is_told_where_no_port_is_forwarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (answer,) = ask_servers(
        forwarding(tmp_path, "error: unable to forward port because pod is not running", monkeypatch)
    )
    assert answer.code is None
    assert answer.text.endswith("pod is not running")


def test_a_line_for_each_promise_says_how_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    show_findings(
        "dev",
        [
            Finding(promise="a", holds=True, seen="x"),
            Finding(promise="b", holds=False, seen="[y]", look="kubectl get b"),
            Finding(promise="c", holds=None, seen="not asked"),
        ],
    )
    assert capsys.readouterr().out.splitlines() == [
        "ok    a: x",
        "FAIL  b: [y]",
        "        look: kubectl get b",
        "-     c: not asked",
        "stack dev: 1 of 2 promises hold; 1 were not asked",
    ]


def test_programs_read_the_same_findings() -> None:
    findings = [Finding(promise="a", holds=False, seen="b", look="c"), Finding(promise="d", holds=None, seen="e")]
    assert json.loads(as_json(findings)) == [
        {"promise": "a", "holds": False, "seen": "b", "look": "c"},
        {"promise": "d", "holds": None, "seen": "e", "look": ""},
    ]
