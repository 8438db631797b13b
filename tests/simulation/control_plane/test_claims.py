"""Devices that pods claim on an embedded cluster: offered while the DRA driver's DaemonSet runs, and only then."""

from __future__ import annotations

import json

import pytest

from components.contracts.pools import GpuPool
from simulation import ControlPlane, apply_pools
from tests.simulation.kube import Kube, workload

pytestmark = [pytest.mark.engine]
TRAYS = GpuPool(name="nvl72", kind="gpu", instance_type="gb200-nvl72-tray", count=2, compute_domains=True)
DRIVER = "registry.k8s.io/dra-driver-nvidia/dra-driver-nvidia-gpu:v0.5.0"
DEVICE_CLASS: dict[str, object] = {
    "apiVersion": "resource.k8s.io/v1",
    "kind": "DeviceClass",
    "metadata": {"name": "gpu.nvidia.com"},
    "spec": {
        "selectors": [
            {
                "cel": {
                    "expression": "device.driver == 'gpu.nvidia.com' && "
                    "device.attributes['gpu.nvidia.com'].type == 'gpu'"
                }
            }
        ]
    },
}


@pytest.fixture(scope="module", autouse=True)
def machines(plane: ControlPlane) -> None:
    apply_pools(plane, [TRAYS])


def template(gpus: int) -> dict[str, object]:
    exactly = {"deviceClassName": "gpu.nvidia.com", "allocationMode": "ExactCount", "count": gpus}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": f"claim-{gpus}"},
        "spec": {"spec": {"devices": {"requests": [{"name": "gpus", "exactly": exactly}]}}},
    }


def pod(name: str, gpus: int) -> dict[str, object]:
    container = {"name": "main", "image": "example.com/server:1", "resources": {"claims": [{"name": "gpus"}]}}
    claim = {"name": "gpus", "resourceClaimTemplateName": f"claim-{gpus}"}
    spec = {"containers": [container], "resourceClaims": [claim], "tolerations": [{"operator": "Exists"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def offered(kube: Kube, driver: str) -> dict[str, int]:
    items = json.loads(kube.run("get", "resourceslices", "-o", "json"))["items"]
    return {
        item["spec"]["nodeName"]: len(item["spec"]["devices"]) for item in items if item["spec"]["driver"] == driver
    }


def phase(kube: Kube, name: str) -> str:
    return kube.path("pod", name, ".status.phase")


def test_a_claim_waits_until_the_driver_offers_devices(kube: Kube) -> None:
    kube.apply(DEVICE_CLASS, template(4), pod("early", 4))
    kube.until(lambda: "cannot allocate all claims" in kube.path("pod", "early", ".status.conditions[0].message"), "no")
    assert phase(kube, "early") == "Pending"
    assert offered(kube, "gpu.nvidia.com") == {}

    kube.apply(workload("DaemonSet", "driver", DRIVER, "gpu-kubelet-plugin"))
    kube.until(lambda: phase(kube, "early") == "Running", "the scheduler allocates the GPUs of a node")
    assert offered(kube, "gpu.nvidia.com") == {"nvl72-0": 4, "nvl72-1": 4}
    assert "nvidia.com/gpu" not in kube.path("node", "nvl72-0", ".status.allocatable"), "nothing is there twice"


def test_no_gpu_is_allocated_twice(kube: Kube) -> None:
    kube.apply(pod("second", 4), pod("third", 4))
    kube.until(lambda: "Running" in {phase(kube, "second"), phase(kube, "third")}, "the other node's GPUs")
    (waiting,) = [name for name in ("second", "third") if phase(kube, name) != "Running"]
    assert phase(kube, waiting) == "Pending"
    kube.run("delete", "pod", "early")
    kube.until(lambda: phase(kube, waiting) == "Running", "GPUs of a pod that ended are free again")
    kube.run("delete", "pod", "second", "third")


def test_a_pod_that_waits_for_its_claims_gives_them_back(kube: Kube) -> None:
    kube.apply(pod("waiting", 4))
    kube.until(lambda: phase(kube, "waiting") == "Running", "it has its GPUs")
    # So does the engine delete: a pod goes after what it owns, and a claim not while a pod that has not ended holds it.
    kube.run("delete", "pod", "waiting", "--cascade=foreground", "--timeout=30s")
    assert "waiting" not in kube.run("get", "resourceclaims", "-o", "name")


def test_what_a_driver_offered_goes_with_it(kube: Kube) -> None:
    kube.run("delete", "daemonset", "driver", "-n", "kube-system")
    kube.until(lambda: offered(kube, "gpu.nvidia.com") == {}, "a kubelet forgets a driver that is gone")
    kube.apply(pod("late", 4))
    kube.until(lambda: "cannot allocate all claims" in kube.path("pod", "late", ".status.conditions[0].message"), "no")
    kube.run("delete", "pod", "late")


def test_channels_of_domains_come_with_the_other_half_of_the_driver(kube: Kube) -> None:
    env = [{"name": "GPU_CLIQUE_LABEL_ENABLED", "value": "true"}]
    kube.apply(workload("DaemonSet", "domains", DRIVER, "compute-domain-kubelet-plugin", env=env))
    kube.until(lambda: offered(kube, "compute-domain.nvidia.com") == {"nvl72-0": 2, "nvl72-1": 2}, "channel and daemon")
    assert offered(kube, "gpu.nvidia.com") == {}
    cliques = {kube.path("node", f"nvl72-{number}", r".metadata.labels.nvidia\.com/gpu\.clique") for number in (0, 1)}
    assert len(cliques) == 1
    assert "" not in cliques
    kube.run("delete", "daemonset", "domains", "-n", "kube-system")
