"""What a node needs before pods can ask for its devices, and which of it a node comes with."""

from __future__ import annotations

from enum import StrEnum


class DevicePart(StrEnum):
    """One piece of software between a device and the pods that ask for it."""

    DRIVER = "driver"
    """The kernel module, such as NVIDIA's."""
    TOOLKIT = "toolkit"
    """What lets containers see the driver: NVIDIA's container toolkit, set up in the container runtime."""
    GPU_PLUGIN = "gpu-plugin"
    """What tells the kubelet about GPUs; exactly one may, or each GPU is allocated twice."""
    FABRIC_PLUGIN = "fabric-plugin"
    """What tells the kubelet about the devices of the fabric."""
    MIG_LAYOUT = "mig-layout"
    """What cuts GPUs into the partitions that a pool asks for, before anything advertises them."""
