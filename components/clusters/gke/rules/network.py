"""Rules of the VPC: ranges that meet, are too small, or hold fewer nodes than the pools grow to.

Sources: GKE documentation, concepts/alias-ips (ranges of nodes, pods and services, maximum of pods) and
how-to/flexible-pod-cidr; VPC documentation, subnets (reserved addresses); GKE documentation,
how-to/private-clusters (control plane).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from ....contracts.api_access import PrivateAccess
from ....contracts.errors import Problem
from ....networks.gcp.settings import AdoptedVpc, CreatedVpc, pod_range, service_range
from ...rules.address_ranges import (
    GOOGLE_RANGES,
    GOOGLE_SERVICES,
    AddressRange,
    hidden_problems,
    network_range_problems,
    overlap_problems,
    use_problems,
)
from ...rules.pool_view import PoolView
from ..settings import GkeTarget

_CONTROL_PLANE_PREFIX = 28
# First, second, second to last and last (VPC documentation, subnets), and one for the control plane's address.
_RESERVED_ADDRESSES = 5
_DOCKER = AddressRange(field="", purpose="Docker's bridge on the nodes", cidr="172.17.0.0/16")


def network_problems(target: GkeTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """What is wrong with the network."""
    yield from _sizes(target)
    yield from overlap_problems([_DOCKER, *address_ranges(target)])
    if isinstance(target.api_access, PrivateAccess):
        for taken in address_ranges(target)[1:3]:
            yield from hidden_problems(taken, target.network.nodes, target.api_access.cidrs)
    yield from _too_few_nodes(target, pools)
    match target.network:
        case AdoptedVpc(pods=pods, services=services) if pods.name == services.name:
            yield Problem(
                field="target.network.services.name",
                cause=f"{services.name} is the secondary range of the pods too",
                consequence="a subnet has one range of a name, and GKE refuses a cluster with one for both",
                fix="name the secondary range of the services",
            )
        case _:
            pass


def address_ranges(target: GkeTarget) -> list[AddressRange]:
    """Every range of the cluster, those of GPU networks apart."""
    network = target.network
    nested = "" if isinstance(network, CreatedVpc) else ".cidr"
    ranges = [
        AddressRange(field="target.network.nodes", purpose="the nodes", cidr=network.nodes),
        AddressRange(field=f"target.network.pods{nested}", purpose="the pods", cidr=pod_range(network)),
        AddressRange(field=f"target.network.services{nested}", purpose="the services", cidr=service_range(network)),
    ]
    if target.control_plane_cidr:
        ranges.append(
            AddressRange(field="target.control_plane_cidr", purpose="the control plane", cidr=target.control_plane_cidr)
        )
    return ranges


def slice_prefix(max_pods: int) -> int:
    """Prefix of the slice of a node: GKE keeps twice as many addresses as pods, so that none is used again soon."""
    return 32 - (2 * max_pods - 1).bit_length()


def _sizes(target: GkeTarget) -> Iterator[Problem]:
    nodes, pods, services = address_ranges(target)[:3]
    limits = (
        (nodes, 8, 29, "Google takes /8 to /29 for a subnet"),
        (pods, 9, 21, "GKE takes /9 to /21 for pods, and below /21 a handful of nodes have pods at all"),
        (services, 16, 27, "GKE takes /16 to /27 for services, and it cannot be changed afterwards"),
    )
    for address_range, largest, smallest, reason in limits:
        yield from network_range_problems(
            address_range.field,
            address_range.cidr,
            largest=largest,
            smallest=smallest,
            reason=reason,
            allowed=(*GOOGLE_RANGES, GOOGLE_SERVICES) if address_range is services else GOOGLE_RANGES,
            others=_others(target, address_range),
        )
    cidr = target.control_plane_cidr
    if cidr and IPv4Network(cidr).prefixlen != _CONTROL_PLANE_PREFIX:
        yield Problem(
            field="target.control_plane_cidr",
            cause=f"{cidr} is not a /{_CONTROL_PLANE_PREFIX}",
            consequence=f"GKE takes a /{_CONTROL_PLANE_PREFIX} and nothing else for the control plane",
            fix=f"use {IPv4Network(cidr).network_address}/{_CONTROL_PLANE_PREFIX}, or leave it out",
        )
    elif cidr:
        others = [other.cidr for other in address_ranges(target)]
        yield from use_problems("target.control_plane_cidr", cidr, allowed=GOOGLE_RANGES, others=others)


def _others(target: GkeTarget, own: AddressRange) -> list[str]:
    """Ranges that the given one has to leave alone."""
    return [_DOCKER.cidr, *(other.cidr for other in address_ranges(target) if other.field != own.field)]


def _too_few_nodes(target: GkeTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    # Pools of CPUs are updated with one node more in each zone.
    wanted = sum(view.pool.most_nodes + (len(view.pool.zones) if view.pool.kind == "cpu" else 0) for view in pools)
    nodes, pods = address_ranges(target)[:2]
    addresses = max(0, IPv4Network(nodes.cidr).num_addresses - _RESERVED_ADDRESSES)
    if wanted > addresses:
        yield Problem(
            field=nodes.field,
            cause=f"{nodes.cidr} has addresses for {addresses} nodes; the pools grow to {wanted}, updates included",
            consequence="the last nodes would fail with IP_SPACE_EXHAUSTED",
            fix="use a larger range, or fewer nodes",
        )
    prefix = slice_prefix(target.max_pods_per_node)
    slices = (
        2 ** max(prefix - IPv4Network(pods.cidr).prefixlen, -1) if prefix >= IPv4Network(pods.cidr).prefixlen else 0
    )
    if wanted > slices:
        yield Problem(
            field=pods.field,
            cause=f"{pods.cidr} holds {slices} slices of /{prefix}, one for each node of {target.max_pods_per_node} "
            f"pods; the pools grow to {wanted} nodes, updates included",
            consequence="the last nodes would fail with IP_SPACE_EXHAUSTED_WITH_DETAILS",
            fix="use a larger range, or fewer pods for each node",
        )
