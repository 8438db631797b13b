"""The disks of a node: the one it runs from, and its local NVMe disks.

Owns how large an ephemeral OS disk may be, and what pods can count on. AKS hands local NVMe disks out raw,
so they are no part of a node's ephemeral storage; Azure Container Storage makes volumes of them.

Sources: https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks (placement and size),
the pages of each size series below https://learn.microsoft.com/azure/virtual-machines/sizes (local storage).
"""

from __future__ import annotations

from collections.abc import Mapping

from ...contracts.pools import GpuPool, NodePool
from ...contracts.quantities import ByteSize
from ...planner.catalogs.instances import InstanceType
from .settings import OsDisk

# Temporary disk of machines that have one beside their NVMe disks, or have no NVMe disks, in GiB.
_TEMPORARY_GIB: Mapping[str, int] = {
    "Standard_NV6ads_A10_v5": 180,
    "Standard_NV12ads_A10_v5": 360,
    "Standard_NV18ads_A10_v5": 720,
    "Standard_NV36ads_A10_v5": 720,
    "Standard_NV72ads_A10_v5": 1400,
    "Standard_NC24ads_A100_v4": 64,
    "Standard_NC48ads_A100_v4": 128,
    "Standard_NC96ads_A100_v4": 256,
    "Standard_NC40ads_H100_v5": 128,
    "Standard_NC80adis_H100_v5": 256,
    "Standard_ND96asr_v4": 6000,
    "Standard_ND96amsr_A100_v4": 6400,
    "Standard_ND96isr_H100_v5": 1000,
    "Standard_ND96isr_H200_v5": 1000,
}
# Sizes of the sixth version put the OS on one of their NVMe disks, of which the largest has 440 GiB.
_NVME_SERIES = "ds_v6"
_LARGEST_NVME_GIB = 440
# Machines whose NVMe disks are separate devices that AKS leaves alone.
_RAW_NVME = ("Standard_NC24ads_A100", "Standard_NC48ads_A100", "Standard_NC96ads_A100", "H100_v5", "H200_v5", "_v6")
# Kubelet evicts when a tenth of the file system is left (nodefs.available<10%).
_DISK_USABLE = 0.9


def os_disk_gib(pool: NodePool, disk: OsDisk) -> int:
    """Size of the disk that the pool's nodes run from, and unpack their images on."""
    return disk.gpu_gib if isinstance(pool, GpuPool) else disk.cpu_gib


def largest_ephemeral_gib(machine: InstanceType) -> int:
    """GiB that an ephemeral OS disk of that machine may have; 0 where it cannot have one."""
    if machine.name in _TEMPORARY_GIB:
        return _TEMPORARY_GIB[machine.name]
    if machine.name.endswith(_NVME_SERIES) and machine.nvme_gb:
        return min(int(machine.nvme_gb), _LARGEST_NVME_GIB)
    return 0


def has_raw_nvme(machine: InstanceType) -> bool:
    """Whether it has NVMe disks of which volumes can be made."""
    return bool(machine.nvme_gb) and any(part in machine.name for part in _RAW_NVME)


def ephemeral_storage(pool: NodePool, disk: OsDisk) -> ByteSize:
    """What a node offers to containers, logs and volumes of kind emptyDir."""
    return ByteSize.gib(int(os_disk_gib(pool, disk) * _DISK_USABLE))
