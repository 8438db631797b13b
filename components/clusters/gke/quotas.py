"""Which quota of Compute Engine a machine counts against.

Sources: Compute Engine documentation, "Allocation quotas" (GPUs by family, preemptible ones); ids as the Cloud
Quotas API lists them. L4 and A100 have quotas of their own, younger GPUs share one by family.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...planner.catalogs.instances import InstanceType

# By accelerator type of GKE; the second is the value of the dimension ``gpu_family``.
_OWN_GPU_QUOTAS = {
    "nvidia-l4": "NVIDIA-L4-GPUS",
    "nvidia-tesla-a100": "NVIDIA-A100-GPUS",
    "nvidia-a100-80gb": "NVIDIA-A100-80GB-GPUS",
}
_GPU_FAMILIES = {
    "nvidia-h100-80gb": "NVIDIA_H100",
    "nvidia-h100-mega-80gb": "NVIDIA_H100_MEGA",
    "nvidia-h200-141gb": "NVIDIA_H200",
    "nvidia-b200": "NVIDIA_B200",
    "nvidia-gb200": "NVIDIA_GB200",
    "nvidia-gb300": "NVIDIA_GB300",
    "nvidia-rtx-pro-6000": "NVIDIA_RTX_PRO_6000",
}


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota and how much of it one machine takes.

    Attributes:
        id: As the Cloud Quotas API spells it.
        each: GPUs or vCPUs of one machine.
        dimension: Dimension besides the region; empty for none.
        family: Its value.
    """

    id: str
    each: int
    dimension: str = ""
    family: str = ""

    @property
    def label(self) -> str:
        """For people to read."""
        return f"{self.id} ({self.family})" if self.family else self.id


def quota_of(machine: InstanceType, *, spot: bool) -> Quota:
    """The quota that fills first with such machines.

    Args:
        machine: The machine type.
        spot: Whether it is bought as spot or flex-start, which count against preemptible quotas.
    """
    prefix = "PREEMPTIBLE-" if spot else ""
    key = machine.accelerator_key or ""
    if key in _OWN_GPU_QUOTAS:
        return Quota(id=f"{prefix}{_OWN_GPU_QUOTAS[key]}-per-project-region", each=machine.gpus)
    if key in _GPU_FAMILIES:
        return Quota(
            id=f"{prefix}GPUS-PER-GPU-FAMILY-per-project-region",
            each=machine.gpus,
            dimension="gpu_family",
            family=_GPU_FAMILIES[key],
        )
    family = machine.name.partition("-")[0].upper()
    if spot:
        return Quota(id="PREEMPTIBLE-CPUS-per-project-region", each=machine.vcpus)
    if family == "N2":
        return Quota(id="N2-CPUS-per-project-region", each=machine.vcpus)
    return Quota(id="CPUS-PER-VM-FAMILY-per-project-region", each=machine.vcpus, dimension="vm_family", family=family)
