"""metrics-server, as the stack installs it, measures live nodes and feeds an autoscaler on CPU."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from components.services.known import METRICS_SERVER
from tests.live.controllers.stack import Stack

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow, pytest.mark.installs("metrics_server")]
_SPACE = METRICS_SERVER.namespace
_API = "v1beta1.metrics.k8s.io"
_BY_CPU: dict[str, JsonValue] = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 90}}
_AUTOSCALER: dict[str, JsonValue] = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "by-cpu", "namespace": _SPACE},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "metrics-server"},
        "minReplicas": 2,
        "maxReplicas": 3,
        "metrics": [{"type": "Resource", "resource": _BY_CPU}],
    },
}


def test_its_api_answers_through_the_api_server(stack: Stack) -> None:
    stack.within(
        lambda: stack.condition(_SPACE, "apiservice", _API, "Available") == "True", lambda: stack.about(_SPACE)
    )


def test_every_live_node_is_measured(stack: Stack) -> None:
    def measured() -> set[str]:
        rows = stack.asked("top", "nodes", "--no-headers").splitlines()
        return {row.split()[0] for row in rows if "<unknown>" not in row}

    stack.within(lambda: {"h100-0", "cpu-0"} <= measured(), lambda: stack.about(_SPACE))


def test_an_autoscaler_reads_the_cpu_of_pods(stack: Stack) -> None:
    stack.applied(_AUTOSCALER)
    path = "jsonpath={.status.currentMetrics[0].resource.current.averageUtilization}"
    stack.within(
        lambda: stack.asked("-n", _SPACE, "get", "hpa", "by-cpu", "-o", path) != "",
        lambda: stack.asked("-n", _SPACE, "describe", "hpa"),
    )
    stack.box.kubectl("-n", _SPACE, "delete", "hpa", "by-cpu")
