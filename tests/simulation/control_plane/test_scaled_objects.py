"""ScaledObjects on an embedded cluster: carried out while KEDA's operator works, and only then."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path

import pytest

from components.contracts.pools import CpuPool
from components.contracts.versions import KEDA_OPERATOR
from simulation import ControlPlane, apply_pools
from tests.simulation.kube import Kube, config_map, workload

pytestmark = [pytest.mark.engine]
HPA = "keda-hpa-chat"
OPERATOR = workload("Deployment", "keda-operator", KEDA_OPERATOR.reference(), "/keda")


@pytest.fixture(scope="module", autouse=True)
def scaled(project: Path, plane: ControlPlane, kube: Kube) -> None:
    apply_pools(plane, [CpuPool(name="cpu", kind="cpu", instance_type="m7i.8xlarge", count=1)])
    kube.run("apply", "--server-side", "-f", str(project / ".strata" / "crds" / "keda"))
    served = ("api-resources", "--api-group=keda.sh", "-o", "name")
    kube.until(lambda: "scaledobjects.keda.sh" in kube.run(*served), "the kind is served")
    # It looks for new kinds every 30 s (kubernetes, cmd/kube-controller-manager/app/core.go), and tries what it could
    # not judge before ever more rarely.
    kube.until(lambda: collects(kube), "the garbage collector knows the kind", 60)
    template = {
        "metadata": {"labels": {"app": "chat"}},
        "spec": {"containers": [{"name": "server", "image": "example.com/server:1"}]},
    }
    spec = {"selector": {"matchLabels": {"app": "chat"}}, "template": template}
    kube.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "chat"}, "spec": spec})


def collects(kube: Kube) -> bool:
    """Whether the garbage collector removes what belongs to a ScaledObject that is not there."""
    name = f"owned-{time.monotonic_ns()}"
    owner = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "nobody", "uid": str(uuid.uuid4())}
    kube.apply({**config_map(name), "metadata": {"name": name, "ownerReferences": [owner]}})
    time.sleep(1)
    return f"configmap/{name}" not in kube.run("get", "configmaps", "-o", "name").split()


def scaled_object(least: int) -> dict[str, object]:
    query = {"serverAddress": "http://prometheus.monitoring:9090", "query": "sum(waiting)", "threshold": "8"}
    spec = {
        "scaleTargetRef": {"name": "chat"},
        "minReplicaCount": least,
        "maxReplicaCount": 4,
        "triggers": [{"type": "prometheus", "metricType": "AverageValue", "metadata": query}],
    }
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "chat"}, "spec": spec}


def replicas(kube: Kube) -> str:
    return kube.path("deployment", "chat", ".spec.replicas")


def hpas(kube: Kube) -> str:
    return kube.run("get", "hpa", "-o", "name").strip()


def test_without_an_operator_a_deployment_stays_as_it_is(kube: Kube) -> None:
    kube.apply(scaled_object(2))
    kube.run("wait", "--for=condition=Available", "deployment/chat", "--timeout=30s")
    assert (replicas(kube), hpas(kube)) == ("1", "")


def test_an_operator_that_works_brings_the_smallest_number_of_replicas(kube: Kube) -> None:
    kube.apply(OPERATOR)
    kube.until(lambda: replicas(kube) == "2", "the HPA controller keeps its minimum", 60)
    hpa = json.loads(kube.run("get", "hpa", HPA, "-o", "json"))
    assert (hpa["spec"]["minReplicas"], hpa["spec"]["maxReplicas"]) == (2, 4)
    assert hpa["spec"]["metrics"][0]["external"]["target"] == {"type": "AverageValue", "averageValue": "8"}
    assert kube.path("scaledobject", "chat", ".metadata.finalizers") == '["finalizer.keda.sh"]'


def test_a_change_reaches_the_hpa(kube: Kube) -> None:
    kube.apply(scaled_object(3))
    kube.until(lambda: replicas(kube) == "3", "the new minimum", 60)


def test_a_trigger_that_the_simulation_does_not_know_makes_no_hpa_and_hinders_no_other(kube: Kube) -> None:
    cron = {"timezone": "UTC", "start": "0 6 * * *", "end": "0 20 * * *", "desiredReplicas": "3"}
    spec = {"scaleTargetRef": {"name": "nightly"}, "triggers": [{"type": "cron", "metadata": cron}]}
    kube.apply(
        {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "a-first"}, "spec": spec}
    )
    kube.until(lambda: "keda.sh" in kube.path("scaledobject", "a-first", ".metadata.finalizers"), "it is kept")
    kube.apply(scaled_object(2))
    kube.until(lambda: kube.path("hpa", HPA, ".spec.minReplicas") == "2", "the other is served")
    assert hpas(kube) == f"horizontalpodautoscaler.autoscaling/{HPA}"
    kube.run("delete", "scaledobject", "a-first", "--timeout=30s")


def test_a_scaled_object_goes_only_while_the_operator_works(kube: Kube) -> None:
    kube.run("scale", "deployment/keda-operator", "-n", "kube-system", "--replicas=0")
    gone = ("get", "pods", "-n", "kube-system", "-l", "app=keda-operator", "-o", "name")
    kube.until(lambda: not kube.run(*gone), "no operator")
    kube.run("delete", "scaledobject", "chat", "--wait=false")
    with pytest.raises(AssertionError, match="timed out"):
        kube.run("wait", "--for=delete", "scaledobject/chat", "--timeout=3s")
    kube.run("scale", "deployment/keda-operator", "-n", "kube-system", "--replicas=1")
    kube.run("wait", "--for=delete", "scaledobject/chat", "--timeout=30s")
    kube.until(lambda: hpas(kube) == "", "the HPA goes with its owner")
