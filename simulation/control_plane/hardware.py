"""What a machine type gives the node that it becomes: capacity, what of it pods may use, GPUs and network devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.contracts.fabric import Transport
from components.contracts.quantities import ByteSize, CpuAmount
from components.planner.catalogs.gpus import Gpu, gpu
from components.planner.catalogs.instances import InstanceType

from .cloud_nodes import CLOUD_NODES, CloudNodes
from .machines import Machine
from .reservations import EVICTION_MEMORY, EVICTION_STORAGE, GIB, MIB, Offer, kernel_memory

NVIDIA, AMD = "nvidia.com/gpu", "amd.com/gpu"
GPU_RESOURCES = frozenset({NVIDIA, AMD})
EFA = "vpc.amazonaws.com/efa"

# Root volume where nobody said how large.
_ROOT_DISK_GIB = 100


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """Ordinary resources of a node, as the API spells them."""

    cpu: str
    memory: str
    storage: str
    pods: str


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """A machine type as the node of one machine shows it.

    Attributes:
        type: Its row of the instance catalog.
        gpu: Its GPU; None where it has none.
        capacity: All of it that the kernel sees.
        allocatable: What of that pods may use.
        devices: Network devices that device plugins count.
    """

    type: InstanceType
    gpu: Gpu | None
    capacity: Amounts
    allocatable: Amounts
    devices: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def gpu_resource(self) -> Mapping[str, int]:
        """GPUs that a device plugin would count."""
        if self.gpu is None:
            return {}
        return {NVIDIA if self.gpu.is_nvidia else AMD: self.type.gpus}

    @property
    def gpu_memory_mib(self) -> int:
        """Memory of one GPU as the driver reports it; of the slice, on a vGPU machine."""
        return int(self.gpu.driver_mib * self.type.gpu_fraction) if self.gpu else 0


def hardware_of(found: InstanceType, machine: Machine) -> Hardware:
    """What that machine shows of its type."""
    nodes = CLOUD_NODES[found.cloud]
    pods = machine.pods or nodes.max_pods(found.name, found.vcpus)
    local = bool(found.nvme_gb) and machine.uses_local_disks
    offer = Offer(
        vcpus=found.vcpus,
        memory=found.memory_gib * GIB,
        storage=(found.nvme_gb or 0) * nodes.local_disk_unit
        if local
        else float((machine.disk_gib or _ROOT_DISK_GIB) * GIB),
        local_disks=local,
        pods=pods,
    )
    kept = machine.reserved or nodes.reserved(offer)
    memory = offer.memory - kernel_memory(offer.memory)
    return Hardware(
        type=found,
        gpu=gpu(found.gpu) if found.gpu and found.gpus else None,
        capacity=_amounts(offer.vcpus, memory, offer.storage, pods),
        allocatable=_amounts(
            offer.vcpus - kept.cores,
            memory - kept.memory - EVICTION_MEMORY,
            offer.storage * (1 - EVICTION_STORAGE) - kept.storage,
            pods,
        ),
        devices=_devices(found, nodes),
    )


def _devices(found: InstanceType, nodes: CloudNodes) -> dict[str, int]:
    if found.rdma is Transport.EFA:
        return {EFA: found.rdma_nics} if found.rdma_nics else {}
    resource = nodes.rdma_resource if found.rdma in {Transport.INFINIBAND, Transport.ROCE} else ""
    return {resource: nodes.rdma_slots or found.rdma_nics} if resource and found.rdma_nics else {}


def _amounts(cores: float, memory: float, storage: float, pods: int) -> Amounts:
    # The API rewrites amounts to their shortest form, in which nodes are compared with what they should be.
    return Amounts(
        cpu=str(CpuAmount(int(cores * 1000))),
        memory=str(ByteSize(int(memory / MIB) * MIB)),
        storage=str(ByteSize(int(storage / MIB) * MIB)),
        pods=str(pods),
    )
