"""Who installs the driver, and all that follows from it."""

from __future__ import annotations

import pytest

from components.clusters.aks.images import DriverFlags, driver_flags
from components.contracts.errors import StrataError
from components.contracts.pools import DriverOwner
from components.planner.catalogs.instances import instance

# Spelt out from NVIDIA AICR's AKS recipes and Azure/aks-rdma-infiniband (configurations/gpu-drivers), not computed.
KNOWN = {
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


@pytest.mark.parametrize("driver", KNOWN)
def test_one_owner_decides_every_flag(driver: DriverOwner) -> None:
    assert driver_flags(driver) == KNOWN[driver]


@pytest.mark.parametrize("driver", KNOWN)
def test_exactly_one_of_aks_and_operator_installs(driver: DriverOwner) -> None:
    flags = driver_flags(driver)
    assert (flags.agent_pool == "Install") != flags.operator_driver, "two drivers on one node, or none"
    assert flags.operator_driver == flags.operator_toolkit, "the toolkit belongs to whoever owns the driver"


@pytest.mark.parametrize("driver", [DriverOwner.NODE_IMAGE, DriverOwner.NONE])
def test_nobody_else_installs_a_driver_on_aks(driver: DriverOwner) -> None:
    with pytest.raises(StrataError, match="installs no GPU driver on AKS"):
        driver_flags(driver)


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        ("Standard_NV36ads_A10_v5", True),
        ("Standard_NV6ads_A10_v5", True),
        ("Standard_NC24ads_A100_v4", False),
        ("Standard_NC40ads_H100_v5", False),
        ("Standard_ND96isr_H200_v5", False),
    ],
)
def test_the_nv_family_needs_the_driver_of_vgpus(machine: str, expected: bool) -> None:  # noqa: FBT001
    assert instance(machine).vgpu is expected
