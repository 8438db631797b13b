"""Labels that NVIDIA's operators find out about a node and set on it.

Owns the labels of GPU feature discovery (v0.20 of the device plugin) and those of node feature
discovery that schedulers and operators read. Values are what the named hardware really reports.
"""

from __future__ import annotations

from components.contracts.fabric import Transport
from components.contracts.names import short_hash
from components.planner.catalogs.gpus import Gpu
from components.planner.catalogs.instances import InstanceType

from .cloud_nodes import CLOUD_NODES
from .hardware import Hardware

# Default driver of GPU operator v26.7, and the CUDA version it brings.
DRIVER_VERSION, CUDA_VERSION = "595.91.07", "13.2"
_DRIVER, _CUDA = DRIVER_VERSION.split("."), CUDA_VERSION.split(".")
_KERNEL = ("6", "8", "0")
_FAMILIES = {"ada": "ada-lovelace"}


def node_labels(hardware: Hardware) -> dict[str, str]:
    """Labels that node feature discovery sets."""
    labels = {
        "feature.node.kubernetes.io/kernel-version.full": f"{'.'.join(_KERNEL)}-1040",
        "feature.node.kubernetes.io/kernel-version.major": _KERNEL[0],
        "feature.node.kubernetes.io/kernel-version.minor": _KERNEL[1],
        "feature.node.kubernetes.io/system-os_release.ID": "ubuntu",
        "feature.node.kubernetes.io/system-os_release.VERSION_ID": "24.04",
    }
    if hardware.type.rdma in {Transport.INFINIBAND, Transport.ROCE}:
        labels |= {
            "feature.node.kubernetes.io/pci-15b3.present": "true",
            "feature.node.kubernetes.io/rdma.available": "true",
            "feature.node.kubernetes.io/rdma.capable": "true",
        }
    if hardware.gpu is not None and hardware.gpu.is_nvidia:
        labels["feature.node.kubernetes.io/pci-10de.present"] = "true"
    return labels


def gpu_labels(hardware: Hardware, pool: str, index: int) -> dict[str, str]:
    """Labels that GPU feature discovery sets, for whole GPUs that are not shared.

    Args:
        hardware: The hardware.
        pool: What its racks are told apart by.
        index: Its place in the pool, which decides its rack.
    """
    if hardware.gpu is None or not hardware.gpu.is_nvidia:
        return {}
    return _gpu_labels(hardware, hardware.gpu) | _clique(hardware.type, pool, index)


def mig_labels(hardware: Hardware) -> dict[str, str]:
    """Labels that the GPU operator and its MIG manager set where GPUs are left whole."""
    if hardware.gpu is None or not is_mig_capable(hardware.gpu):
        return {}
    return {
        "nvidia.com/mig.strategy": "single",
        "nvidia.com/mig.config": "all-disabled",
        "nvidia.com/mig.config.state": "success",
    }


def is_mig_capable(gpu: Gpu) -> bool:
    """Whether the GPU can be partitioned in hardware."""
    return bool(gpu.mig_profiles)


def _gpu_labels(hardware: Hardware, gpu: Gpu) -> dict[str, str]:
    machine = hardware.type
    major, minor = str(gpu.compute_capability).split(".")
    return {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": gpu.product_label,
        "nvidia.com/gpu.count": str(machine.gpus),
        "nvidia.com/gpu.memory": str(hardware.gpu_memory_mib),
        "nvidia.com/gpu.family": _FAMILIES.get(gpu.architecture, gpu.architecture),
        "nvidia.com/gpu.machine": CLOUD_NODES[machine.cloud].firmware_name or machine.name,
        "nvidia.com/gpu.compute.major": major,
        "nvidia.com/gpu.compute.minor": minor,
        "nvidia.com/gpu.replicas": "1",
        "nvidia.com/gpu.sharing-strategy": "none",
        "nvidia.com/gpu.mode": "compute",
        "nvidia.com/cuda.driver-version.full": DRIVER_VERSION,
        "nvidia.com/cuda.driver-version.major": _DRIVER[0],
        "nvidia.com/cuda.driver-version.minor": _DRIVER[1],
        "nvidia.com/cuda.driver-version.revision": _DRIVER[2],
        "nvidia.com/cuda.runtime-version.full": CUDA_VERSION,
        "nvidia.com/cuda.runtime-version.major": _CUDA[0],
        "nvidia.com/cuda.runtime-version.minor": _CUDA[1],
        # Deprecated names of the same, which 0.19 still sets.
        "nvidia.com/cuda.driver.major": _DRIVER[0],
        "nvidia.com/cuda.driver.minor": _DRIVER[1],
        "nvidia.com/cuda.driver.rev": _DRIVER[2],
        "nvidia.com/cuda.runtime.major": _CUDA[0],
        "nvidia.com/cuda.runtime.minor": _CUDA[1],
        "nvidia.com/mig.capable": str(is_mig_capable(gpu)).lower(),
        "nvidia.com/mps.capable": "false",
        "nvidia.com/vgpu.present": "false",
    }


def _clique(machine: InstanceType, pool: str, index: int) -> dict[str, str]:
    """Which rack a node shares its NVLink with; absent on machines whose NVLink ends inside them."""
    if machine.nvlink_domain <= machine.gpus:
        return {}
    rack = index // (machine.nvlink_domain // machine.gpus)
    return {"nvidia.com/gpu.clique": f"{short_hash(f'{pool}/{rack}')}.1"}
