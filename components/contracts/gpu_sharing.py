"""How one GPU serves several pods: partitions in hardware, turns in time, or one CUDA server for all.

Owns the settings, and the names that the device plugin and its pods go by. What a slice holds is the planner's.
Sources: NVIDIA/k8s-device-plugin 0.19.0, README, "Shared Access to GPUs"; NVIDIA GPU operator, "GPU Operator with MIG".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from .model import Contract

GPU_RESOURCE = "nvidia.com/gpu"
"""Whole GPUs, and slices where they are all alike."""
CONFIG_LABEL = "nvidia.com/device-plugin.config"
"""Label by which a node chooses one of the plugin's configurations."""
MIG_CONFIG_LABEL = "nvidia.com/mig.config"
"""Label from which the MIG manager reads the layout of a node's GPUs."""
MPS_LABEL = "nvidia.com/mps.capable"
"""Label of nodes on which the control daemon of MPS runs; GPU feature discovery sets it too."""
SHARING_LABELS = (CONFIG_LABEL, MIG_CONFIG_LABEL, MPS_LABEL)
"""Labels that say how a node's GPUs are shared, and that a pool's ``sharing`` writes."""


class MigStrategy(StrEnum):
    """Under which name partitions are advertised."""

    SINGLE = "single"
    """As ``nvidia.com/gpu``, as if each were a GPU."""
    MIXED = "mixed"
    """By their profile, such as ``nvidia.com/mig-1g.10gb``."""


_Pods = Annotated[int, Field(ge=2, le=48)]
"""48 is the most that one MPS server takes (NVIDIA MPS documentation, "Client limit"), and that GKE shares a GPU by."""


class Mig(Contract):
    """Partitions in hardware (Multi-Instance GPU): memory, caches and processors of their own, of one size."""

    kind: Literal["mig"] = "mig"
    profile: Annotated[str, Field(pattern=r"^[1-9]g\.[1-9][0-9]*gb$")]
    """Size of the partitions, such as ``1g.10gb``; each GPU is cut into as many as it holds."""
    strategy: MigStrategy = MigStrategy.SINGLE
    """Under which name pods ask for them."""


class TimeSlicing(Contract):
    """Turns on the whole GPU. Nothing keeps pods out of each other's memory: each takes its equal share by itself."""

    kind: Literal["time-slicing"] = "time-slicing"
    replicas: _Pods
    """Pods that share one GPU."""


class Mps(Contract):
    """One CUDA server for all pods (Multi-Process Service), which limits each to its share of memory and processors.

    A fault of one pod can end all pods of the GPU.
    """

    kind: Literal["mps"] = "mps"
    replicas: _Pods
    """Pods that share one GPU."""


GpuSharing: TypeAlias = Annotated[Mig | TimeSlicing | Mps, Field(discriminator="kind")]
"""How one GPU serves several pods."""


def slice_resource(sharing: GpuSharing | None) -> str:
    """What pods ask for on nodes whose GPUs are shared so."""
    if isinstance(sharing, Mig) and sharing.strategy is MigStrategy.MIXED:
        return f"nvidia.com/mig-{sharing.profile}"
    return GPU_RESOURCE


def plugin_configuration(sharing: GpuSharing) -> str:
    """Name of the plugin's configuration for nodes whose GPUs are shared so, such as ``time-slicing-4``."""
    match sharing:
        case Mig(strategy=strategy):
            return f"mig-{strategy.value}"
        case TimeSlicing(replicas=replicas) | Mps(replicas=replicas):
            return f"{sharing.kind}-{replicas}"


def sharing_labels(sharing: GpuSharing | None, *, has_mig_manager: bool = False) -> dict[str, str]:
    """Labels of nodes whose GPUs are shared so.

    Args:
        sharing: How they are shared; None for whole GPUs.
        has_mig_manager: Whether the GPU operator's MIG manager cuts them, by what a label says.
    """
    if sharing is None:
        return {}
    labels = {CONFIG_LABEL: plugin_configuration(sharing)}
    match sharing:
        case Mig(profile=profile) if has_mig_manager:
            # NVIDIA/gpu-operator, assets/state-mig-manager/0400_configmap.yaml: one layout for each profile.
            labels[MIG_CONFIG_LABEL] = f"all-{profile}"
        case Mps():
            labels[MPS_LABEL] = "true"
        case _:
            pass
    return labels
