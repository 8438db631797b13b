"""Address ranges of a site."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from ....contracts.errors import Problem
from ...rules.address_ranges import (
    AddressRange,
    network_range_problems,
    overlap_problems,
    special_use,
    use_problems,
)
from ..settings import KubeadmTarget
from .addresses import machines
from .subnets import listed, network_is_wrong, subnet_of, subnets

# Cilium adds 50 bytes of VXLAN to each packet.
_TUNNEL_BYTES = 50
_SMALLEST_PACKET = 1280
# The API server refuses wider ranges (kube-apiserver, --service-cluster-ip-range: at most 20 bits).
_LARGEST_SERVICES = 12
# kubernetes/kubernetes, cmd/kubeadm/app/constants: PodSubnetNodeMaskMaxDiff, which kubeadm's validation refuses
# more than ("pod subnet mask and node-mask difference is greater than 16").
_MOST_NODE_BITS = 16


def network_problems(target: KubeadmTarget) -> Iterator[Problem]:
    """Wrong networks of a cluster."""
    networks = target.networks
    yield from overlap_problems(
        [
            *_host_ranges(target),
            AddressRange(field="target.networks.pods", purpose="the pods", cidr=networks.pods),
            AddressRange(field="target.networks.services", purpose="services", cidr=networks.services),
        ]
    )
    yield from network_range_problems(
        "target.networks.services",
        networks.services,
        largest=_LARGEST_SERVICES,
        smallest=24,
        reason="the API server refuses to start with more than 2^20 of them, and fewer than 256 run out",
        others=(*networks.subnets, networks.pods),
    )
    # Hosts may have public addresses of their owner; pods and services never do.
    yield from use_problems("target.networks.pods", networks.pods, others=(*networks.subnets, networks.services))
    for subnet in _host_ranges(target):
        if special_use(IPv4Network(subnet.cidr)):
            yield from use_problems(
                subnet.field, subnet.cidr, others=(*networks.subnets, networks.pods, networks.services)
            )
    yield from _small_pod_network(target)
    if not network_is_wrong(target):
        yield from _load_balancers(target)
    yield from _small_packets(target)


def _host_ranges(target: KubeadmTarget) -> list[AddressRange]:
    first, *more = target.networks.subnets
    return [
        AddressRange(field="target.networks.nodes", purpose="the hosts", cidr=first),
        *(
            AddressRange(field=f"target.networks.other_subnets[{index}]", purpose="further hosts", cidr=cidr)
            for index, cidr in enumerate(more)
        ),
    ]


def _small_pod_network(target: KubeadmTarget) -> Iterator[Problem]:
    pods, prefix = IPv4Network(target.networks.pods), target.networks.node_prefix
    nodes = len(target.workers) + len(target.control_plane.hosts)
    room = 2 ** (prefix - pods.prefixlen) if prefix >= pods.prefixlen else 0
    if room < nodes:
        yield Problem(
            field="target.networks.pods",
            cause=f"{pods} holds {room} ranges of /{prefix} for {target.networks.pods_per_node} pods each",
            consequence=f"the last of {nodes} nodes would get no pod network and stay NotReady for ever",
            fix=f"use a range of /{prefix - (nodes - 1).bit_length()} or larger, or a smaller pods_per_node",
        )
    if prefix - pods.prefixlen > _MOST_NODE_BITS:
        yield Problem(
            field="target.networks.pods",
            cause=f"{pods} is cut into ranges of /{prefix} for {target.networks.pods_per_node} pods each, "
            f"which are {prefix - pods.prefixlen} bits longer",
            consequence=f"kubeadm takes {_MOST_NODE_BITS} bits at most, and refuses to make the control plane",
            fix=f"use a range of /{prefix - _MOST_NODE_BITS} or smaller, or a larger pods_per_node",
        )


def _load_balancers(target: KubeadmTarget) -> Iterator[Problem]:
    known = subnets(target)
    first = known[0]
    with_workers = {subnet_of(IPv4Address(worker.address), known) for worker in target.workers}
    taken = sorted((machine.address, machine.what) for machine in machines(target))
    addresses = [address for address, _ in taken]
    seen: list[IPv4Network] = []
    for index, text in enumerate(target.networks.load_balancers):
        field, given = f"target.networks.load_balancers[{index}]", IPv4Network(text)
        subnet = next((subnet for subnet in known if given.subnet_of(subnet)), None)
        if subnet is None:
            yield Problem(
                field=field,
                cause=f"{given} is outside {first}, the network of the hosts"
                if len(known) == 1
                else f"{given} is in none of {listed(known)}",
                consequence="only that network hears MetalLB answer ARP for its addresses: no client reaches them",
                fix=f"use a free part of {first}",
            )
            continue
        if len(known) > 1 and subnet not in with_workers:
            yield _no_announcer(field, given, subnet)
        inside = taken[bisect_left(addresses, given.network_address) : bisect_right(addresses, given.broadcast_address)]
        if inside:
            address, owner = inside[0]
            more = f", and {len(inside) - 1} more addresses are taken" if len(inside) > 1 else ""
            yield Problem(
                field=field,
                cause=f"{address} of {owner} lies inside {given}{more}",
                consequence="MetalLB would give it to a service, and two machines answer for it",
                fix="use a range that holds no machine",
            )
        if any(given.overlaps(other) for other in seen):
            yield Problem(
                field=field,
                cause=f"{given} overlaps another range",
                consequence="MetalLB refuses the whole pool, and no service gets an address",
                fix="remove the overlap",
            )
        seen.append(given)


def _no_announcer(field: str, given: IPv4Network, subnet: IPv4Network) -> Problem:
    # MetalLB leaves out nodes with exclude-from-external-load-balancers, which kubeadm sets on control plane hosts
    # (metallb/metallb issue 2285).
    return Problem(
        field=field,
        cause=f"{given} is in {subnet}, which has no worker",
        consequence="MetalLB answers ARP on workers of the subnet only: no client reaches its addresses",
        fix=f"use a free part of a subnet with workers, or list a worker of {subnet} in target.workers",
    )


def _small_packets(target: KubeadmTarget) -> Iterator[Problem]:
    if target.networks.mtu - _TUNNEL_BYTES < _SMALLEST_PACKET:
        yield Problem(
            field="target.networks.mtu",
            cause=f"packets of pods would hold {target.networks.mtu - _TUNNEL_BYTES} bytes",
            consequence=f"below {_SMALLEST_PACKET} IPv6 and some VPNs break, and large answers hang",
            fix=f"use {_SMALLEST_PACKET + _TUNNEL_BYTES} or more",
        )
