"""Quotas: what this project was given."""

from __future__ import annotations

from ...provider.tables import Call
from .machine_types import hardware, machine

QUOTAS = {
    "NETWORKS": 30,
    "NVIDIA-L4-GPUS-per-project-region": 32,
    "NVIDIA-A100-GPUS-per-project-region": 16,
    "NVIDIA-A100-80GB-GPUS-per-project-region": 16,
    "GPUS-PER-GPU-FAMILY-per-project-region": 16,
    "CPUS-PER-VM-FAMILY-per-project-region": 1000,
    "N2-CPUS-per-project-region": 500,
    "PREEMPTIBLE-NVIDIA-L4-GPUS-per-project-region": 32,
    "PREEMPTIBLE-NVIDIA-A100-GPUS-per-project-region": 16,
    "PREEMPTIBLE-NVIDIA-A100-80GB-GPUS-per-project-region": 16,
    "PREEMPTIBLE-GPUS-PER-GPU-FAMILY-per-project-region": 16,
    "PREEMPTIBLE-CPUS-per-project-region": 500,
}
"""Ids as the Cloud Quotas API spells them; NETWORKS is global: https://cloud.google.com/vpc/docs/quota."""


def quota(call: Call, code: str) -> int:
    """What the project may have of it; the fact ``quota:<id>`` is what tests change."""
    own = call.account.fact(f"quota:{code}")
    return int(own) if own is not None else QUOTAS[code]


def quota_of(name: str, *, spot: bool) -> tuple[str, int]:
    """Id of the quota that machines of a type count against, and what each takes of it."""
    found = machine(name)
    if found is None:
        return "CPUS-PER-VM-FAMILY-per-project-region", 0
    if spot and not found.gpus:
        return "PREEMPTIBLE-CPUS-per-project-region", found.vcpus
    prefix = "PREEMPTIBLE-" if spot else ""
    return f"{prefix}{hardware(name).quota}-per-project-region", found.gpus or found.vcpus
