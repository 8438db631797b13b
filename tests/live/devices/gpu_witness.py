"""On a machine with GPUs of NVIDIA: whether the stand-in for the driver's library says what the driver says.

``python -m tests.live.devices.gpu_witness`` runs device plugin and feature discovery twice, once with this machine's
driver and once with the stand-in that is told of the same GPUs, and ends with an error where they differ.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from components.contracts.gpu_sharing import TimeSlicing
from components.planner.catalogs.gpus import Gpu, gpus
from simulation.live.devices.facts import NodeGpus

from .programs import Programs, configuration, of_gpus

_WHOLE, _SHARED = configuration(None), configuration(TimeSlicing(replicas=4))
# MiB by which cards of one product differ: firmware and driver keep some.
_MEMORY_SLACK = 512


def main() -> int:
    """Print what differs; 1 where anything does."""
    with tempfile.TemporaryDirectory() as folder:
        true = Programs(Path(folder))
        found = true.labels(_WHOLE)
        product = found.get("nvidia.com/gpu.product", "")
        gpu = next((each for each in gpus() if each.product_label == product), None)
        if gpu is None:
            print(f"the catalog has no GPU whose label is {product!r}; labels found: {dict(found)}")
            return 1
        shown = Programs(Path(folder), _same(gpu, found))
        differences = [line for config in (_WHOLE, _SHARED) for line in _differences(true, shown, config)]
    print("\n".join(differences) or f"{found['nvidia.com/gpu.count']} x {product}: no difference")
    return 1 if differences else 0


def _same(gpu: Gpu, found: Mapping[str, str]) -> NodeGpus:
    driver, cuda = found["nvidia.com/cuda.driver-version.full"], found["nvidia.com/cuda.runtime-version.full"]
    return NodeGpus(gpu=gpu, count=int(found["nvidia.com/gpu.count"]), node="this", driver=driver, cuda=cuda)


def _differences(true: Programs, shown: Programs, config: str) -> Iterator[str]:
    there, here = of_gpus(true.labels(config)), of_gpus(shown.labels(config))
    for label in sorted(there.keys() | here.keys()):
        one, other = there.get(label), here.get(label)
        if label == "nvidia.com/gpu.memory" and one and other and abs(int(one) - int(other)) <= _MEMORY_SLACK:
            continue
        if one != other:
            yield f"label {label}: driver {one}, stand-in {other}"
    offered = true.offered(config), shown.offered(config)
    if offered[0] != offered[1]:
        yield f"devices: driver {dict(offered[0])}, stand-in {dict(offered[1])}"


if __name__ == "__main__":
    sys.exit(main())
