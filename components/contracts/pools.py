"""Node pools as users write them for targets whose nodes exist or are simulated.

Owns what is common to every environment: which machines, how many, which labels and taints.
Clouds add how the machines are bought; that lives with each cloud's cluster.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from .model import Contract
from .names import LabelKey, LabelValue, ObjectName


class TaintEffect(StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class Taint(Contract):
    """A node taint."""

    key: LabelKey
    value: LabelValue = ""
    effect: TaintEffect = TaintEffect.NO_SCHEDULE


class _Pool(Contract):
    name: ObjectName
    """Name of the pool; nodes carry it as the label ``strata.dev/pool``."""
    instance_type: str
    """A machine of the instance catalog, such as ``p5.48xlarge``."""
    count: Annotated[int, Field(ge=1, le=5000)]
    """Number of nodes; Kubernetes is tested up to 5,000."""
    zones: Annotated[tuple[LabelValue, ...], Field(min_length=1)] = ("zone-a",)
    """Zones that the nodes are spread over, round robin."""
    labels: dict[LabelKey, LabelValue] = {}
    """Further node labels."""
    taints: tuple[Taint, ...] = ()
    """Further taints; GPU pools carry ``nvidia.com/gpu`` anyway."""


class GpuPool(_Pool):
    """Nodes with NVIDIA GPUs."""

    kind: Literal["gpu"]


class CpuPool(_Pool):
    """Nodes without GPUs."""

    kind: Literal["cpu"]


NodePool = Annotated[GpuPool | CpuPool, Field(discriminator="kind")]
"""One pool of equal nodes."""

GPU_TAINT = Taint(key="nvidia.com/gpu", value="present")
"""Keeps pods without a GPU off GPU nodes; NVIDIA's operators tolerate exactly this key."""
POOL_LABEL = "strata.dev/pool"
"""Label by which workloads select a pool; its value must never change its meaning."""
