"""The networks of GPU cards; which machines have such cards is in the catalog of GPU networks.

Owns which networks a node is attached to besides the cluster's own, in which order, what they carry and
how large their packets are: a card left out is bandwidth that nobody misses until it is measured, and a
wrong order attaches GPUs to cards on the other side of the machine. Also whether nodes of a pool are
asked to be near each other. Addresses, and the objects themselves, are ``fabric_networks``'.

Sources: GoogleCloudPlatform/cluster-toolkit v1.95.0, examples/gke-a3-highgpu, gke-a3-megagpu,
gke-a3-ultragpu, gke-a4 and gke-a4x (networks, MTU), modules/network/gpu-rdma-vpc (profile),
modules/scheduler/gke-cluster/templates (names and device modes), modules/compute/gke-node-pool (DRANET,
placement); GKE documentation, how-to/gpu-bandwidth-gpudirect-tcpx and how-to/allocate-network-resources-dra.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network

from ...contracts.capacity import Capacity, FlexStart, Queued, Reservation
from ...planner.catalogs.gpu_networks import CardNetworks, GpuNetworkRow, gpu_network_rows
from ...planner.catalogs.instances import InstanceType
from .settings import GpuNetworks

SUBNETS = 32
"""Subnets that the range of GPU networks is cut into; each network keeps its place for ever."""
GVNIC_MTU = 8896
TCPX_MTU = 8244
"""Two pages of 4 KiB and their headers, as GPUDirect-TCPX and TCPXO want them."""
DRANET_OLDEST = "1.34.1-gke.1829001"
"""Oldest GKE version whose managed DRANET makes accelerator networks."""


class DeviceMode(StrEnum):
    """What a card is inside a pod, as GKENetworkParamSet spells it."""

    NET_DEVICE = "NetDevice"
    """An interface of the kernel's."""
    RDMA = "RDMA"
    """An RDMA device besides."""


class Placement(StrEnum):
    """How near to each other the nodes of a pool have to be."""

    ANYWHERE = "anywhere"
    COMPACT = "compact"
    """A compact placement policy of the pool."""
    NVLINK_DOMAIN = "nvlink-domain"
    """A workload policy that puts all of them into one NVLink domain."""


@dataclass(frozen=True, kw_only=True)
class GpuNetwork:
    """One network that a node is attached to besides the cluster's own.

    Attributes:
        name: Of the Kubernetes object, which pods' annotations use.
        vpc: Which VPC it is a part of; RDMA networks share one.
        slot: Place of its subnet in the range of GPU networks.
        mode: What it is inside a pod.
        mtu: Largest packet, bytes.
        profile: Network profile after ``<zone>-``, which ties the VPC to a zone; None for an ordinary VPC.
    """

    name: str
    vpc: str
    slot: int
    mode: DeviceMode
    mtu: int
    profile: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fabric:
    """The GPU networks of one machine type.

    Attributes:
        networks: In the order in which the node pool lists them; empty where only DRANET does.
        compact_flex_start: Whether flex-start machines may be placed compactly.
        topology: Accelerator topology of a workload policy; None for machines placed by policies of pools.
    """

    networks: tuple[GpuNetwork, ...]
    compact_flex_start: bool = False
    topology: str | None = None


def _tcp(cards: int) -> tuple[GpuNetwork, ...]:
    return tuple(
        GpuNetwork(name=f"vpc{card}", vpc=f"gpu-{card}", slot=card - 1, mode=DeviceMode.NET_DEVICE, mtu=TCPX_MTU)
        for card in range(1, cards + 1)
    )


def _roce(cards: int) -> tuple[GpuNetwork, ...]:
    gvnic = GpuNetwork(name="gvnic-1", vpc="gvnic-1", slot=8, mode=DeviceMode.NET_DEVICE, mtu=GVNIC_MTU)
    rdma = (
        GpuNetwork(
            name=f"rdma-{card}",
            vpc="rdma",
            slot=16 + card,
            mode=DeviceMode.RDMA,
            mtu=GVNIC_MTU,
            profile="vpc-roce",
        )
        for card in range(cards)
    )
    return (gvnic, *rdma)


def _fabric(row: GpuNetworkRow) -> Fabric:
    match row.networks:
        case CardNetworks.TCP:
            networks = _tcp(row.cards)
        case CardNetworks.RDMA:
            networks = _roce(row.cards)
        case None:
            networks = ()
    return Fabric(networks=networks, compact_flex_start=row.compact_flex_start, topology=row.topology)


FABRICS: Mapping[str, Fabric] = {name: _fabric(row) for name, row in gpu_network_rows().items()}
"""Every machine type of the instance catalog with GPU cards of its own; A2, G2 and G4 have none.

The toolkit gives G4 one more gVNIC network; pods here would not use it, as G4's GPUs reach no fabric.
"""


def gpu_networks(instance_type: str, mode: GpuNetworks) -> tuple[GpuNetwork, ...]:
    """The networks of a machine besides the cluster's own; empty where it has none or GKE makes them."""
    fabric = FABRICS.get(instance_type)
    return fabric.networks if fabric and mode is GpuNetworks.MULTI_NETWORK else ()


def uses_dranet(instance_type: str, mode: GpuNetworks) -> bool:
    """Whether GKE makes the GPU networks of such a pool itself."""
    return mode is GpuNetworks.DRANET and instance_type in FABRICS


def placement(machine: InstanceType, capacity: Capacity, nodes: int) -> Placement:
    """How near to each other nodes of a pool are asked to be.

    Args:
        machine: Their machine type.
        capacity: How they are bought.
        nodes: Nodes that the pool can grow to.

    Reserved machines were placed when they were reserved, and queued ones come as they are.
    """
    fabric = FABRICS.get(machine.name)
    if fabric is None:
        return Placement.ANYWHERE
    if fabric.topology:
        return Placement.NVLINK_DOMAIN
    if nodes == 1 or isinstance(capacity, Reservation | Queued):
        return Placement.ANYWHERE
    if isinstance(capacity, FlexStart) and not fabric.compact_flex_start:
        return Placement.ANYWHERE
    return Placement.COMPACT


def network_range(cidr: str, slot: int) -> IPv4Network:
    """The subnet of a slot.

    Raises:
        ValueError: when the range cannot be cut into that many subnets.
    """
    return list(IPv4Network(cidr).subnets(prefixlen_diff=SUBNETS.bit_length() - 1))[slot]
