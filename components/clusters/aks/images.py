"""The node image of a pool, who installs its GPU driver, and its disks.

Owns the choice among AKS' images and the flags that follow from the owner of the driver: two installers
on one node leave it without a driver that loads.

Sources: https://learn.microsoft.com/azure/aks/use-nvidia-gpu, /azure/aks/nvidia-gpu-operator,
https://azure.github.io/aks-rdma-infiniband/configurations/gpu-drivers, NVIDIA AICR (AKS recipes).
"""

from __future__ import annotations

from dataclasses import dataclass

from ...contracts.errors import StrataError
from ...contracts.pools import DriverOwner

IMAGE = "Ubuntu"
"""The one image on which GPU operator, network operator and the Lustre client are supported alike."""


@dataclass(frozen=True, kw_only=True)
class DriverFlags:
    """All that follows from who installs the driver.

    Attributes:
        agent_pool: ``gpuProfile.driver`` of the agent pool.
        operator_driver: ``driver.enabled`` of the GPU operator's chart.
        operator_toolkit: ``toolkit.enabled`` of it.
        runtime_class: Runtime class that the operator's pods run under.
        driver_root: Where the driver's files lie, for the DRA driver.
    """

    agent_pool: str
    operator_driver: bool
    operator_toolkit: bool
    runtime_class: str
    driver_root: str


_FLAGS = {
    DriverOwner.PLATFORM: DriverFlags(
        agent_pool="Install",
        operator_driver=False,
        operator_toolkit=False,
        runtime_class="nvidia-container-runtime",
        driver_root="/",
    ),
    DriverOwner.GPU_OPERATOR: DriverFlags(
        agent_pool="None",
        operator_driver=True,
        operator_toolkit=True,
        runtime_class="nvidia",
        driver_root="/run/nvidia/driver",
    ),
}


def driver_flags(driver: DriverOwner) -> DriverFlags:
    """The flags of GPU nodes whose driver is installed by ``driver``.

    Raises:
        StrataError: when nobody on AKS installs it that way.
    """
    if driver not in _FLAGS:
        raise StrataError.of(
            "driver",
            cause=f"{driver.value!r} installs no GPU driver on AKS",
            consequence="AKS' images hold none, and the nodes would come up without GPUs",
            fix="write platform, where AKS installs it, or gpu-operator",
        )
    return _FLAGS[driver]
