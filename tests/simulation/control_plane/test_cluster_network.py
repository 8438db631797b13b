"""Aggregated APIs whose servers run on simulated nodes: there as long as their pods, and in the way of nothing."""

from __future__ import annotations

import pytest

from components.contracts.pools import CpuPool
from simulation import ControlPlane, apply_pools
from tests.simulation.kube import Kube, workload

pytestmark = [pytest.mark.engine]
GROUP, NAME = "custom.metrics.example.com", "v1beta1.custom.metrics.example.com"
SERVER = workload("Deployment", "adapter", "example.com/adapter:1", "/adapter")
SERVICE: dict[str, object] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "adapter", "namespace": "kube-system"},
    "spec": {"selector": {"app": "adapter"}, "ports": [{"port": 443, "targetPort": 6443}]},
}
API: dict[str, object] = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": NAME},
    "spec": {
        "group": GROUP,
        "version": "v1beta1",
        "service": {"name": "adapter", "namespace": "kube-system"},
        "insecureSkipTLSVerify": True,
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
    },
}
AVAILABLE = '.status.conditions[?(@.type=="Available")].status'


@pytest.fixture(scope="module", autouse=True)
def served(plane: ControlPlane, kube: Kube) -> None:
    apply_pools(plane, [CpuPool(name="cpu", kind="cpu", instance_type="m7i.8xlarge", count=1)])
    for one in (SERVER, SERVICE, API):
        kube.apply(one)


def test_a_group_is_there_once_its_server_runs(kube: Kube) -> None:
    kube.until(lambda: kube.path("apiservice", NAME, AVAILABLE) == "True", "its server runs", 60)
    kube.until(lambda: f"{GROUP}/v1beta1" in kube.run("api-versions").split(), "clients find it", 60)


def test_a_namespace_goes(kube: Kube) -> None:
    kube.run("create", "namespace", "passing")
    kube.run("delete", "namespace", "passing", "--timeout=60s")


def test_a_group_without_a_server_is_not_there(kube: Kube) -> None:
    kube.run("scale", "deployment/adapter", "-n", "kube-system", "--replicas=0")
    kube.until(lambda: kube.path("apiservice", NAME, AVAILABLE) == "False", "nobody serves it", 60)
