"""What the recipes call hardware, as pools that can be planned for.

Names are those of ``taxonomy.yaml`` in github.com/vllm-project/recipes, as of 2026-08-21.
"""

from __future__ import annotations

import re

from components.contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from components.contracts.machines import MachineNumbers
from components.contracts.pools import GpuPool
from components.planner.catalogs.other_accelerators import device_called
from components.planner.shapes import pool_facts

_SEVERAL = re.compile(r"_(\d+)x$")
_CATALOGUED = {
    "a100": "p4de.24xlarge",
    "h100": "p5.48xlarge",
    "h200": "p5en.48xlarge",
    "b200": "p6-b200.48xlarge",
    "b300": "p6-b300.48xlarge",
    "gb200": "p6e-gb200.36xlarge",
    "gb300": "gb300-nvl72-tray",
}
_NUMBERS = {
    "h20": ("H20-141", 8, 192, "2048Gi"),
    "rtx_4090": ("RTX-4090", 1, 32, "128Gi"),
    "rtx_5090": ("RTX-5090", 1, 32, "128Gi"),
    "rtx_pro_6000": ("RTX-PRO-6000", 1, 32, "256Gi"),
    "rtx_pro_5000": ("RTX-PRO-5000", 1, 32, "256Gi"),
    "dgx_spark_gb10": ("GB10", 1, 20, "128Gi"),
    "dgx_station_gb300": ("DGX-STATION-GB300", 1, 72, "496Gi"),
}
"""GPU, GPUs, CPUs and host memory of machines that no cloud sells so; the rest of a workstation is as people buy it."""
_NODES = {"dgx_station_gb300": 1, "dgx_spark_gb10": 1}
_USUAL_NODES = 4
_VENDORS = (
    ("AMD", re.compile(r"mi\d+x?")),
    ("Google TPU", re.compile(r"trillium|ironwood|tpu.*")),
    ("Intel", re.compile(r"xeon.*|arc.*|gaudi.*")),
    ("Huawei", re.compile(r"ascend.*")),
)


def vendor(name: str) -> str:
    """Who makes the hardware."""
    return next((maker for maker, pattern in _VENDORS if pattern.fullmatch(name)), "NVIDIA")


def refused_by_name(name: str) -> bool:
    """Whether the planner says that it is another maker's, instead of that it is unknown."""
    return device_called(name) is not None


def facts(name: str) -> ClusterFacts | None:
    """A cluster of that hardware; None where the catalogs lack it."""
    several = _SEVERAL.search(name)
    base = _SEVERAL.sub("", name)
    count = int(several[1]) if several else 0
    pool = _pool(base, count)
    if pool is None:
        return None
    volume = VolumeClass(name="shared", provisioner="benchmark", read_bytes_per_second=2e9)
    return ClusterFacts(
        name="coverage",
        environment="benchmark",
        kubernetes_version="1.34",
        pools=(pool_facts(pool),),
        storage=StorageFacts(read_write_once=volume, read_write_many=volume),
    )


def _pool(base: str, several: int) -> GpuPool | None:
    nodes = _NODES.get(base, 1 if several else _USUAL_NODES)
    machine = _CATALOGUED.get(base)
    if machine is not None:
        return GpuPool(kind="gpu", name="gpus", instance_type=machine, count=nodes)
    if base not in _NUMBERS:
        return None
    gpu, gpus, cpus, memory = _NUMBERS[base]
    numbers = MachineNumbers.model_validate({"gpu": gpu, "gpus": several or gpus, "cpus": cpus, "memory": memory})
    # Machines of one GPU are not joined: the recipes' profile of them is one machine.
    return GpuPool(
        kind="gpu",
        name="gpus",
        instance_type=f"lab-{base.replace('_', '-')}",
        count=nodes if gpus > 1 else 1,
        machine=numbers,
    )
