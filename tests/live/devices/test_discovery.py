"""NVIDIA's own programs say of GPUs that are not there what simulated nodes show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.accelerators.plugin_configuration import WHOLE
from components.contracts.gpu_sharing import GpuSharing, Mig, MigStrategy, TimeSlicing
from components.planner.catalogs.gpus import gpu
from components.planner.catalogs.instances import instance
from simulation.control_plane.devices.inventory import Inventory
from simulation.control_plane.devices.node_devices import advertised
from simulation.control_plane.gpu_labels import CUDA_VERSION, DRIVER_VERSION
from simulation.control_plane.machines import Machine
from simulation.control_plane.nodes import node_of
from simulation.live.devices.facts import NodeGpus
from tests.simulation.control_plane.agent_pods import running

from .programs import Programs, configuration, of_gpus, require_programs, require_root

PLUGIN = "nvcr.io/nvidia/k8s-device-plugin:v0.19.0"
NODE_DISCOVERY = "registry.k8s.io/nfd/node-feature-discovery:v0.18.3"
MACHINES = ("p5.48xlarge", "p4d.24xlarge", "p6-b200.48xlarge", "g6e.48xlarge", "g6.xlarge", "g5.xlarge")
SHARINGS: Mapping[str, GpuSharing] = {
    "one profile as GPUs": Mig(profile="1g.10gb"),
    "one profile by name": Mig(profile="1g.10gb", strategy=MigStrategy.MIXED),
    "larger partitions": Mig(profile="3g.40gb", strategy=MigStrategy.MIXED),
    "turns": TimeSlicing(replicas=4),
}


@dataclass(frozen=True)
class Shown:
    """A machine with GPUs as NVIDIA's programs see it and as it is simulated."""

    programs: Programs
    inventory: Inventory
    config: str

    def simulated(self) -> tuple[Mapping[str, int], Mapping[str, str]]:
        """Resources and labels of the simulated node on which plugin and discovery run."""
        files = {WHOLE: self.config}
        names = ("nvidia-device-plugin", "gpu-feature-discovery")
        agents = [running(PLUGIN, name, files=files, default=WHOLE) for name in names]
        shows = advertised(self.inventory, {}, [running(NODE_DISCOVERY, "nfd-worker"), *agents], writes=True)
        return shows.resources, shows.labels


def shown(name: str, sharing: GpuSharing | None, folder: Path) -> Shown:
    """A machine whose GPUs are shared so."""
    kind = instance(name)
    profile = sharing.profile if isinstance(sharing, Mig) else ""
    machine = Machine(
        name="node", instance_type=name, zone="zone-a", region="zone", has_driver=True, mig_profile=profile
    )
    node = node_of(machine, "test", "pool", 0)
    assert node.inventory is not None
    assert kind.gpu is not None
    gpus = NodeGpus(
        gpu=gpu(kind.gpu),
        count=kind.gpus,
        node="node",
        driver=DRIVER_VERSION,
        cuda=CUDA_VERSION,
        partitions=(profile,) * node.inventory.mig.get(profile, 0),
    )
    return Shown(Programs(folder, gpus), node.inventory, configuration(sharing, name))


@pytest.fixture(autouse=True)
def _programs() -> None:
    require_programs()


@pytest.mark.parametrize("machine", MACHINES)
def test_labels_of_whole_gpus(machine: str, tmp_path: Path) -> None:
    node = shown(machine, None, tmp_path)

    found = node.programs.labels(node.config)

    assert of_gpus(found) == of_gpus(node.simulated()[1])
    assert found.keys() >= {"nvidia.com/gpu.machine", "nvidia.com/gpu.mode"}


@pytest.mark.parametrize("name", SHARINGS)
def test_labels_of_shared_gpus(name: str, tmp_path: Path) -> None:
    node = shown("p5.48xlarge", SHARINGS[name], tmp_path)

    assert of_gpus(node.programs.labels(node.config)) == of_gpus(node.simulated()[1])


@pytest.mark.parametrize("name", [None, *SHARINGS])
def test_resources(name: str | None, tmp_path: Path) -> None:
    require_root()
    node = shown("p5.48xlarge", SHARINGS[name] if name else None, tmp_path)

    assert node.programs.offered(node.config) == node.simulated()[0]
