"""What the kubelet of a node keeps from pods, as each cloud documents it for its own nodes.

Written down apart from the planner's figures, so that one of them that promises too much shows: pods that were planned
then stay pending here as they would there.
"""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB, GIB = 2**10, 2**20, 2**30
_REST = float("inf")

EVICTION_MEMORY = 100 * MIB
"""``memory.available`` of kubelet's default evictionHard, and that of all three clouds."""
EVICTION_STORAGE = 0.1
"""``nodefs.available`` of kubelet's default evictionHard, as a share of the file system."""

# https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes, cores and GiB; EKS computes its CPU from the
# same table (awslabs/amazon-eks-ami, nodeadm, getCPUMillicoresToReserve).
_CPU_SLICES = ((1, 0.06), (1, 0.01), (2, 0.005), (_REST, 0.0025))
_GKE_MEMORY_SLICES = ((4, 0.25), (4, 0.20), (8, 0.10), (112, 0.06), (_REST, 0.02))
# GKE's page again: what it keeps of local disks, by how many there are, in GiB.
_GKE_LOCAL_DISKS = {1: 50, 2: 75}
_GKE_MANY_LOCAL_DISKS = 100
_GKE_LOCAL_DISK_GIB = 375
# The table of https://learn.microsoft.com/azure/aks/node-resource-reservations, 60 millicores of one core to 740 of 64,
# as slices.
_AKS_CPU_SLICES = ((1, 0.06), (1, 0.04), (2, 0.02), (_REST, 0.01))


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Amounts of a machine before anything is kept.

    Attributes:
        vcpus: Its processors.
        memory: Memory as sold, bytes.
        storage: The disks that pods write to, bytes.
        local_disks: Whether these are local disks, not the disk that the machine boots from.
        pods: Most pods of the node.
    """

    vcpus: int
    memory: float
    storage: float
    local_disks: bool
    pods: int


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """What kubelet keeps: its ``kubeReserved`` and ``systemReserved`` together, without the eviction thresholds.

    Attributes:
        cores: Processors.
        memory: Bytes.
        storage: Bytes.
    """

    cores: float = 0.0
    memory: float = 0.0
    storage: float = 0.0


def eks_reserved(offer: Offer) -> Reserved:
    """Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go (kubeReserved)."""
    return Reserved(cores=_sliced(offer.vcpus, _CPU_SLICES), memory=(255 + 11 * offer.pods) * MIB, storage=float(GIB))


def gke_reserved(offer: Offer) -> Reserved:
    """Source: https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes."""
    size = offer.storage / GIB
    if offer.local_disks:
        storage = _GKE_LOCAL_DISKS.get(round(size / _GKE_LOCAL_DISK_GIB), _GKE_MANY_LOCAL_DISKS)
    else:
        storage = min(0.5 * size, 6 + 0.35 * size, 100)
    return Reserved(
        cores=_sliced(offer.vcpus, _CPU_SLICES),
        memory=_sliced(offer.memory / GIB, _GKE_MEMORY_SLICES) * GIB,
        storage=storage * GIB,
    )


def aks_reserved(offer: Offer) -> Reserved:
    """Source: https://learn.microsoft.com/azure/aks/node-resource-reservations, Kubernetes 1.29 and later."""
    return Reserved(
        cores=_sliced(offer.vcpus, _AKS_CPU_SLICES), memory=min((20 * offer.pods + 50) * MIB, 0.25 * offer.memory)
    )


def nothing_reserved(_offer: Offer) -> Reserved:
    """Nothing but what the cluster's KubeletConfiguration says, which hosts of a simulated site read."""
    return Reserved()


def kernel_memory(memory: float) -> float:
    """Memory that the kernel of a machine keeps for itself, so that nothing else sees it, in bytes.

    Source: kubernetes/autoscaler, cluster-autoscaler/cloudprovider/gce/gce_reserved.go (CalculateKernelReserved): 64
    bytes for each page of 4 KiB, the kernel, bounce buffers, and a correction that Google measured. AWS and Azure
    publish none; the kernel is the same.
    """
    small = 8 * MIB if memory <= 8 * GIB else 0
    bounce_buffers = 64 * MIB if memory > 3 * GIB else 0
    return memory / 64 + 16 * MIB + bounce_buffers + small + min(0.00175 * memory, 248 * MIB)


def _sliced(amount: float, slices: tuple[tuple[float, float], ...]) -> float:
    taken = 0.0
    for size, share in slices:
        taken += min(amount, size) * share
        amount -= min(amount, size)
    return taken
