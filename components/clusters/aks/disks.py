"""The disks of a node: the one it runs from, and its local NVMe disks.

Owns what pods can count on. How large an ephemeral OS disk may be, and which machines have NVMe disks of
which volumes can be made, is in the instance catalog. AKS hands local NVMe disks out raw, so they are no
part of a node's ephemeral storage; Azure Container Storage makes volumes of them.
"""

from __future__ import annotations

from ...contracts.pools import GpuPool, NodePool
from ...contracts.quantities import ByteSize
from .settings import OsDisk

# Kubelet evicts when a tenth of the file system is left (nodefs.available<10%).
_DISK_USABLE = 0.9


def os_disk_gib(pool: NodePool, disk: OsDisk) -> int:
    """Size of the disk that the pool's nodes run from, and unpack their images on."""
    if pool.root_disk:
        return pool.root_disk.whole_gib
    return (disk.gpu if isinstance(pool, GpuPool) else disk.cpu).whole_gib


def ephemeral_storage(pool: NodePool, disk: OsDisk) -> ByteSize:
    """What a node offers to containers, logs and volumes of kind emptyDir."""
    return ByteSize.gib(int(os_disk_gib(pool, disk) * _DISK_USABLE))
