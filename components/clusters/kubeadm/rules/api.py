"""Where the API is found: the address that kube-vip moves among control plane hosts, or a load balancer.

The virtual address is free, and in the subnet of all of them. A load balancer is not the API server of one host.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network

from ....contracts.errors import Problem
from ..settings import API_PORT, KubeadmTarget
from .addresses import hosts, others
from .subnets import listed, network_is_wrong, subnet_of, subnets

_FIELD = "target.control_plane.endpoint.address"
_FREE = "use a free address of the hosts' network"


def api_problems(target: KubeadmTarget) -> Iterator[Problem]:
    """A virtual address that no client would find, or a load balancer that balances nothing."""
    yield from _one_host(target)
    endpoint = target.control_plane.endpoint
    if endpoint is None:
        return
    address, known = IPv4Address(endpoint.address), subnets(target)
    yield from _taken(target, address)
    subnet = subnet_of(address, known)
    if subnet is not None:
        yield from _hosts_elsewhere(target, address, subnet, known)
        return
    if network_is_wrong(target):
        return
    yield Problem(
        field=_FIELD,
        cause=f"{address} is outside {known[0]}, the network of the hosts"
        if len(known) == 1
        else f"{address} is in none of {listed(known)}",
        consequence="kube-vip announces it by ARP, which no other network hears: the API would be out of reach",
        fix=_FREE,
    )


def _one_host(target: KubeadmTarget) -> Iterator[Problem]:
    """A host as the load balancer of several: its own API server listens there on every address (kubeadm)."""
    balancer, members = target.control_plane.load_balancer, target.control_plane.hosts
    if balancer is None or balancer.port != API_PORT or len(members) == 1:
        return
    host = next((host for host in members if host.address == balancer.address), None)
    if host is not None:
        yield Problem(
            field="target.control_plane.load_balancer.address",
            cause=f"{host.address} is the address of {host.name}, whose own API server has port {API_PORT}",
            consequence=f"nothing is passed on to the other hosts, and without {host.name} the cluster has no API",
            fix="write the address of a load balancer that is no control plane host, "
            "or in place of load_balancer `endpoint:` with a free address of the hosts' network and an interface",
        )


def _taken(target: KubeadmTarget, address: IPv4Address) -> Iterator[Problem]:
    host = next((path for path, host in hosts(target) if IPv4Address(host.address) == address), None)
    if host:
        yield Problem(
            field=_FIELD,
            cause=f"{address} is the address of {host}",
            consequence="kube-vip moves it to another host when that one fails, and the two would answer for it",
            fix=_FREE,
        )
    owner = next((machine for machine in others(target) if machine.address == address), None)
    if owner:
        yield Problem(
            field=_FIELD,
            cause=f"{address} is the address of {owner.what}, of {owner.field}",
            consequence="kube-vip takes the address over, and that machine is out of reach",
            fix=_FREE,
        )


def _hosts_elsewhere(
    target: KubeadmTarget, address: IPv4Address, subnet: IPv4Network, known: Sequence[IPv4Network]
) -> Iterator[Problem]:
    """Control plane hosts in other subnets; workers may be anywhere, as they only connect to the address."""
    control_plane = [subnet_of(IPv4Address(host.address), known) for host in target.control_plane.hosts]
    elsewhere = [index for index, found in enumerate(control_plane) if found not in {subnet, None}]
    instead = "or write control_plane.load_balancer with the address of a load balancer in place of endpoint"
    if len(elsewhere) == len(control_plane):
        yield Problem(
            field=_FIELD,
            cause=f"{address} is in {subnet}, and all control plane hosts are in other subnets",
            consequence="kube-vip announces it by ARP, which no other subnet hears: the API would be out of reach",
            fix=f"use a free address of {control_plane[0]}, {instead}",
        )
        return
    for index in elsewhere:
        yield Problem(
            field=f"target.control_plane.hosts[{index}].address",
            cause=f"{target.control_plane.hosts[index].address} is in {control_plane[index]}, "
            f"and the virtual address {address} of the API in {subnet}",
            consequence="kube-vip announces that address by ARP, which no other subnet hears: "
            "the API is out of reach when the address moves to this host",
            fix=f"use a host in {subnet}, {instead}",
        )
