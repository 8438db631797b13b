"""The operator runs the stack's Prometheus, which scrapes the model's servers."""

from __future__ import annotations

import json

import pytest

from components.services.known import PROMETHEUS, PROMETHEUS_PORT, PROMETHEUS_RELEASE
from tests.live.controllers.stack import Stack

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow, pytest.mark.installs("keda")]
_SPACE = PROMETHEUS.namespace
_SERVICE = f"{PROMETHEUS_RELEASE}-prometheus"


def found(stack: Stack, query: str) -> list[str]:
    """Values that Prometheus answers."""
    address = f"/api/v1/namespaces/{_SPACE}/services/{_SERVICE}:{PROMETHEUS_PORT}/proxy/api/v1/query"
    answer = stack.asked("get", "--raw", f"{address}?query={query}")
    return [series["value"][1] for series in json.loads(answer)["data"]["result"]] if answer else []


def test_the_operator_makes_a_prometheus_that_is_ready(stack: Stack) -> None:
    stack.rolled_out(_SPACE, *(f"deployment/{name}" for name in PROMETHEUS.deployments))
    stack.rolled_out(_SPACE, f"statefulset/prometheus-{_SERVICE}")
    stack.within(
        lambda: stack.condition(_SPACE, "prometheus", _SERVICE, "Available") == "True",
        lambda: stack.about(_SPACE) + stack.asked("-n", _SPACE, "describe", "prometheus"),
    )


def test_every_server_of_the_model_is_scraped(stack: Stack) -> None:
    stack.within(
        lambda: found(stack, "up%7Bnamespace=%22models%22%7D") == ["1", "1"],
        lambda: f"{found(stack, 'up')}\n" + stack.about(_SPACE),
    )
    assert found(stack, "vllm:num_requests_waiting"), "the metric by which the model is scaled"
