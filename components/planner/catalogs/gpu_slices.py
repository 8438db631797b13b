"""The part of a GPU that one pod has where several share it, as a GPU of its own.

Owns what a slice holds of memory, bandwidth and arithmetic. MIG divides it in hardware. The daemon of MPS limits pods
each to an equal share of memory and processors (NVIDIA/k8s-device-plugin 0.19.0, cmd/mps-control-daemon/mps/daemon.go).
Time-slicing limits nothing: a plan takes the equal share that leaves the others theirs.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ...contracts.gpu_sharing import GpuSharing, Mig, Mps, TimeSlicing
from .gpus import Gpu, MigProfile

_MIB_OF_GIB = 1024


def mig_profile(card: Gpu, name: str) -> MigProfile | None:
    """The partition of that name; None where the GPU cannot be cut into it."""
    return next((profile for profile in card.mig_profiles if profile.name == name), None)


def slices_per_gpu(card: Gpu, sharing: GpuSharing | None) -> int:
    """Pods that one GPU serves; 1 for whole GPUs, and for a partition that it cannot be cut into."""
    match sharing:
        case None:
            return 1
        case Mig(profile=name):
            profile = mig_profile(card, name)
            return profile.most if profile else 1
        case TimeSlicing(replicas=replicas) | Mps(replicas=replicas):
            return replicas


def visible_share(sharing: GpuSharing | None) -> float:
    """Share of the memory that a program sees which is its own: only MIG hides that of the others.

    Under MPS a program sees the whole GPU as well (NVIDIA/k8s-device-plugin#764), and fails when it takes more.
    """
    return 1 / sharing.replicas if isinstance(sharing, TimeSlicing | Mps) else 1.0


def slice_of(card: Gpu, sharing: GpuSharing | None) -> Gpu:
    """What one pod has of the GPU; the GPU itself where it is not shared.

    Slices have no NVLink: NCCL joins neither two partitions nor two shares of one GPU.
    """
    match sharing:
        case None:
            return card
        case Mig(profile=name):
            profile = mig_profile(card, name)
            if profile is None:
                return card
            cut = _cut(card, f"{card.name} {name}", profile.memory_share, profile.compute_share)
            return replace(cut, memory_gib=profile.memory_gib, usable_gib=profile.memory_gib)
        case TimeSlicing(replicas=replicas) | Mps(replicas=replicas):
            share = Fraction(1, replicas)
            cut = _cut(card, f"{card.name} {share} ({sharing.kind})", share, share)
            # As the daemon of MPS rounds its limit.
            usable = int(card.usable_gib * _MIB_OF_GIB) // replicas / _MIB_OF_GIB
            return replace(cut, memory_gib=card.memory_gib / replicas, usable_gib=usable)


def _cut(card: Gpu, name: str, memory: Fraction, compute: Fraction) -> Gpu:
    return replace(
        card,
        name=name,
        # Who asks for a GPU by its name means a whole one.
        aliases=(),
        bandwidth_gbs=card.bandwidth_gbs * float(memory),
        bf16_tflops=_part(card.bf16_tflops, compute),
        fp16_tflops=_part(card.fp16_tflops, compute),
        fp8_tflops=_part(card.fp8_tflops, compute),
        fp4_tflops=_part(card.fp4_tflops, compute),
        nvlink_gbs=None,
        nvlink_domain=1,
        mig_profiles=(),
    )


def _part(tflops: float | None, share: Fraction) -> float | None:
    return None if tflops is None else tflops * float(share)
