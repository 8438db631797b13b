"""Controllers that our components install, as pods of live nodes: each reconciles one object of ours."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sandbox import Sandbox, sandbox

pytestmark = [
    pytest.mark.engine,
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("LIVE_ALL") != "1", reason="runs in make live-all"),
]
_WAIT_SECONDS = 120.0
_BY_CPU = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 90}}
_AUTOSCALER = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "by-cpu", "namespace": "strata-metrics"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "metrics-server"},
        "minReplicas": 2,
        "maxReplicas": 3,
        "metrics": [{"type": "Resource", "resource": _BY_CPU}],
    },
}


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory, live_possible: None) -> Iterator[Sandbox]:
    del live_possible
    with sandbox(project, tmp_path_factory.mktemp("controllers"), "dev") as made:
        made.edit("  strata:secrets:", "  strata:services:\n    metrics_server: {install: true}\n  strata:secrets:")
        try:
            done = made.strata("live", timeout=600)
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
            yield made
        finally:
            made.strata("live-down")


def _within(seconds: float, holds: Callable[[], bool], told: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(1)


class TestMetricsServer:
    def test_its_api_answers_through_the_api_server(self, box: Sandbox) -> None:
        def available() -> str:
            path = 'jsonpath={.status.conditions[?(@.type=="Available")].status}'
            return box.kubectl("get", "apiservice", "v1beta1.metrics.k8s.io", "-o", path)

        def told() -> str:
            described = box.kubectl("get", "apiservice", "v1beta1.metrics.k8s.io", "-o", "yaml")
            return described + box.kubectl("-n", "strata-metrics", "logs", "deployment/metrics-server")

        _within(_WAIT_SECONDS, lambda: available() == "True", told)

    def test_every_live_node_is_measured(self, box: Sandbox) -> None:
        def measured() -> dict[str, str]:
            rows = box.kubectl("top", "nodes", "--no-headers").splitlines()
            return {row.split()[0]: row.split()[1] for row in rows if "<unknown>" not in row}

        def told() -> str:
            return box.kubectl("-n", "strata-metrics", "logs", "deployment/metrics-server", "--tail=30")

        _within(_WAIT_SECONDS, lambda: {"h100-0", "cpu-0"} <= measured().keys(), told)

    def test_an_autoscaler_reads_the_cpu_of_pods(self, box: Sandbox) -> None:
        file = box.folder / "autoscaler.json"
        file.write_text(json.dumps(_AUTOSCALER))
        box.kubectl("apply", "-f", str(file))

        def read() -> str:
            path = "jsonpath={.status.currentMetrics[0].resource.current.averageUtilization}"
            return box.kubectl("-n", "strata-metrics", "get", "hpa", "by-cpu", "-o", path)

        _within(_WAIT_SECONDS, lambda: read() != "", lambda: box.kubectl("-n", "strata-metrics", "describe", "hpa"))
        box.kubectl("-n", "strata-metrics", "delete", "hpa", "by-cpu")
