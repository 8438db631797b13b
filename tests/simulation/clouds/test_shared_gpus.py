"""Machines of simulated clouds are cut and shared as their node pools say, and no other pool is taken."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from components.contracts.gpu_sharing import GpuSharing, Mig, Mps, TimeSlicing
from components.contracts.pools import GpuPool
from simulation.clouds.azure.control_planes import machines_of
from simulation.control_plane.nodes import nodes_of
from simulation.provider.values import Object

POOL: Object = {"vmSize": "Standard_ND96isr_H100_v5", "count": 1, "orchestratorVersion": "1.35"}


@pytest.mark.parametrize(
    ("profile", "size", "cut"),
    [
        ("MIG1g", "Standard_ND96isr_H100_v5", "1g.10gb"),
        ("MIG3g", "Standard_ND96isr_H100_v5", "3g.40gb"),
        ("MIG1g", "Standard_ND96asr_v4", "1g.5gb"),
        ("", "Standard_ND96isr_H100_v5", ""),
    ],
)
def test_azure_cuts_each_gpu_by_the_instance_profile_of_its_pool(profile: str, size: str, cut: str) -> None:
    given: Object = {**POOL, "vmSize": size, **({"gpuInstanceProfile": profile} if profile else {})}
    (machine,) = machines_of("eastus2", "h100", given)
    assert machine.mig_profile == cut


@pytest.mark.parametrize(
    ("sharing", "cut", "labels"),
    [
        (Mig(profile="1g.10gb"), "1g.10gb", {"nvidia.com/device-plugin.config": "mig-single"}),
        (TimeSlicing(replicas=4), "", {"nvidia.com/device-plugin.config": "time-slicing-4"}),
        (Mps(replicas=2), "", {"nvidia.com/device-plugin.config": "mps-2", "nvidia.com/mps.capable": "true"}),
        (None, "", {}),
    ],
)
def test_embedded_nodes_carry_what_their_pool_says(
    sharing: GpuSharing | None, cut: str, labels: Mapping[str, str]
) -> None:
    (node,) = nodes_of([GpuPool(name="gpus", instance_type="p5.48xlarge", count=1, sharing=sharing)])
    assert node.inventory is not None
    assert node.inventory.cut == cut
    assert {key: value for key, value in node.labels.items() if key in labels} == labels
    assert "nvidia.com/gpu" not in node.capacity, "nothing advertises yet"
