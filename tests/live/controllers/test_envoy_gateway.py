"""Envoy Gateway makes a proxy of our Gateway, the real Envoy, which sends requests where our routes say."""

from __future__ import annotations

import http.client

import pytest
from pydantic import JsonValue

from simulation.live.images.controllers import ENVOY, ENVOY_GATEWAY
from tests.live.controllers.stack import Stack
from tests.live.pods import IMAGE

pytestmark = [pytest.mark.engine, pytest.mark.live, pytest.mark.slow]
_SPACE = "envoy-gateway-system"
_API = "gateway.networking.k8s.io/v1"
_CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller"
# The Job that makes certificates writes their authority into the webhook's configuration, which has to be there.
_HOOKS = tuple(
    f"templates/{name}.yaml" for name in ("certgen-rbac", "envoy-proxy-topology-injector-webhook", "certgen")
)
_POD = "answers"
_PORT = 8000
_KEPT, _GONE = "kept.example.com", "gone.example.com"


def _object(api: str, kind: str, name: str, spec: JsonValue) -> dict[str, JsonValue]:
    metadata: dict[str, JsonValue] = {"name": name, "namespace": "default", "labels": {"app": name}}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


def _route(host: str) -> dict[str, JsonValue]:
    to: dict[str, JsonValue] = {"backendRefs": [{"name": _POD, "port": _PORT}]}
    return _object(_API, "HTTPRoute", host, {"parentRefs": [{"name": "door"}], "hostnames": [host], "rules": [to]})


@pytest.fixture(scope="module")
def installed(stack: Stack) -> Stack:
    stack.pushed(ENVOY_GATEWAY.reference(), ENVOY.reference())
    stack.python()
    definitions: dict[str, JsonValue] = {"gatewayAPI": {"enabled": True}, "envoyGateway": {"enabled": True}}
    stack.installed("gateway-crds-helm", "eg-crds", _SPACE, {"crds": definitions})
    images: dict[str, JsonValue] = {
        "envoyGateway": {"image": ENVOY_GATEWAY.reference(), "pullPolicy": "IfNotPresent"},
        "envoyProxy": {"image": ENVOY.reference()},
    }
    # Nobody gives a Service of this cluster the address of a load balancer.
    proxy: dict[str, JsonValue] = {
        "provider": {"type": "Kubernetes", "kubernetes": {"envoyService": {"type": "ClusterIP"}}}
    }
    values: dict[str, JsonValue] = {
        "crds": {"enabled": False},
        "global": {"images": images},
        "config": {"envoyGateway": {"envoyProxy": proxy}},
    }
    stack.installed("gateway-helm", "eg", _SPACE, values, first=_HOOKS)
    return stack


@pytest.fixture(scope="module")
def address(installed: Stack) -> str:
    """Where the proxy of our Gateway listens; behind it is a pod of ours that tells its name."""
    served: dict[str, JsonValue] = {
        "name": "main",
        "image": IMAGE,
        "command": ["python3", "-m", "http.server", str(_PORT), "--directory", "/etc"],
        "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": {"httpGet": {"path": "/hostname", "port": _PORT}},
    }
    listener: dict[str, JsonValue] = {"name": "http", "protocol": "HTTP", "port": 80}
    installed.applied(
        _object("v1", "Pod", _POD, {"containers": [served], "terminationGracePeriodSeconds": 1}),
        _object("v1", "Service", _POD, {"selector": {"app": _POD}, "ports": [{"port": _PORT}]}),
        _object(_API, "GatewayClass", "envoy", {"controllerName": _CONTROLLER}),
        _object(_API, "Gateway", "door", {"gatewayClassName": "envoy", "listeners": [listener]}),
        _route(_KEPT),
        _route(_GONE),
    )
    took = installed.within(
        lambda: installed.condition("default", "gateway", "door", "Programmed") == "True", lambda: _told(installed)
    )
    print(f"\nthe Gateway is programmed after {took:.0f} s")
    return installed.asked("get", "gateway", "door", "-o", "jsonpath={.status.addresses[0].value}")


def _told(stack: Stack) -> str:
    kinds = "gatewayclasses,gateways,httproutes"
    return stack.asked("describe", kinds) + stack.about(_SPACE) + stack.about("default")


def _answered(address: str, host: str) -> tuple[int, str]:
    """What comes of asking for a pod's name; a status of 0 when nobody listens."""
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", "/hostname", headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def test_it_is_ready_with_the_certificates_of_its_own_job(installed: Stack) -> None:
    installed.rolled_out(_SPACE, "deployment/envoy-gateway")
    assert {"secret/envoy-gateway", "secret/envoy"} <= set(
        installed.asked("-n", _SPACE, "get", "secrets", "-o", "name").split()
    )


def test_requests_reach_our_pod_through_the_gateway(installed: Stack, address: str) -> None:
    for host in (_KEPT, _GONE):
        installed.within(lambda host=host: _answered(address, host) == (http.client.OK, _POD), lambda: _told(installed))
    assert _answered(address, "other.example.com")[0] == http.client.NOT_FOUND, "no route is for this name"


def test_its_webhook_tells_the_proxy_the_zone_of_its_node(installed: Stack, address: str) -> None:
    del address
    of_ours = "--selector=gateway.envoyproxy.io/owning-gateway-name=door"
    path = r"jsonpath={.items[0].spec.nodeName} {.items[0].metadata.annotations.topology\.kubernetes\.io/zone}"
    node, told = installed.asked("-n", _SPACE, "get", "pods", of_ours, "-o", path).split()
    zone = r"jsonpath={.metadata.labels.topology\.kubernetes\.io/zone}"
    assert told == f'"{installed.asked("get", "node", node, "-o", zone)}"'


def test_a_route_that_is_taken_away_is_not_found_and_the_other_stays(installed: Stack, address: str) -> None:
    installed.box.kubectl("delete", "httproute", _GONE)
    took = installed.within(lambda: _answered(address, _GONE)[0] == http.client.NOT_FOUND, lambda: _told(installed), 30)
    print(f"\nnot found after {took:.0f} s")
    assert _answered(address, _KEPT) == (http.client.OK, _POD)
