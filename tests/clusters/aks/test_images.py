"""Who installs the driver, and what nodes come with then."""

from __future__ import annotations

import pytest

from components.clusters.aks.facts import aks_facts
from components.clusters.aks.images import gpu_instance_profile, gpu_profile_driver
from components.contracts.devices import DevicePart
from components.contracts.errors import StrataError
from components.contracts.gpu_sharing import Mig, TimeSlicing
from components.contracts.pools import DriverOwner
from components.planner.catalogs.instances import instance

from .pools import cpu_pool, gpu_pool, target

# Spelt out from NVIDIA AICR's AKS recipes and Azure/aks-rdma-infiniband (configurations/gpu-drivers), not computed.
KNOWN = {
    DriverOwner.PLATFORM: ("Install", {DevicePart.DRIVER, DevicePart.TOOLKIT, DevicePart.MIG_LAYOUT}),
    DriverOwner.GPU_OPERATOR: ("None", set[DevicePart]()),
}


@pytest.mark.parametrize("driver", KNOWN)
def test_what_aks_installs_and_what_nodes_come_with_agree(driver: DriverOwner) -> None:
    profile, provided = KNOWN[driver]
    assert gpu_profile_driver(driver) == profile
    pool = gpu_pool().model_copy(update={"driver": driver})
    (facts,) = aks_facts(target(), (cpu_pool(), pool)).gpu_pools
    assert set(facts.provides or ()) == provided, "two drivers on one node, or none"


@pytest.mark.parametrize("driver", [DriverOwner.NODE_IMAGE, DriverOwner.NONE])
def test_nobody_else_installs_a_driver_on_aks(driver: DriverOwner) -> None:
    with pytest.raises(StrataError, match="installs no GPU driver on AKS"):
        gpu_profile_driver(driver)


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


def test_aks_is_told_into_what_to_cut_gpus_unless_the_operator_does() -> None:
    pool = gpu_pool().model_copy(update={"sharing": Mig(profile="3g.40gb")})
    assert gpu_instance_profile(pool) == "MIG3g"
    assert gpu_instance_profile(pool.model_copy(update={"driver": DriverOwner.GPU_OPERATOR})) is None
    assert gpu_instance_profile(pool.model_copy(update={"sharing": TimeSlicing(replicas=2)})) is None
    assert gpu_instance_profile(cpu_pool()) is None
