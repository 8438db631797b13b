"""What the stand-in for ``libnvidia-ml.so.1`` reads: the GPUs of a node, by the planner's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from components.planner.catalogs.gpus import Gpu, MigProfile

DEVICES_FOLDER = "/run/strata-devices"
"""Where containers find what the node's devices are: ``gpus``, and ``network`` with a count by resource."""

# NVML_GPU_INSTANCE_PROFILE_* by slices: NVIDIA/go-nvml v0.13.0, gen/nvml/nvml.h.
_NUMBERS = {1: 0, 2: 1, 3: 2, 4: 3, 7: 4}
_ONE_SLICE_OF_TWO_MEMORIES = 9


@dataclass(frozen=True, kw_only=True)
class NodeGpus:
    """The GPUs of one node.

    Attributes:
        gpu: Their row of the catalog.
        count: How many there are.
        node: Name of the node, from which UUIDs are made.
        driver: Version of the driver.
        cuda: Version of CUDA that it brings.
        memory_share: What part of a GPU's memory the machine has; below 1 where it is a slice of a GPU.
        partitions: MIG profiles into which each GPU is cut; empty where it is whole.
    """

    gpu: Gpu
    count: int
    node: str
    driver: str
    cuda: str
    memory_share: float = 1.0
    partitions: Sequence[str] = ()

    def text(self) -> str:
        """The facts file."""
        gpu = self.gpu
        # Discovery joins the words of a name by dashes, so the label stays what it is.
        lines = [f"count {self.count}", f"name {gpu.product_label.replace('-', ' ')}", f"seed {self.node}"]
        lines += [f"memory_mib {int(gpu.driver_mib * self.memory_share)}", f"compute {gpu.compute_capability}"]
        lines += [f"driver {self.driver}", f"cuda {self.cuda}"]
        lines += [f"profile {_profile(profile)}" for profile in gpu.mig_profiles if "+" not in profile.name]
        lines += [f"partition {name}" for name in self.partitions]
        return "\n".join(lines) + "\n"


def _profile(profile: MigProfile) -> str:
    slices = int(profile.name.partition("g")[0])
    eighths = round(profile.memory_share * 8)
    # One slice of seven with twice its memory, such as 1g.20gb of an H100; one of an A30 is a quarter of everything.
    doubled = slices == 1 and profile.compute_share < profile.memory_share == Fraction(1, 4)
    number = _ONE_SLICE_OF_TWO_MEMORIES if doubled else _NUMBERS[slices]
    return f"{profile.name} {number} {slices} {profile.most} {eighths} {int(profile.memory_gib * 1024)}"
