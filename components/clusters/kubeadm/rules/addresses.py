"""Single addresses of a site: hosts, the API server, the jump host, the file server, mirrors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from urllib.parse import urlsplit

from ....contracts.errors import Problem
from ...rules.address_ranges import special_use
from ..hosts import Host
from ..settings import KubeadmTarget
from .subnets import subnet_of, subnets

# RFC 3021: networks of two addresses and of one have neither a network nor a broadcast address.
_POINT_TO_POINT = 31
# RFC 6761, section 6.3: names below localhost are loopback.
_OWN_NAMES = (".localhost", ".localhost.localdomain")
# Kubernetes documentation, concepts/services-networking/dns-pod-service: answered by CoreDNS, which hosts do not ask.
_CLUSTER_NAMES = (".svc", ".svc.cluster.local")
_BASTION, _PROXY = "target.ssh.bastion.address", "target.proxy."


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine whose address nobody else may have.

    Attributes:
        field: Setting that the address comes from.
        what: The machine, for people to read.
        address: Its address.
    """

    field: str
    what: str
    address: IPv4Address


def address_problems(target: KubeadmTarget) -> Iterator[Problem]:
    """Addresses that no machine can have, or that packets never reach."""
    known = subnets(target)
    ends = {
        address: f"the {what} address of {subnet}"
        for subnet in known
        if subnet.prefixlen < _POINT_TO_POINT
        for address, what in ((subnet.network_address, "network"), (subnet.broadcast_address, "broadcast"))
    }
    for machine in machines(target):
        if machine.address in ends:
            yield Problem(
                field=machine.field,
                cause=f"{machine.address} is {ends[machine.address]}",
                consequence=f"no machine can have it, and {machine.what} would never answer",
                fix="write another address of that network",
            )
    yield from _local_names(target)
    # Hosts and a virtual address outside of the hosts' subnets are refused for that.
    for machine in others(target):
        if subnet_of(machine.address, known) is None:
            yield from _unreachable(target, machine)


def _local_names(target: KubeadmTarget) -> Iterator[Problem]:
    """Names that mean another machine on each host, or that only the cluster's DNS knows."""
    for field, what, name in _named(target):
        plain = f".{name.lower().rstrip('.')}"
        if plain.endswith(_OWN_NAMES) and not _may_be_local(field):
            cause = f"{name} is the name by which every machine finds itself"
        elif plain.endswith(_CLUSTER_NAMES) and field != _BASTION:
            cause = f"{name} is a name of the cluster's own DNS, which hosts do not ask"
        else:
            continue
        yield Problem(
            field=field,
            cause=cause,
            consequence=f"hosts would never reach {what}",
            fix="write the name or address that the machine has in the hosts' network",
        )


def _may_be_local(field: str) -> bool:
    """Whether it may be loopback: each host can run a proxy, and a tunnel to the jump host can end beside Pulumi."""
    return field == _BASTION or field.startswith(_PROXY)


def _unreachable(target: KubeadmTarget, machine: Machine) -> Iterator[Problem]:
    for what, cidr in (("pods", target.networks.pods), ("services", target.networks.services)):
        if machine.address in IPv4Network(cidr):
            yield Problem(
                field=machine.field,
                cause=f"{machine.address} of {machine.what} is in {cidr}, the range of {what}",
                consequence=f"nodes look for it among their {what}, and never reach the machine",
                fix=f"correct the address, or give {what} another range",
            )
    use = special_use(IPv4Network(machine.address))
    if use and not (machine.address.is_loopback and _may_be_local(machine.field)):
        yield Problem(
            field=machine.field,
            cause=f"addresses such as {machine.address} are {use}",
            consequence=f"{machine.what} cannot be reached at it",
            fix="write the address that the machine has in its network",
        )


def machines(target: KubeadmTarget) -> Iterator[Machine]:
    """Every machine that has its address in the settings, hosts first."""
    for field, host in hosts(target):
        yield Machine(field=f"{field}.address", what=f"host {host.name}", address=IPv4Address(host.address))
    endpoint = target.control_plane.endpoint
    if endpoint:
        yield Machine(
            field="target.control_plane.endpoint.address",
            what="the control plane",
            address=IPv4Address(endpoint.address),
        )
    yield from others(target)


def others(target: KubeadmTarget) -> Iterator[Machine]:
    """Machines that are no nodes: jump host, load balancer, file server and mirrors that are named by address."""
    for field, what, text in _named(target):
        try:
            yield Machine(field=field, what=what, address=IPv4Address(text))
        except AddressValueError:
            continue


def _named(target: KubeadmTarget) -> Iterator[tuple[str, str, str]]:
    """Machines that are no nodes, as field, what they are and name or address."""
    if target.ssh.bastion:
        yield _BASTION, "the jump host", target.ssh.bastion.address
    balancer = target.control_plane.load_balancer
    if balancer:
        yield "target.control_plane.load_balancer.address", "the load balancer of the API", balancer.address
    mirrors = target.mirrors
    yield from (
        ("target.shared_storage.server", "the file server", target.shared_storage.server),
        ("target.mirrors.packages", "the mirror of packages", urlsplit(mirrors.packages).hostname or ""),
        ("target.mirrors.images", "the registry", mirrors.images.partition("/")[0].partition(":")[0]),
        ("target.mirrors.manifests", "the mirror of manifests", urlsplit(mirrors.manifests or "").hostname or ""),
    )
    if target.proxy:
        for name, url in (("https", target.proxy.https), ("http", target.proxy.http or "")):
            yield f"{_PROXY}{name}", "the proxy", urlsplit(url).hostname or ""


def hosts(target: KubeadmTarget) -> Iterator[tuple[str, Host]]:
    """Every host with its path in the settings."""
    for index, host in enumerate(target.control_plane.hosts):
        yield f"target.control_plane.hosts[{index}]", host
    for index, worker in enumerate(target.workers):
        yield f"target.workers[{index}]", worker
