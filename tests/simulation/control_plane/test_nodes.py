"""Simulated nodes as the scheduler and NVIDIA's operators would see real ones."""

from __future__ import annotations

import json
import os
import signal
import threading

import pytest

from components.contracts.pools import CpuPool, GpuPool
from simulation import ControlPlane, apply_pools
from simulation.control_plane import pools
from simulation.control_plane.api import Api
from simulation.control_plane.nodes import Node
from tests.simulation.kube import PLUGIN, Kube, pod, pod_spec, workload

pytestmark = [pytest.mark.engine]
H100 = GpuPool(name="h100", kind="gpu", instance_type="p5.48xlarge", count=2, zones=("zone-a", "zone-b"))
CPU = CpuPool(name="cpu", kind="cpu", instance_type="m7i.8xlarge", count=1)


@pytest.fixture(scope="module", autouse=True)
def nodes(plane: ControlPlane, kube: Kube) -> None:
    apply_pools(plane, [H100, CPU])
    gpus = {"nodeSelector": {"strata.dev/pool": "h100"}}
    kube.apply(workload("DaemonSet", "plugin", PLUGIN, "nvidia-device-plugin", **gpus))


def test_a_gpu_node_carries_what_its_kubelet_and_its_pool_say(kube: Kube) -> None:
    kube.until(lambda: "nvidia.com/gpu" in kube.path("node", "h100-1", ".status.allocatable"), "the plugin advertises")
    node = json.loads(kube.run("get", "node", "h100-1", "-o", "json"))
    labels, allocatable = node["metadata"]["labels"], node["status"]["allocatable"]
    assert labels["node.kubernetes.io/instance-type"] == "p5.48xlarge"
    assert labels["topology.kubernetes.io/zone"] == "zone-b"
    assert labels["strata.dev/pool"] == "h100"
    assert allocatable["nvidia.com/gpu"] == "8"
    assert "vpc.amazonaws.com/efa" not in allocatable, "nobody advertises the EFA cards"
    assert not any(label.startswith(("nvidia.com/", "feature.node.")) for label in labels), "nobody looks for features"
    assert any(taint["key"] == "nvidia.com/gpu" for taint in node["spec"]["taints"])


def test_nodes_follow_their_pools(plane: ControlPlane, kube: Kube) -> None:
    assert len(apply_pools(plane, [H100, CPU]).unchanged) == 3
    changes = apply_pools(plane, [H100, CPU.model_copy(update={"count": 2})])
    assert changes.created == ("cpu-1",)
    changes = apply_pools(plane, [H100, CPU])
    assert changes.removed == ("cpu-1",)
    assert kube.run("get", "nodes", "-o", "name").split() == ["node/cpu-0", "node/h100-0", "node/h100-1"]


def test_pods_get_gpus_only_where_they_tolerate_and_fit(kube: Kube) -> None:
    kube.apply(pod("fits", 8), pod("too-large", 9), pod("intolerant", 1, tolerates=False))
    kube.until(lambda: kube.path("pod", "fits", ".status.phase") == "Running", "a pod with 8 GPUs runs")
    assert kube.path("pod", "fits", ".spec.nodeName").startswith("h100-")
    for name in ("too-large", "intolerant"):
        kube.until(
            lambda name=name: "nodes are available" in kube.path("pod", name, ".status.conditions[0].message"), name
        )
        assert kube.path("pod", name, ".status.phase") == "Pending"
    kube.run("delete", "pod", "fits", "too-large", "intolerant")


def test_a_shared_claim_binds(kube: Kube) -> None:
    kube.apply(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "shared"},
            "provisioner": "kubernetes.io/host-path",
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "claim"},
            "spec": {
                "accessModes": ["ReadWriteMany"],
                "storageClassName": "shared",
                "resources": {"requests": {"storage": "1Gi"}},
            },
        },
    )
    kube.until(lambda: kube.path("pvc", "claim", ".status.phase") == "Bound", "the claim binds")
    kube.run("delete", "pvc", "claim")


def test_a_job_completes_and_a_failing_one_fails(kube: Kube) -> None:
    for name, fails in (("good", "false"), ("bad", "true")):
        template = {
            "metadata": {"annotations": {"simulation.strata.dev/fails": fails}},
            "spec": {**pod_spec(0), "restartPolicy": "Never"},
        }
        spec = {"backoffLimit": 0, "template": template}
        kube.apply({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec})
    kube.until(lambda: kube.path("job", "good", ".status.succeeded") == "1", "the job completes")
    kube.until(lambda: kube.path("job", "bad", ".status.failed") == "1", "the failing job fails")


def test_an_autoscaler_owns_the_replicas_and_a_change_rolls(kube: Kube) -> None:
    about = {"name": "web", "labels": {"app": "web"}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod_spec(0)}
    spec: dict[str, object] = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    kube.apply(
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": spec},
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web"},
            "spec": {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 5},
        },
    )
    kube.until(lambda: kube.path("deployment", "web", ".status.readyReplicas") == "3", "the autoscaler's minimum")
    before = set(kube.run("get", "pods", "-l", "app=web", "-o", "name").split())
    kube.run("set", "image", "deployment/web", "main=example.com/server:2")
    kube.run("rollout", "status", "deployment/web", "--timeout=50s")

    def running() -> set[str]:
        return set(kube.run("get", "pods", "-l", "app=web", "-o", "name").split())

    kube.until(lambda: not before & running(), "the old pods go")
    assert len(running()) == 3


def test_a_node_that_the_controller_overlooked_is_made_again(
    plane: ControlPlane, kube: Kube, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "_AGAIN_SECONDS", 1.0)
    made: list[str] = []
    apply = pools._apply  # pyright: ignore[reportPrivateUsage] - counted

    def counted(api: Api, node: Node) -> None:
        made.append(node.name)
        apply(api, node)

    monkeypatch.setattr(pools, "_apply", counted)
    controller = next(found for found in plane.status().components if found.name == "kwok-controller")
    assert controller.pid
    os.kill(controller.pid, signal.SIGSTOP)
    resume = threading.Timer(3, os.kill, (controller.pid, signal.SIGCONT))
    resume.start()
    try:
        assert apply_pools(plane, [H100, CPU.model_copy(update={"count": 2})]).created == ("cpu-1",)
    finally:
        resume.join()
        os.kill(controller.pid, signal.SIGCONT)
    assert made.count("cpu-1") > 1
    assert kube.path("node", "cpu-1", '.status.conditions[?(@.type=="Ready")].status') == "True"
    apply_pools(plane, [H100, CPU])
