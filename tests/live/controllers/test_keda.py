"""KEDA, as the stack installs it, makes an autoscaler of the model's ScaledObject and feeds it from Prometheus."""

from __future__ import annotations

import json

import pytest

from components.services.known import KEDA
from tests.live.controllers.stack import Stack

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow, pytest.mark.installs("keda")]
_MODEL = "qwen2-7b"
_METRIC = "/apis/external.metrics.k8s.io/v1beta1/namespaces/models/s0-prometheus"
_OF_MODEL = f"labelSelector=scaledobject.keda.sh%2Fname%3D{_MODEL}"


def test_operator_and_adapter_are_ready(stack: Stack) -> None:
    stack.rolled_out(KEDA.namespace, *(f"deployment/{name}" for name in KEDA.deployments))
    stack.within(
        lambda: stack.condition("default", "apiservice", "v1beta1.external.metrics.k8s.io", "Available") == "True",
        lambda: stack.about(KEDA.namespace),
    )


def test_the_model_is_scaled_by_what_prometheus_knows(stack: Stack) -> None:
    def told() -> str:
        return stack.asked("-n", "models", "describe", "scaledobject,hpa") + stack.about(KEDA.namespace)

    stack.within(lambda: stack.condition("models", "scaledobject", _MODEL, "Ready") == "True", told)
    stack.within(lambda: stack.condition("models", "hpa", f"keda-hpa-{_MODEL}", "ScalingActive") == "True", told)
    (value,) = json.loads(stack.box.kubectl("get", "--raw", f"{_METRIC}?{_OF_MODEL}"))["items"]
    assert value["value"] == "0", "nobody waits"
