"""The facts of a kubeadm cluster, all of them known before it exists."""

from __future__ import annotations

from collections.abc import Sequence

from ...contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeBinding, VolumeClass
from ...contracts.pools import DriverOwner, NodePool
from ...planner.shapes import pool_facts
from .addon_table import LOCAL_DRIVER, NFS_DRIVER
from .settings import KubeadmTarget

DEFAULT_DRIVER = DriverOwner.NODE_IMAGE
"""Hosts are installed once and by hand, and their driver with them."""
BLOCK_CLASS = "strata-local"
SHARED_CLASS = "strata-shared"
# A data-centre NVMe disk reads 3 GB/s and more (Samsung PM9A3 data sheet: 6.5 GB/s); half of it leaves room for others.
_NVME_READ = 3e9


def kubeadm_facts(target: KubeadmTarget, pools: Sequence[NodePool]) -> ClusterFacts:
    """The facts of a kubeadm cluster with these pools.

    Raises:
        StrataError: when a pool's machine type is unknown or does not suit its kind.
    """
    return ClusterFacts(
        name=target.name,
        environment="kubeadm",
        apis=target.apis,
        kubernetes_version=target.kubernetes_version,
        pools=tuple(pool_facts(pool, DEFAULT_DRIVER) for pool in pools),
        storage=StorageFacts(read_write_once=_local_class(), read_write_many=_shared_class(target)),
    )


def _local_class() -> VolumeClass:
    return VolumeClass(
        name=BLOCK_CLASS,
        provisioner=LOCAL_DRIVER,
        read_bytes_per_second=_NVME_READ,
        # A folder of one host: it can only be made where the pod is.
        binding=VolumeBinding.FIRST_CONSUMER,
        managed=True,
    )


def _shared_class(target: KubeadmTarget) -> VolumeClass:
    storage = target.shared_storage
    return VolumeClass(
        name=SHARED_CLASS,
        provisioner=NFS_DRIVER,
        read_bytes_per_second=storage.read_mb_per_second * 1e6,
        parameters={"server": storage.server, "share": storage.share},
        managed=True,
    )
