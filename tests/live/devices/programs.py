"""NVIDIA's device plugin and GPU feature discovery as processes: what they say of the GPUs of a machine.

Shown a stand-in for the driver's library they describe GPUs that are not there; else those of this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.accelerators.plugin_configuration import WHOLE, plugin_configurations
from components.clusters.local.cluster import local_facts
from components.contracts.gpu_sharing import GpuSharing, plugin_configuration
from components.contracts.pools import GpuPool
from simulation.live.devices.facts import NodeGpus
from simulation.live.devices.library import nvml_library
from tests.live.presence import missing

# Of the machine on which discovery runs; when it ran; and what a chart or the GPU operator sets by itself.
_NOT_OF_GPUS = {"nvidia.com/gpu.machine", "nvidia.com/gpu.mode", "nvidia.com/gfd.timestamp", "nvidia.com/gpu.present"}
_NAMES = ("nvidia-device-plugin", "gpu-feature-discovery", "live-node")
_SECONDS = 60
# The plugin's folder and the driver's list of partitions are fixed, so each is laid over in a mount namespace.
_OFFER = """
set -eu
mount -t tmpfs over /var/lib
mkdir -p /var/lib/kubelet/device-plugins
if [ -s "$3" ]; then
  mount -t tmpfs over /proc/driver
  mkdir /proc/driver/nvidia-caps
  cp "$3" /proc/driver/nvidia-caps/mig-minors
fi
live-node listed /var/lib/kubelet/device-plugins > "$2" &
kubelet=$!
until [ -S /var/lib/kubelet/device-plugins/kubelet.sock ]; do sleep 0.05; done
nvidia-device-plugin --config-file "$1" &
plugin=$!
wait $kubelet
kill $plugin
"""
_PARTITIONS, _PARTS = 15, 8


def of_gpus(labels: Mapping[str, str]) -> Mapping[str, str]:
    """Labels that say something of GPUs; but for engines and multiprocessors, which no table of the project has."""
    left_out = (".multiprocessors", *(f".engines.{kind}" for kind in ("copy", "decoder", "encoder", "jpeg", "ofa")))
    return {
        key: value
        for key, value in labels.items()
        if key.startswith("nvidia.com/") and key not in _NOT_OF_GPUS and not key.endswith(left_out)
    }


def configuration(sharing: GpuSharing | None, machine: str = "p5.48xlarge") -> str:
    """What Strata tells the plugin for a pool whose GPUs are shared so."""
    pool = GpuPool(name="pool", instance_type=machine, count=1, zones=("zone-a",), sharing=sharing)
    facts = local_facts("test", [pool])
    return plugin_configurations(facts.pools)[plugin_configuration(sharing) if sharing else WHOLE]


def require_programs() -> None:
    """Skip where they are not installed; fail in CI."""
    absent = [name for name in _NAMES if not shutil.which(name)]
    if absent:
        missing(f"{', '.join(absent)} are not installed: make toolchain-live")


def require_root() -> None:
    """Skip where mounts are not allowed; fail in CI."""
    if os.geteuid() != 0:
        missing("the device plugin's folders are laid over by mounts, which takes root")


@dataclass(frozen=True)
class Programs:
    """The programs of one machine.

    Attributes:
        folder: For files.
        gpus: GPUs that the machine shows in place of its own; None for its own.
    """

    folder: Path
    gpus: NodeGpus | None = None

    def labels(self, config: str) -> Mapping[str, str]:
        """Labels that discovery finds.

        Args:
            config: Configuration of the device plugin, which discovery reads as well.
        """
        out = self.folder / "labels"
        argv = ["gpu-feature-discovery", "--oneshot", "--use-node-feature-api=false", f"--output-file={out}"]
        self._run([*argv, f"--config-file={self._write('config.yaml', config)}"])
        return {key: value for key, _, value in (line.partition("=") for line in out.read_text().splitlines())}

    def offered(self, config: str) -> Mapping[str, int]:
        """Healthy devices that the plugin registers, by resource.

        Args:
            config: Configuration of the device plugin.
        """
        out = self.folder / "offered"
        minors = self._write("minors", _minors(self.gpus.count) if self.gpus and self.gpus.partitions else "")
        enter = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _OFFER, "sh"]
        self._run([*enter, str(self._write("config.yaml", config)), str(out), str(minors)])
        devices: dict[str, list[str]] = json.loads(out.read_text())
        return {resource: len(ids) for resource, ids in devices.items()}

    def _write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text)
        return file

    def _run(self, argv: list[str]) -> None:
        variables = dict(os.environ)
        if self.gpus is not None:
            library = nvml_library(self.folder)
            facts = self._write("gpus", self.gpus.text())
            variables |= {"LD_LIBRARY_PATH": str(library.parent), "STRATA_GPUS": str(facts)}
        done = subprocess.run(argv, env=variables, capture_output=True, text=True, timeout=_SECONDS, check=False)
        assert done.returncode == 0, done.stderr[-2000:]


def _minors(gpus: int) -> str:
    """The driver's list of devices through which containers get partitions."""
    names = ["config", "monitor"]
    for gpu in range(gpus):
        for partition in range(_PARTITIONS):
            place = f"gpu{gpu}/gi{partition}"
            names += [f"{place}/access", *(f"{place}/ci{part}/access" for part in range(_PARTS))]
    return "".join(f"{name} {number}\n" for number, name in enumerate(names, start=1))
