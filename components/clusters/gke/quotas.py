"""Which quota of Compute Engine a machine counts against.

Owns how a quota is named, and how much of it a machine takes. The catalog says for each machine type which
one it is: an id, or a dimension and its value, such as ``gpu_family:NVIDIA_H100``. L4 and A100 have quotas
of their own, younger GPUs share one by family.

Sources: Compute Engine documentation, "Allocation quotas" (GPUs by family, preemptible ones); ids as the
Cloud Quotas API lists them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...planner.catalogs.instances import InstanceType


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota and how much of it one machine takes.

    Attributes:
        id: As the Cloud Quotas API spells it.
        per_machine: GPUs or vCPUs of one machine.
        dimension: Dimension besides the region; empty for none.
        family: Its value.
    """

    id: str
    per_machine: int
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
    if spot and not machine.gpus:
        return Quota(id="PREEMPTIBLE-CPUS-per-project-region", per_machine=machine.vcpus)
    own = machine.quota or ""
    dimension, is_shared, family = own.partition(":")
    shared = "GPUS-PER-GPU-FAMILY" if machine.gpus else "CPUS-PER-VM-FAMILY"
    return Quota(
        id=f"{'PREEMPTIBLE-' if spot else ''}{shared if is_shared else own}-per-project-region",
        per_machine=machine.gpus or machine.vcpus,
        dimension=dimension if is_shared else "",
        family=family,
    )
