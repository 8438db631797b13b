"""The endpoint picker with the real Envoy before the servers: who asks the same again reaches the same server."""

from __future__ import annotations

import http.client
import json
import re

import pytest
from pydantic import JsonValue

from simulation.live.images.controllers import ENDPOINT_PICKER, ENVOY
from tests.live.controllers.stack import Stack

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow]
_SPACE = "models"
_MODEL = "qwen2-7b"
_POOL = "chat"
_DEPLOYMENT = f"{_POOL}-epp"
_PORT = 8081
_PROMPT = "Say in one word what these numbers have in common: " + " ".join(map(str, range(1000)))
# The chart says nothing of security, and the namespace asks for it.
_RESTRICTED: dict[str, JsonValue] = {
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
}
_PATCH: dict[str, JsonValue] = {
    "metadata": {"labels": {"strata.dev/model-client": "true"}},
    "spec": {
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": name, **_RESTRICTED} for name in ("epp", "envoy-sidecar")],
    },
}
_POLICY: dict[str, JsonValue] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": _DEPLOYMENT, "namespace": _SPACE},
    "spec": {
        "podSelector": {"matchLabels": {"inferencepool": _DEPLOYMENT}},
        "policyTypes": ["Egress"],
        "egress": [{"ports": [{"port": 443}, {"port": 6443}, {"port": 8000}]}],
    },
}


@pytest.fixture(scope="module")
def address(stack: Stack) -> str:
    """Where Envoy listens."""
    stack.pushed(ENDPOINT_PICKER.reference(), ENVOY.reference())
    picker: dict[str, JsonValue] = {"registry": ENDPOINT_PICKER.registry, "pullPolicy": "IfNotPresent"}
    sidecar: dict[str, JsonValue] = {"image": ENVOY.reference(), "command": "/usr/local/bin/envoy"}
    servers: dict[str, JsonValue] = {"app.kubernetes.io/instance": _MODEL, "app.kubernetes.io/name": "vllm"}
    values: dict[str, JsonValue] = {
        "inferenceExtension": {"image": picker, "sidecar": sidecar},
        "inferencePool": {"modelServers": {"matchLabels": servers}},
    }
    stack.installed("endpoint-picker", _POOL, _SPACE, values, "epplib")
    stack.applied(_POLICY)
    patch = json.dumps({"spec": {"template": _PATCH}})
    stack.box.kubectl("-n", _SPACE, "patch", "deployment", _DEPLOYMENT, f"--patch={patch}")
    stack.rolled_out(_SPACE, f"deployment/{_DEPLOYMENT}")
    return stack.box.kubectl("-n", _SPACE, "get", "service", _DEPLOYMENT, "-o", "jsonpath={.spec.clusterIP}")


def _asked(address: str, prompt: str) -> int:
    """Status of a streamed answer."""
    connection = http.client.HTTPConnection(address, _PORT, timeout=30)
    question = {"model": _MODEL, "stream": True, "max_tokens": 4, "messages": [{"role": "user", "content": prompt}]}
    connection.request("POST", "/v1/chat/completions", json.dumps(question), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status != http.client.OK or text.rstrip().endswith("data: [DONE]"), text
    return answer.status


def _generated(stack: Stack) -> dict[str, float]:
    """How many tokens each server has made."""
    pods = stack.asked("-n", _SPACE, "get", "pods", "-l", "app.kubernetes.io/name=vllm", "-o", "name").split()
    found: dict[str, float] = {}
    for pod in (name.partition("/")[2] for name in pods):
        text = stack.asked("get", "--raw", f"/api/v1/namespaces/{_SPACE}/pods/{pod}:8000/proxy/metrics")
        (count,) = re.findall(r"^vllm:generation_tokens_total\{.*\} (\S+)$", text, re.MULTILINE)
        found[pod] = float(count)
    return found


def test_the_picker_knows_the_pool_and_an_answer_streams_through_it(stack: Stack, address: str) -> None:
    stack.within(lambda: _asked(address, "Who are you?") == http.client.OK, lambda: stack.about(_SPACE))


def test_who_asks_the_same_again_reaches_the_same_server(stack: Stack, address: str) -> None:
    assert _asked(address, _PROMPT) == http.client.OK
    before = _generated(stack)
    assert len(before) == 2, before
    for _ in range(10):
        assert _asked(address, _PROMPT) == http.client.OK
    idle, busy = sorted(count - before[pod] for pod, count in _generated(stack).items())
    assert (idle, busy > 0) == (0, True), "a Service would have spread them"
