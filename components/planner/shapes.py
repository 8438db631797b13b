"""What a node of a machine type offers to pods.

Owns capacity and allocatable as the facts of a cluster state them. Simulated nodes compute theirs on their own, from
what each cloud documents, and a test checks that nothing here promises more. It owns no labels: those are the
simulation's, or the real cluster's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..contracts.cluster_facts import PoolFacts
from ..contracts.devices import DevicePart
from ..contracts.errors import StrataError
from ..contracts.fabric import Transport
from ..contracts.gpu_sharing import GPU_RESOURCE
from ..contracts.own_fabrics import OwnFabric
from ..contracts.pools import GPU_TAINT, POOL_LABEL, DriverOwner, GpuAdvertiser, GpuPool, NodePool, pool_sharing
from ..contracts.quantities import ByteSize, CpuAmount
from .catalogs.clouds import clouds
from .catalogs.described import machine_of
from .catalogs.gpu_slices import slices_per_gpu
from .catalogs.gpus import Gpu, gpu
from .catalogs.instances import InstanceType
from .fabrics import fabric_of

GIB = 2**30
MAX_PODS = 110
"""Kubelet's default."""
NVIDIA_RESOURCE = GPU_RESOURCE
AMD_RESOURCE = "amd.com/gpu"

# Firmware and kernel keep some of the memory that is sold: 1.6 % on a p5.48xlarge, more on small machines, for which
# the second pair is what cluster-autoscaler expects of Google's (its cloudprovider/gce/gce_reserved.go).
_MEMORY_SEEN = 0.98
_SMALL_MEMORY_SEEN, _SMALL_MEMORY_KEPT_GIB = 0.9825, 0.1
# Root volume of a node without local disks, in GiB.
_ROOT_DISK_GIB = 100
# Kubelet evicts when a tenth of the file system is left (nodefs.available<10%).
_DISK_USABLE = 0.9
# The GPU operator's driver containers mount their files below its hostPaths.driverInstallDir (gpu-operator v26.7.0,
# deployments/gpu-operator/values.yaml); all others install them on the host.
_DRIVER_ROOTS = {DriverOwner.GPU_OPERATOR: "/run/nvidia/driver"}
_REST = float("inf")
# Share reserved of each further GiB, as GKE documents it: the largest reservation of the three clouds but for the
# smallest machines, of which AKS keeps a quarter, up to 20 MiB for each of 110 pods and 50 MiB.
_MEMORY_RESERVED = ((4, 0.25), (4, 0.20), (8, 0.10), (112, 0.06), (_REST, 0.02))
_AKS_MEMORY_SHARE, _AKS_MEMORY_MOST_GIB = 0.25, 2250 / 1024
_EVICTION_MEMORY = 100 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeResources:
    """Amounts of a node's ordinary resources."""

    cpu: CpuAmount
    memory: ByteSize
    ephemeral_storage: ByteSize


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeShape:
    """A node of one machine type."""

    instance_type: str
    """As the catalog spells it."""
    architecture: str
    capacity: NodeResources
    allocatable: NodeResources
    """Capacity less what kubelet, system and eviction thresholds keep."""
    gpu: Gpu | None
    gpus: int
    extended: tuple[tuple[str, int], ...]
    """Resources of device plugins: GPUs and fabric cards, all of them allocatable."""


def node_shape(machine: InstanceType) -> NodeShape:
    """What a node of that machine type offers."""
    card = gpu(machine.gpu) if machine.gpu and machine.gpus else None
    memory = min(machine.memory_gib * _MEMORY_SEEN, machine.memory_gib * _SMALL_MEMORY_SEEN - _SMALL_MEMORY_KEPT_GIB)
    disk = _disk_bytes(machine)
    kept = _memory_reserved(machine.memory_gib) * GIB + _EVICTION_MEMORY
    return NodeShape(
        instance_type=machine.name,
        architecture=machine.architecture,
        capacity=NodeResources(
            cpu=CpuAmount.cores(machine.vcpus), memory=_whole_mebibytes(memory * GIB), ephemeral_storage=disk
        ),
        allocatable=NodeResources(
            cpu=CpuAmount(max(0, int((machine.vcpus - _cpu_reserved(machine)) * 1000))),
            memory=_whole_mebibytes(memory * GIB - kept),
            ephemeral_storage=_whole_mebibytes(disk * _DISK_USABLE - _disk_reserved_gib(machine) * GIB),
        ),
        gpu=card,
        gpus=machine.gpus,
        extended=_extended(machine, card),
    )


def pool_facts(
    pool: NodePool,
    driver: DriverOwner = DriverOwner.NODE_IMAGE,
    provided: Mapping[DriverOwner, Sequence[DevicePart]] | None = None,
) -> PoolFacts:
    """The facts of a pool of such nodes.

    Args:
        pool: The pool as users write it.
        driver: Who installs the NVIDIA driver where the pool does not say.
        provided: What GPU nodes come with, by the owner of their driver; None where it is not known.

    Raises:
        StrataError: when the machine type is unknown, or has GPUs in a CPU pool or none in a GPU pool.
    """
    machine = pool_machine(pool)
    shape = node_shape(machine)
    owner = (pool.driver or driver) if isinstance(pool, GpuPool) else DriverOwner.NONE
    sharing = pool_sharing(pool)
    slices = slices_per_gpu(shape.gpu, sharing) if shape.gpu else 1
    return PoolFacts(
        name=pool.name,
        instance_type=machine.name,
        nodes=pool.count,
        most_nodes=pool.autoscaled.maximum if pool.autoscaled else None,
        zones=pool.zones,
        selector={POOL_LABEL: pool.name},
        tolerations=(GPU_TAINT, *pool.taints) if isinstance(pool, GpuPool) else pool.taints,
        gpu=machine.gpu if machine.gpus else None,
        gpus_per_node=shape.gpus * slices,
        sharing=sharing,
        slices_per_gpu=slices,
        driver=owner,
        advertiser=pool.advertiser if isinstance(pool, GpuPool) else GpuAdvertiser.DEVICE_PLUGIN,
        provides=None if provided is None else tuple(provided.get(owner, ())),
        driver_root=_DRIVER_ROOTS.get(owner, "/"),
        compute_domain_gpus=machine.nvlink_domain if isinstance(pool, GpuPool) and pool.compute_domains else 0,
        cpu_per_node=shape.allocatable.cpu,
        memory_per_node=shape.allocatable.memory,
        ephemeral_storage_per_node=shape.allocatable.ephemeral_storage,
        fabric=fabric_of(machine, _own_fabric(pool), joined=isinstance(pool, GpuPool) and pool.compute_domains),
    )


def pool_machine(pool: NodePool) -> InstanceType:
    """The machine type of a pool, checked to suit its kind.

    Raises:
        StrataError: when the machine type is unknown or does not suit.
    """
    machine = machine_of(pool)
    card = gpu(machine.gpu) if machine.gpu else None
    if isinstance(pool, GpuPool) and (card is None or not machine.gpus or not card.is_nvidia):
        raise StrataError.of(
            f"pools.{pool.name}.instance_type",
            cause=f"{machine.name} has no NVIDIA GPU",
            consequence="pods that ask for nvidia.com/gpu would stay pending for ever",
            fix="set kind: cpu, or choose a machine with NVIDIA GPUs, such as "
            f"{' or '.join(clouds()[machine.cloud].gpu_machines)}",
        )
    if not isinstance(pool, GpuPool) and machine.gpus:
        raise StrataError.of(
            f"pools.{pool.name}.instance_type",
            cause=f"{machine.name} has {machine.gpus} GPUs, but the pool is of kind cpu",
            consequence="ordinary pods would fill expensive nodes, as CPU pools have no GPU taint",
            fix="set kind: gpu, or choose a machine without GPUs",
        )
    return as_used(machine, pool)


def as_used(machine: InstanceType, pool: NodePool) -> InstanceType:
    """The machine as the pool uses it: without its RDMA cards where the pool does without, or NCCL joins no slices."""
    if not isinstance(pool, GpuPool):
        return machine
    if not pool.rdma or pool.sharing is not None:
        return replace(machine, rdma=Transport.NONE, rdma_nics=0, rdma_gbps=0.0)
    return machine if pool.fabric is None else _cabled(machine, pool.fabric)


def _cabled(machine: InstanceType, fabric: OwnFabric) -> InstanceType:
    """The machine with the cards that users say it has; without any where neither they nor the catalog know them."""
    cards = fabric.cards or machine.rdma_nics
    known = machine.rdma_gbps / machine.rdma_nics if machine.rdma_nics else 0.0
    speed = fabric.card_gbps or known
    if not cards or not speed:
        return replace(machine, rdma=Transport.NONE, rdma_nics=0, rdma_gbps=0.0)
    return replace(machine, rdma=Transport(fabric.kind), rdma_nics=cards, rdma_gbps=cards * speed)


def _own_fabric(pool: NodePool) -> OwnFabric | None:
    return pool.fabric if isinstance(pool, GpuPool) else None


def _extended(machine: InstanceType, card: Gpu | None) -> tuple[tuple[str, int], ...]:
    resources: list[tuple[str, int]] = []
    if card is not None:
        resources.append((NVIDIA_RESOURCE if card.is_nvidia else AMD_RESOURCE, machine.gpus))
    return (*resources, *fabric_of(machine).node_devices.items())


def _disk_bytes(machine: InstanceType) -> ByteSize:
    if machine.nvme_gb:
        return _whole_mebibytes(machine.nvme_gb * 1e9)
    return ByteSize.gib(_ROOT_DISK_GIB)


def _cpu_reserved(machine: InstanceType) -> float:
    nodes = clouds()[machine.cloud]
    return nodes.cpu_reserved + _progressive(machine.vcpus, nodes.cpu_reserved_shares)


def _memory_reserved(sold_gib: float) -> float:
    least = min(_AKS_MEMORY_MOST_GIB, _AKS_MEMORY_SHARE * sold_gib)
    return max(_progressive(sold_gib, _MEMORY_RESERVED), least)


def _disk_reserved_gib(machine: InstanceType) -> float:
    nodes = clouds()[machine.cloud]
    return nodes.local_reserved_gib(machine.nvme_gb) if machine.nvme_gb else nodes.disk_reserved_gib


def _progressive(amount: float, slices: tuple[tuple[float, float], ...]) -> float:
    taken = 0.0
    for size, share in slices:
        taken += min(amount, size) * share
        amount -= min(amount, size)
    return taken


def _whole_mebibytes(size: float) -> ByteSize:
    """Rounded down; nothing where more is kept than there is."""
    return ByteSize(max(0, int(size / 2**20)) * 2**20)
