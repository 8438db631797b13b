"""Quotas: what this project was given."""

from __future__ import annotations

from ...provider.tables import Call
from .machine_types import machine

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
_OWN = {
    "nvidia-l4": "NVIDIA-L4-GPUS",
    "nvidia-tesla-a100": "NVIDIA-A100-GPUS",
    "nvidia-a100-80gb": "NVIDIA-A100-80GB-GPUS",
}


def quota(call: Call, code: str) -> int:
    """What the project may have of it; the fact ``quota:<id>`` is what tests change."""
    own = call.account.fact(f"quota:{code}")
    return int(own) if own is not None else QUOTAS[code]


def quota_of(name: str, *, spot: bool) -> tuple[str, int]:
    """Id of the quota that machines of a type count against, and what each takes of it."""
    found = machine(name)
    prefix = "PREEMPTIBLE-" if spot else ""
    if found is None:
        return "CPUS-PER-VM-FAMILY-per-project-region", 0
    if found.gpus:
        family = _OWN.get(found.accelerator_key or "", "GPUS-PER-GPU-FAMILY")
        return f"{prefix}{family}-per-project-region", found.gpus
    if spot:
        return "PREEMPTIBLE-CPUS-per-project-region", found.vcpus
    own = "N2-CPUS" if name.startswith("n2-") else "CPUS-PER-VM-FAMILY"
    return f"{own}-per-project-region", found.vcpus
