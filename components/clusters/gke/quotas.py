"""Which quotas of Compute Engine a machine counts against, and how the Cloud Quotas API is read.

Owns how quotas are named and how much of them a machine takes. The catalog says for each machine type which one it
is on demand: an id, or a dimension and its value, such as ``gpu_family:NVIDIA_H100``. Machines that Google may take
back have quotas of their own, by accelerator and never by family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...planner.catalogs.instances import InstanceType

NO_LIMIT = -1
"""How the API says that there is none."""
ALL_GPUS = "GPUS-ALL-REGIONS-per-project"
"""Quota of all GPUs of a project together, zero in a new one; some projects have none.

Sources: fastai/course-v3#165 (``Quota 'GPUS_ALL_REGIONS' exceeded.  Limit: 0.0 globally.``), gcloudrig/gcloudrig#25.
Reports differ on whether it holds for Spot machines, so it is not asked for them.
"""
_PER_REGION = "-per-project-region"
_INVENTORY = "OpenAgentsInc/openagents, GPU quota inventory read by the Cloud Quotas API on 2026-06-23"
_DWS = "GoogleCloudPlatform, DWS flex-start guide, table of required preemptible quotas"


@dataclass(frozen=True, kw_only=True)
class QuotaId:
    """A quota's id, and who saw it.

    Attributes:
        id: As the Cloud Quotas API spells it, in front of ``-per-project-region``.
        source: An answer of the API that somebody published.
    """

    id: str
    source: str


PREEMPTIBLE: Mapping[str, QuotaId] = {
    "nvidia-l4": QuotaId(id="PREEMPTIBLE-NVIDIA-L4-GPUS", source=_INVENTORY),
    "nvidia-tesla-a100": QuotaId(id="PREEMPTIBLE-NVIDIA-A100-GPUS", source=_INVENTORY),
    "nvidia-a100-80gb": QuotaId(id="PREEMPTIBLE-NVIDIA-A100-80GB-GPUS", source=_DWS),
    "nvidia-h100-80gb": QuotaId(id="PREEMPTIBLE-NVIDIA-H100-GPUS", source=_INVENTORY),
    "nvidia-h100-mega-80gb": QuotaId(id="PREEMPTIBLE-NVIDIA-H100-MEGA-GPUS", source=_INVENTORY),
    "nvidia-h200-141gb": QuotaId(id="PREEMPTIBLE-NVIDIA-H200-GPUS", source=_INVENTORY),
    "nvidia-b200": QuotaId(id="PREEMPTIBLE-NVIDIA-B200-GPUS", source=_INVENTORY),
    "nvidia-rtx-pro-6000": QuotaId(id="PREEMPTIBLE-NVIDIA-RTX-PRO-6000-GPUS", source=_INVENTORY),
}
"""Quota of Spot, flex-start and queued machines by accelerator; others are sold by reservation only."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota of Compute Engine.

    Attributes:
        id: As the Cloud Quotas API spells it.
        dimension: Dimension besides the region; empty for none.
        family: Its value.
    """

    id: str
    dimension: str = ""
    family: str = ""

    @property
    def label(self) -> str:
        """For people to read."""
        return f"{self.id} ({self.family})" if self.family else self.id


class Detail(Protocol):
    """The value of a row."""

    @property
    def value(self) -> str | None:
        """A number as text; nothing where the project was never granted any."""
        ...


class Row(Protocol):
    """One row of a quota, as the provider answers it."""

    @property
    def applicable_locations(self) -> Sequence[str]:
        """Regions, or ``global``."""
        ...

    @property
    def dimensions(self) -> Mapping[str, str] | None:
        """To what the row is limited."""
        ...

    @property
    def details(self) -> Sequence[Detail] | None:
        """One entry."""
        ...


def standard_quotas(machine: InstanceType) -> Mapping[Quota, int]:
    """What one machine takes of which quota, GPUs or vCPUs; nothing where its quota is not known."""
    dimension, is_shared, family = (machine.quota or "").partition(":")
    if not dimension:
        return {}
    shared = "GPUS-PER-GPU-FAMILY" if machine.gpus else "CPUS-PER-VM-FAMILY"
    own = Quota(
        id=f"{shared if is_shared else dimension}{_PER_REGION}",
        dimension=dimension if is_shared else "",
        family=family,
    )
    return {own: machine.gpus, Quota(id=ALL_GPUS): machine.gpus} if machine.gpus else {own: machine.vcpus}


def preemptible_quotas(machine: InstanceType) -> Mapping[Quota, int]:
    """The same for machines that Google may take back, or gives for some days."""
    if not machine.gpus:
        return {Quota(id=f"PREEMPTIBLE-CPUS{_PER_REGION}"): machine.vcpus}
    known = PREEMPTIBLE.get(machine.accelerator_key or "")
    return {Quota(id=f"{known.id}{_PER_REGION}"): machine.gpus} if known else {}


def limit_of(rows: Sequence[Row], quota: Quota, region: str) -> int | None:
    """The limit that holds for a quota; None where no row speaks of it.

    Of the rows that fit the one with the most dimensions holds: a family's own row for the region, then the family's,
    then that of all. A row without a value is zero, as the API leaves out what was never granted.

    Args:
        rows: Of the answer.
        quota: The quota.
        region: The region.
    """
    wanted = {"region": region, **({quota.dimension: quota.family} if quota.dimension else {})}
    fitting = [row for row in rows if _fits(row, wanted)]
    if not fitting:
        return None
    holding = max(fitting, key=lambda row: len(row.dimensions or {}))
    return next((int(detail.value) for detail in holding.details or () if detail.value), 0)


def _fits(row: Row, wanted: Mapping[str, str]) -> bool:
    here = {wanted["region"], "global"} & {*row.applicable_locations}
    return bool(here) and all(wanted.get(name) == value for name, value in (row.dimensions or {}).items())
