"""Devices that NVIDIA's DRA driver offers to claims, and the slices in which it publishes them.

Pure. Source: github.com/kubernetes-sigs/dra-driver-nvidia-gpu v0.5.0, cmd/gpu-kubelet-plugin/deviceinfo.go,
cmd/compute-domain-kubelet-plugin/deviceinfo.go and driver.go. Slices belong to their node and go with it, as
k8s.io/dynamic-resource-allocation/kubeletplugin publishes them; a kubelet removes them once the driver is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..api import Json
from .inventory import Inventory

GPU_DRIVER = "gpu.nvidia.com"
DOMAIN_DRIVER = "compute-domain.nvidia.com"
DRIVERS = (GPU_DRIVER, DOMAIN_DRIVER)
SLICES = "/apis/resource.k8s.io/v1/resourceslices"


def gpu_devices(inventory: Inventory) -> Sequence[Json]:
    """Every GPU of the node, as the driver describes it."""
    return [_gpu(inventory.gpu_labels, minor) for minor in range(inventory.gpus)]


def domain_devices() -> Sequence[Json]:
    """The one channel that pods get, and the device of the daemon that joins the node to its domain."""
    return [_numbered("channel"), _numbered("daemon")]


def slice_name(node: str, driver: str) -> str:
    """Name of the slice of a node's devices."""
    return f"{node}-{driver}"


def slice_body(node: str, uid: str, driver: str, devices: Sequence[Json]) -> Json:
    """The slice as the API takes it.

    Args:
        node: Name of the node.
        uid: Identifies the node, with which the slice goes.
        driver: Name of the driver.
        devices: Its devices there.
    """
    owner = {"apiVersion": "v1", "kind": "Node", "name": node, "uid": uid, "controller": True}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceSlice",
        "metadata": {"name": slice_name(node, driver), "ownerReferences": [owner]},
        "spec": {
            "driver": driver,
            "nodeName": node,
            "pool": {"name": node, "generation": 1, "resourceSliceCount": 1},
            "devices": devices,
        },
    }


def _gpu(labels: Mapping[str, str], minor: int) -> Json:
    capability = (
        f"{labels.get('nvidia.com/gpu.compute.major', '0')}.{labels.get('nvidia.com/gpu.compute.minor', '0')}.0"
    )
    cuda = f"{labels.get('nvidia.com/cuda.runtime-version.major', '0')}.0.0"
    return {
        "name": f"gpu-{minor}",
        "attributes": {
            "type": {"string": "gpu"},
            "uuid": {"string": f"GPU-{minor:08d}-0000-0000-0000-000000000000"},
            "productName": {"string": labels.get("nvidia.com/gpu.product", "").replace("-", " ")},
            "brand": {"string": "Nvidia"},
            "architecture": {"string": labels.get("nvidia.com/gpu.family", "").capitalize()},
            "cudaComputeCapability": {"version": capability},
            "driverVersion": {"version": _semantic(labels.get("nvidia.com/cuda.driver-version.full", "0.0.0"))},
            "cudaDriverVersion": {"version": cuda},
        },
        "capacity": {"memory": {"value": f"{labels.get('nvidia.com/gpu.memory', '0')}Mi"}},
    }


def _numbered(kind: str) -> Json:
    return {"name": f"{kind}-0", "attributes": {"type": {"string": kind}, "id": {"int": 0}}}


def _semantic(version: str) -> str:
    """Without the leading zeros that semantic versions do not have."""
    return ".".join(str(int(part)) for part in version.split("."))
