"""Devices of nodes on an embedded cluster: there while a DaemonSet advertises them, and only then."""

from __future__ import annotations

import json
import os
import signal

import pytest

from components.contracts.pools import GpuPool
from simulation import ControlPlane, apply_pools
from simulation.control_plane import processes
from simulation.control_plane.side_processes import DEVICE_MANAGER
from tests.simulation.kube import PLUGIN, Kube, pod, workload

pytestmark = [pytest.mark.engine]
L4 = GpuPool(name="l4", kind="gpu", instance_type="g6.12xlarge", count=2, zones=("zone-a",))
NODE_DISCOVERY = "registry.k8s.io/nfd/node-feature-discovery:v0.17.3"


@pytest.fixture(scope="module", autouse=True)
def machines(plane: ControlPlane) -> None:
    apply_pools(plane, [L4])


def amounts(kube: Kube, name: str = "l4-0") -> tuple[dict[str, str], dict[str, str]]:
    """Capacity and allocatable of a node, devices only."""
    status = json.loads(kube.run("get", "node", name, "-o", "json"))["status"]
    capacity, allocatable = (
        {key: value for key, value in status[field].items() if "/" in key} for field in ("capacity", "allocatable")
    )
    return capacity, allocatable


def phase(kube: Kube, name: str) -> str:
    return kube.path("pod", name, ".status.phase")


def test_a2_a_pod_waits_until_its_device_is_advertised(kube: Kube) -> None:
    assert amounts(kube) == ({}, {}), "nothing advertises yet"
    kube.apply(pod("early", 1))
    kube.until(lambda: "nodes are available" in kube.path("pod", "early", ".status.conditions[0].message"), "a refusal")
    assert "2 Insufficient nvidia.com/gpu" in kube.path("pod", "early", ".status.conditions[0].message")
    assert phase(kube, "early") == "Pending"

    kube.apply(workload("DaemonSet", "plugin", PLUGIN, "nvidia-device-plugin"))
    kube.until(lambda: phase(kube, "early") == "Running", "the pod gets its GPU")
    assert amounts(kube) == ({"nvidia.com/gpu": "4"}, {"nvidia.com/gpu": "4"})

    kube.run("delete", "daemonset", "plugin", "-n", "kube-system")
    gone = ({"nvidia.com/gpu": "4"}, {"nvidia.com/gpu": "0"})
    kube.until(lambda: amounts(kube) == gone, "kubelet keeps the capacity and offers none of it")
    kube.apply(pod("late", 1))
    kube.until(lambda: "Insufficient nvidia.com/gpu" in kube.path("pod", "late", ".status.conditions[0].message"), "no")
    assert (phase(kube, "early"), phase(kube, "late")) == ("Running", "Pending"), "a running pod keeps its GPU"
    kube.run("delete", "pod", "early", "late")


def test_a_configuration_shares_the_gpus_of_the_nodes_that_name_it(kube: Kube) -> None:
    slices = (
        "version: v1\nsharing: {timeSlicing: {renameByDefault: true, resources: [{name: nvidia.com/gpu, replicas: 4}]}}"
    )
    kube.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "plugin-configs", "namespace": "kube-system"},
            "data": {"whole": "version: v1", "shared": slices},
        },
        workload(
            "DaemonSet",
            "plugin",
            PLUGIN,
            "nvidia-device-plugin",
            env=[{"name": "DEFAULT_CONFIG", "value": "whole"}],
            volumeMounts=[{"name": "available-configs", "mountPath": "/available-configs"}],
            volumes=[{"name": "available-configs", "configMap": {"name": "plugin-configs"}}],
        ),
    )
    kube.run("label", "node", "l4-1", "nvidia.com/device-plugin.config=shared")
    kube.until(lambda: amounts(kube)[1] == {"nvidia.com/gpu": "4"}, "the default configuration")
    shared = {"nvidia.com/gpu": "0", "nvidia.com/gpu.shared": "16"}
    kube.until(lambda: amounts(kube, "l4-1")[1] == shared, "the other name on the node that asks for it")
    kube.run("label", "node", "l4-1", "nvidia.com/device-plugin.config-")
    kube.until(lambda: amounts(kube, "l4-1")[1] == {"nvidia.com/gpu": "4", "nvidia.com/gpu.shared": "0"}, "and back")
    kube.run("delete", "daemonset", "plugin", "-n", "kube-system")


def test_labels_are_found_by_discovery(kube: Kube) -> None:
    def labels() -> dict[str, str]:
        return json.loads(kube.run("get", "node", "l4-0", "-o", "json"))["metadata"]["labels"]

    assert not any("feature.node" in label or "gpu.product" in label for label in labels())
    kube.apply(
        workload("DaemonSet", "worker", NODE_DISCOVERY, "nfd-worker"),
        workload(
            "DaemonSet",
            "gpu-discovery",
            PLUGIN,
            "gpu-feature-discovery",
            nodeSelector={"feature.node.kubernetes.io/pci-10de.present": "true"},
        ),
        workload("Deployment", "master", NODE_DISCOVERY, "nfd-master"),
    )
    kube.until(lambda: labels().get("nvidia.com/gpu.product") == "NVIDIA-L4", "what GPU feature discovery finds")
    assert amounts(kube)[1].get("nvidia.com/gpu") == "0", "discovery advertises nothing"
    kube.run("delete", "daemonset", "worker", "gpu-discovery", "-n", "kube-system")
    kube.run("delete", "deployment", "master", "-n", "kube-system")


def test_a_killed_device_manager_is_started_again(plane: ControlPlane, kube: Kube) -> None:
    pid = DEVICE_MANAGER.pid(plane.layout)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    kube.until(lambda: DEVICE_MANAGER.pid(plane.layout) is None, "it is dead")
    assert not plane.status().ready
    kube.apply(workload("DaemonSet", "plugin", PLUGIN, "nvidia-device-plugin"))
    plane.revive()
    assert plane.status().ready
    kube.until(lambda: amounts(kube)[1]["nvidia.com/gpu"] == "4", "it learns of what happened meanwhile")


def test_the_device_manager_ends_with_its_control_plane(plane: ControlPlane) -> None:
    program = DEVICE_MANAGER.program(plane.layout)
    assert processes.running([program])[program]
    plane.stop()
    assert not processes.running([program])[program]
