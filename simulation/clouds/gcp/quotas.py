"""Quotas: what this project was given, in the shape in which the Cloud Quotas API answers.

Ids and shapes are those of published answers: the inventory in OpenAgentsInc/openagents of 2026-06-23 (preemptible
quotas by GPU, none by family), test data of davidstrauss/taste-ide of 2026-10-03 (rows by family, and some without a
value), and hashicorp/terraform-provider-google#21165 (the API when it is off).
"""

from __future__ import annotations

from collections.abc import Mapping

from ...provider.tables import Call
from ...provider.values import Object, Value
from .machine_types import hardware, machine
from .regions import REGIONS

_PER_REGION = "-per-project-region"
ALL_GPUS = "GPUS-ALL-REGIONS-per-project"
_GPU_FAMILIES = ("H100", "H100_MEGA", "H200", "B200", "GB200", "GB300", "RTX_PRO_6000")
QUOTAS: Mapping[str, int] = {
    "NETWORKS": 30,
    ALL_GPUS: 128,
    f"NVIDIA-L4-GPUS{_PER_REGION}": 32,
    f"NVIDIA-A100-GPUS{_PER_REGION}": 16,
    f"NVIDIA-A100-80GB-GPUS{_PER_REGION}": 16,
    f"GPUS-PER-GPU-FAMILY{_PER_REGION}": 16,
    f"CPUS-PER-VM-FAMILY{_PER_REGION}": 1000,
    f"C3-CPUS{_PER_REGION}": 1000,
    f"N2-CPUS{_PER_REGION}": 500,
    f"PREEMPTIBLE-NVIDIA-L4-GPUS{_PER_REGION}": 32,
    f"PREEMPTIBLE-NVIDIA-A100-GPUS{_PER_REGION}": 16,
    f"PREEMPTIBLE-NVIDIA-A100-80GB-GPUS{_PER_REGION}": 16,
    f"PREEMPTIBLE-NVIDIA-H100-GPUS{_PER_REGION}": 64,
    f"PREEMPTIBLE-NVIDIA-H100-MEGA-GPUS{_PER_REGION}": 64,
    f"PREEMPTIBLE-NVIDIA-H200-GPUS{_PER_REGION}": 64,
    f"PREEMPTIBLE-NVIDIA-B200-GPUS{_PER_REGION}": 64,
    f"PREEMPTIBLE-NVIDIA-RTX-PRO-6000-GPUS{_PER_REGION}": 16,
    f"PREEMPTIBLE-CPUS{_PER_REGION}": 500,
}
"""Ids as the Cloud Quotas API spells them; NETWORKS is global: https://cloud.google.com/vpc/docs/quota."""
_PREEMPTIBLE = {
    "nvidia-l4": "NVIDIA-L4-GPUS",
    "nvidia-tesla-a100": "NVIDIA-A100-GPUS",
    "nvidia-a100-80gb": "NVIDIA-A100-80GB-GPUS",
    "nvidia-h100-80gb": "NVIDIA-H100-GPUS",
    "nvidia-h100-mega-80gb": "NVIDIA-H100-MEGA-GPUS",
    "nvidia-h200-141gb": "NVIDIA-H200-GPUS",
    "nvidia-b200": "NVIDIA-B200-GPUS",
    "nvidia-rtx-pro-6000": "NVIDIA-RTX-PRO-6000-GPUS",
}
_NEVER = "never granted"


def quota(call: Call, code: str) -> int:
    """What the project may have of it; the fact ``quota:<id>`` is what tests change."""
    own = call.account.fact(f"quota:{code}")
    return (0 if own == _NEVER else int(own)) if own is not None else QUOTAS[code]


def fact_of(value: int | None) -> str:
    """How a limit is written down; None for a quota of which the project was never granted any."""
    return _NEVER if value is None else str(value)


def rows(call: Call, code: str) -> list[Value]:
    """The rows of a quota: those of families first, then the one of all, without a value where families have some."""
    never = call.account.fact(f"quota:{code}") == _NEVER
    details: list[Value] = [{"value": None if never else str(quota(call, code))}]
    places: list[Value] = ["global"] if code == ALL_GPUS else [*REGIONS]
    whole: Object = {"applicableLocations": places, "details": details, "dimensions": {}}
    if not code.startswith("GPUS-PER-GPU-FAMILY"):
        return [whole]
    families: list[Value] = [{**whole, "dimensions": {"gpu_family": f"NVIDIA_{family}"}} for family in _GPU_FAMILIES]
    return [*families, {**whole, "details": [{"value": None}]}]


def quotas_of(call: Call, name: str, *, spot: bool) -> Mapping[str, int]:
    """What each machine of a type takes of which quota.

    Spot machines take of the standard quota while the preemptible one was never granted:
    https://cloud.google.com/compute/docs/instances/spot#quota.
    """
    found = machine(name)
    if found is None:
        return {}
    standard = {f"{hardware(name).quota}{_PER_REGION}": found.gpus or found.vcpus}
    if not spot:
        return {**standard, ALL_GPUS: found.gpus} if found.gpus else standard
    preemptible = f"PREEMPTIBLE-{_PREEMPTIBLE[hardware(name).accelerator] if found.gpus else 'CPUS'}{_PER_REGION}"
    return {preemptible: found.gpus or found.vcpus} if quota(call, preemptible) else standard
