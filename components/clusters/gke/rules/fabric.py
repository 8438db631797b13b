"""Rules of the networks of GPU cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from ....contracts.errors import Problem
from ....contracts.pools import NodePool
from ....planner.catalogs.instances import InstanceType
from ...rules_common import known_machines
from ...rules_network import AddressRange, overlap_problems
from ..fabric import DRANET_OLDEST, FABRICS, SUBNETS, DeviceMode, gpu_networks, uses_dranet
from ..images import has_version
from ..settings import GkeTarget, GpuNetworks
from .network import address_ranges

_RESERVED_ADDRESSES = 4


def gpu_network_problems(target: GkeTarget, pools: Sequence[NodePool]) -> Iterator[Problem]:
    """What is wrong with the networks of GPU cards; nothing where no pool has any."""
    machines = known_machines(pools)
    yield from _dranet(target, pools, machines)
    if any(gpu_networks(machine.name, target.gpu_networks) for machine in machines.values()):
        yield from _range(target, pools)
        yield from _one_zone(target, pools)


def _dranet(target: GkeTarget, pools: Sequence[NodePool], machines: Mapping[int, InstanceType]) -> Iterator[Problem]:
    for index, machine in machines.items():
        if target.gpu_networks is GpuNetworks.MULTI_NETWORK and machine.name in FABRICS:
            if not FABRICS[machine.name].networks and pools[index].most_nodes > 1:
                yield Problem(
                    field="target.gpu_networks",
                    cause=f"the network profile of {machine.name} takes no subnets of users",
                    consequence="its cards could not be attached to anything, and nodes would talk over TCP",
                    fix="write gpu_networks: dranet",
                )
        elif uses_dranet(machine.name, target.gpu_networks) and not has_version(
            target.kubernetes_version, (DRANET_OLDEST,)
        ):
            yield Problem(
                field="target.kubernetes_version",
                cause=f"DRANET comes with GKE {DRANET_OLDEST}; this is {target.kubernetes_version}",
                consequence="GKE refuses a pool with an accelerator network profile",
                fix=f"use {DRANET_OLDEST} or newer, or gpu_networks: multi-network",
            )


def _range(target: GkeTarget, pools: Sequence[NodePool]) -> Iterator[Problem]:
    own = AddressRange(field="target.gpu_cidr", purpose="the GPU networks", cidr=target.gpu_cidr)
    yield from overlap_problems([*address_ranges(target), own])
    size = IPv4Network(target.gpu_cidr).num_addresses // SUBNETS - _RESERVED_ADDRESSES
    wanted = sum(pool.most_nodes for pool in pools if gpu_networks(pool.instance_type, target.gpu_networks))
    if wanted > size:
        yield Problem(
            field="target.gpu_cidr",
            cause=f"each of the {SUBNETS} subnets of {target.gpu_cidr} has addresses for {max(size, 0)} nodes; "
            f"the pools grow to {wanted}",
            consequence="the last nodes would lack cards, and GKE would never make them",
            fix="use a larger range, such as 192.168.0.0/16",
        )


def _one_zone(target: GkeTarget, pools: Sequence[NodePool]) -> Iterator[Problem]:
    """An RDMA network has a zonal profile; its Kubernetes object has one name in the cluster."""
    first: tuple[int, str] | None = None
    for index, pool in enumerate(pools):
        networks = gpu_networks(pool.instance_type, target.gpu_networks)
        if not any(each.mode is DeviceMode.RDMA for each in networks):
            continue
        if first and pool.zones[0] != first[1]:
            yield Problem(
                field=f"node_pools[{index}].zones",
                cause=f"the RDMA network of node_pools[{first[0]}] is one of {first[1]}",
                consequence="machines elsewhere cannot be attached to it, and a cluster has one of that name",
                fix=f"use zones: [{first[1]}], or write gpu_networks: dranet",
            )
        first = first or (index, pool.zones[0])
