"""On a machine with GPUs of NVIDIA: whether the stand-in for the driver's library says what the driver says.

``python -m tests.live.devices.gpu_witness [RECORD]`` runs device plugin and feature discovery twice, once with this
machine's driver and once with the stand-in that is told of the same GPUs, and ends with an error where they differ.
It writes what the driver says to RECORD, which ``recorded/`` keeps for machines without a GPU.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from components.contracts.gpu_sharing import GpuSharing, TimeSlicing
from components.planner.catalogs.gpus import Gpu, gpus
from simulation.live.devices.facts import NodeGpus

from .programs import Programs, configuration, of_gpus

_SHARINGS: Mapping[str, GpuSharing | None] = {"whole": None, "four take turns": TimeSlicing(replicas=4)}
# MiB by which cards of one product differ: firmware and driver keep some.
_MEMORY_SLACK = 64


class Said(BaseModel):
    """What NVIDIA's programs say of a machine's GPUs in one configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: Mapping[str, str]
    devices: Mapping[str, int]


class Record(BaseModel):
    """What they say in each configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    said: Mapping[str, Said]

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels of whole GPUs."""
        return self.said["whole"].labels


def record(programs: Programs) -> Record:
    """Run both programs in every configuration."""
    said: dict[str, Said] = {}
    for name, sharing in _SHARINGS.items():
        config = configuration(sharing)
        said[name] = Said(labels=of_gpus(programs.labels(config)), devices=programs.offered(config))
    return Record(said=said)


def stand_in(of: Record) -> NodeGpus | None:
    """GPUs of the catalog as that machine has them; None where the catalog has none of that name."""
    found = next((gpu for gpu in gpus() if gpu.product_label == of.labels.get("nvidia.com/gpu.product")), None)
    return _same(found, of.labels) if found else None


def differences(driver: Record, shown: Record) -> Iterator[str]:
    """A line for each label and resource that they do not agree on."""
    for name, there in driver.said.items():
        here = shown.said[name]
        for label in sorted(there.labels.keys() | here.labels.keys()):
            one, other = there.labels.get(label), here.labels.get(label)
            if one != other and not _nearly(label, one, other):
                yield f"{name}: label {label}: driver {one}, stand-in {other}"
        if there.devices != here.devices:
            yield f"{name}: devices: driver {dict(there.devices)}, stand-in {dict(here.devices)}"


def main(arguments: list[str]) -> int:
    """Print what differs; 1 where anything does."""
    with tempfile.TemporaryDirectory() as folder:
        true = record(Programs(Path(folder)))
        if arguments:
            Path(arguments[0]).write_text(true.model_dump_json(indent=2) + "\n")
        same = stand_in(true)
        if same is None:
            print(f"the catalog has no GPU of this label; labels found: {dict(true.labels)}")
            return 1
        found = list(differences(true, record(Programs(Path(folder), same))))
    print("\n".join(found) or f"{same.count} x {same.gpu.name}: no difference")
    return 1 if found else 0


def _same(gpu: Gpu, found: Mapping[str, str]) -> NodeGpus:
    driver, cuda = found["nvidia.com/cuda.driver-version.full"], found["nvidia.com/cuda.runtime-version.full"]
    return NodeGpus(gpu=gpu, count=int(found["nvidia.com/gpu.count"]), node="this", driver=driver, cuda=cuda)


def _nearly(label: str, one: str | None, other: str | None) -> bool:
    if label != "nvidia.com/gpu.memory" or one is None or other is None:
        return False
    return abs(int(one) - int(other)) <= _MEMORY_SLACK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
