"""KEDA's own operator and adapter scale a model by what Prometheus answers, through Kubernetes' own HPA controller."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from simulation.control_plane.control_plane import ControlPlane
from tests.services.keda_processes import KedaProcesses
from tests.simulation.kube import Kube

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("keda-operator") and shutil.which("keda-adapter")),
        reason="KEDA's programs are not there; make toolchain-live builds them, in some minutes",
    ),
]
QUERY = 'sum(vllm:num_requests_waiting{model_name="chat"})'


@dataclass
class Waiting:
    """A Prometheus that answers one number to every query, or nothing."""

    value: float | None = 0
    asked: set[str] = field(default_factory=set[str])

    def answer(self, query: str) -> bytes:
        self.asked.add(query)
        series: dict[str, object] = {"metric": {}, "value": [time.time(), str(self.value)]}
        data = {"resultType": "vector", "result": [] if self.value is None else [series]}
        return json.dumps({"status": "success", "data": data}).encode()


@pytest.fixture(scope="module")
def waiting() -> Waiting:
    return Waiting()


@pytest.fixture(scope="module")
def prometheus(waiting: Waiting) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlparse(self.path)
            if asked.path != "/api/v1/query":
                self.send_error(404)
                return
            body = waiting.answer(parse_qs(asked.query)["query"][0])
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: pytest shows what failed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def kube(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    state = tmp_path_factory.mktemp("keda")
    (state / "bin").symlink_to(project / ".strata" / "bin")
    plane = ControlPlane("keda", state, is_bare=True)
    try:
        plane.start()
        yield Kube(project, plane)
    finally:
        plane.delete()


@pytest.fixture(scope="module")
def scaled(kube: Kube, prometheus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A Deployment, KEDA and the model's ScaledObject, with KEDA's programs at work."""
    template = {
        "metadata": {"labels": {"app": "chat"}},
        "spec": {"containers": [{"name": "server", "image": "example.com/server:1"}]},
    }
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "chat"}}, "template": template}
    kube.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "chat"}, "spec": spec})
    folder = tmp_path_factory.mktemp("program")
    up(kube, folder, prometheus)
    with KedaProcesses(kube, folder).running():
        yield kube


def up(kube: Kube, folder: Path, prometheus: str) -> None:
    (folder / "backend").mkdir()
    virtualenv = kube.project / ".venv"
    (folder / "Pulumi.yaml").write_text(f"name: k\nruntime: {{name: python, options: {{virtualenv: {virtualenv}}}}}\n")
    (folder / "__main__.py").write_text((kube.project / "tests/services/keda_program.py").read_text())
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "keda",
        "PYTHONPATH": str(kube.project),
        "KUBECONFIG": str(kube.plane.kubeconfig),
        "CHARTS": str(kube.project / ".strata" / "charts"),
        "PROMETHEUS": prometheus,
    }
    for command in (("stack", "init", "lab"), ("up", "--yes", "--skip-preview")):
        done = subprocess.run(
            ["pulumi", *command, "--non-interactive"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def replicas(kube: Kube) -> str:
    return kube.path("deployment", "chat", ".spec.replicas")


def condition(kube: Kube, kind: str, name: str, wanted: str) -> str:
    return kube.path(kind, name, f'.status.conditions[?(@.type=="{wanted}")].status')


def has_metric(kube: Kube) -> str:
    return condition(kube, "hpa", "keda-hpa-chat", "ScalingActive")


def test_the_operator_makes_an_hpa_of_the_scaled_object(scaled: Kube, waiting: Waiting) -> None:
    kube = scaled
    kube.until(lambda: condition(kube, "scaledobject", "chat", "Ready") == "True", "the ScaledObject is ready", 90)
    hpa = json.loads(kube.run("get", "hpa", "keda-hpa-chat", "-o", "json"))["spec"]
    assert (hpa["minReplicas"], hpa["maxReplicas"]) == (2, 4)
    assert hpa["metrics"][0]["external"]["target"] == {"type": "AverageValue", "averageValue": "8"}
    assert hpa["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 0
    kube.until(
        lambda: condition(kube, "hpa", "keda-hpa-chat", "ScalingActive") == "True", "the HPA gets its metric", 90
    )
    assert waiting.asked == {QUERY}


def test_requests_that_wait_bring_replicas_and_go_with_them(scaled: Kube, waiting: Waiting) -> None:
    kube = scaled
    waiting.value = 30
    kube.until(lambda: replicas(kube) == "4", "30 requests that wait are four times eight", 90)
    waiting.value = 0
    kube.until(lambda: replicas(kube) == "2", "the plan's number is the smallest", 90)


def test_an_answer_of_nothing_keeps_the_replicas_and_is_said(scaled: Kube, waiting: Waiting) -> None:
    kube = scaled
    waiting.value = 30
    kube.until(lambda: replicas(kube) == "4", "four are needed", 90)
    waiting.value = None
    active = "ScalingActive"
    kube.until(
        lambda: condition(kube, "hpa", "keda-hpa-chat", active) == "False", "the HPA says that it knows nothing", 90
    )
    assert replicas(kube) == "4", "a metric that went missing takes no server away"
