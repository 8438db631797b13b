"""NVIDIA's own feature discovery finds on our stand-in for its library what simulated nodes are labelled with."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from components.planner.catalogs.instances import instance
from simulation.control_plane.gpu_labels import CUDA_VERSION, DRIVER_VERSION, gpu_labels
from simulation.control_plane.hardware import hardware_of
from simulation.control_plane.machines import Machine
from simulation.live.devices.facts import NodeGpus
from simulation.live.devices.library import nvml_library

# Read from the firmware and the PCI bus of the machine that it runs on.
OF_THE_MACHINE = {"nvidia.com/gpu.machine", "nvidia.com/gpu.mode"}
# When it ran; and what the device plugin's chart and the GPU operator set by themselves.
OTHERS = {"nvidia.com/gfd.timestamp", "nvidia.com/gpu.present"}


@pytest.fixture(scope="module")
def discovery() -> str:
    found = shutil.which("gpu-feature-discovery")
    if found is None:
        message = "gpu-feature-discovery is not installed: make toolchain-live"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.mark.parametrize(
    "machine", ["p5.48xlarge", "p4d.24xlarge", "p6-b200.48xlarge", "g6e.48xlarge", "g6.xlarge", "g5.xlarge"]
)
def test_discovered_labels_are_those_of_simulated_nodes(discovery: str, machine: str, tmp_path: Path) -> None:
    kind = instance(machine)
    shown = Machine(name="node", instance_type=machine, zone="zone-a", region="zone", has_driver=True)
    hardware = hardware_of(kind, shown)
    assert hardware.gpu is not None
    gpus = NodeGpus(gpu=hardware.gpu, count=kind.gpus, node="node", driver=DRIVER_VERSION, cuda=CUDA_VERSION)
    (tmp_path / "gpus").write_text(gpus.text())
    library = nvml_library(tmp_path)
    variables = {**os.environ, "LD_LIBRARY_PATH": str(library.parent), "STRATA_GPUS": str(tmp_path / "gpus")}
    argv = [discovery, "--oneshot", "--use-node-feature-api=false", "--output-file", str(tmp_path / "labels")]

    subprocess.run(argv, env=variables, check=True, capture_output=True, timeout=30)

    lines = (tmp_path / "labels").read_text().splitlines()
    found = {key: value for key, _, value in (line.partition("=") for line in lines)}
    expected = gpu_labels(hardware, "pool", 0)
    ignored = OF_THE_MACHINE | OTHERS
    assert {key: value for key, value in found.items() if key not in ignored} == {
        key: value for key, value in expected.items() if key not in ignored
    }
    assert found.keys() >= OF_THE_MACHINE
