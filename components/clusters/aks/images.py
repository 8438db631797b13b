"""The node image of a pool, who installs its GPU driver, and its disks.

Owns the choice among AKS' images and what a pool is told about its driver: two installers on one node leave it
without a driver that loads.

Sources: https://learn.microsoft.com/azure/aks/use-nvidia-gpu, /azure/aks/nvidia-gpu-operator,
https://azure.github.io/aks-rdma-infiniband/configurations/gpu-drivers, NVIDIA AICR (AKS recipes).
"""

from __future__ import annotations

from ...contracts.errors import StrataError
from ...contracts.gpu_sharing import Mig
from ...contracts.pools import DriverOwner, NodePool, pool_sharing

IMAGE = "Ubuntu"
"""The one image on which GPU operator, network operator and the Lustre client are supported alike."""


_GPU_PROFILES = {DriverOwner.PLATFORM: "Install", DriverOwner.GPU_OPERATOR: "None"}


def gpu_profile_driver(driver: DriverOwner) -> str:
    """``gpuProfile.driver`` of GPU nodes whose driver is installed by ``driver``; what else they come with is a fact.

    Raises:
        StrataError: when nobody on AKS installs it that way.
    """
    if driver not in _GPU_PROFILES:
        raise StrataError.of(
            "driver",
            cause=f"{driver.value!r} installs no GPU driver on AKS",
            consequence="AKS' images hold none, and the nodes would come up without GPUs",
            fix="write platform, where AKS installs it, or gpu-operator",
        )
    return _GPU_PROFILES[driver]


def gpu_instance_profile(pool: NodePool) -> str | None:
    """``gpuInstanceProfile``: into which partitions AKS cuts each GPU, such as ``MIG1g``; None where it cuts none.

    Where the GPU operator installs the driver, its MIG manager cuts them. Source:
    https://learn.microsoft.com/azure/aks/gpu-multi-instance.
    """
    sharing = pool_sharing(pool)
    if not isinstance(sharing, Mig) or (pool.kind == "gpu" and pool.driver is DriverOwner.GPU_OPERATOR):
        return None
    return f"MIG{sharing.profile.partition('.')[0]}"
