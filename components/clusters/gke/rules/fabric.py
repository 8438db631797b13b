"""Rules of the networks of GPU cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from ....contracts.errors import Problem
from ....contracts.pools import pool_path
from ...rules.address_ranges import GOOGLE_RANGES, AddressRange, free_range, overlap_problems, use_problems
from ...rules.pool_view import PoolView, known_pools
from ..fabric import DRANET_OLDEST, FABRICS, SUBNETS, DeviceMode, gpu_networks, uses_dranet
from ..images import has_version
from ..settings import GkeTarget, GpuNetworks
from .network import address_ranges

_RESERVED_ADDRESSES = 4


def gpu_network_problems(target: GkeTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """What is wrong with the networks of GPU cards; nothing where no pool has any."""
    yield from _dranet(target, pools)
    if any(gpu_networks(machine.name, target.gpu_networks) for _, machine in known_pools(pools)):
        yield from _range(target, pools)
        yield from _one_zone(target, pools)


def _dranet(target: GkeTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view, machine in known_pools(pools):
        if target.gpu_networks is GpuNetworks.MULTI_NETWORK and machine.name in FABRICS:
            if not FABRICS[machine.name].networks and view.pool.most_nodes > 1:
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


def _range(target: GkeTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    own = AddressRange(field="target.gpu_cidr", purpose="the GPU networks", cidr=target.gpu_cidr)
    ranges = address_ranges(target)
    yield from overlap_problems([*ranges, own])
    others = [other.cidr for other in ranges]
    yield from use_problems(own.field, own.cidr, allowed=GOOGLE_RANGES, others=others)
    size = IPv4Network(target.gpu_cidr).num_addresses // SUBNETS - _RESERVED_ADDRESSES
    wanted = sum(view.pool.most_nodes for view in pools if gpu_networks(view.pool.instance_type, target.gpu_networks))
    if wanted > size:
        subnet_bits = (wanted + _RESERVED_ADDRESSES - 1).bit_length()
        free = free_range(32 - subnet_bits - (SUBNETS.bit_length() - 1), others)
        yield Problem(
            field="target.gpu_cidr",
            cause=f"each of the {SUBNETS} subnets of {target.gpu_cidr} has addresses for {max(size, 0)} nodes; "
            f"the pools grow to {wanted}",
            consequence="the last nodes would lack cards, and GKE would never make them",
            fix="use a larger range" + (f", such as {free}" if free else ""),
        )


def _one_zone(target: GkeTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """An RDMA network has a zonal profile; its Kubernetes object has one name in the cluster."""
    first: PoolView | None = None
    for view in pools:
        networks = gpu_networks(view.pool.instance_type, target.gpu_networks)
        if not any(network.mode is DeviceMode.RDMA for network in networks):
            continue
        first = first or view
        zone = first.pool.zones[0]
        if view.pool.zones[0] != zone:
            yield view.problem(
                "zones",
                cause=f"the RDMA network of {pool_path(first.index)} is one of {zone}",
                consequence="machines elsewhere cannot be attached to it, and a cluster has one of that name",
                fix=f"use zones: [{zone}], or write gpu_networks: dranet",
            )
