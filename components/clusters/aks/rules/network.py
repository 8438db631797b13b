"""Rules of the virtual network: ranges, zones, peering, the way to the API server, and addresses of nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network

from ....contracts.api_access import PrivateAccess, PublicAccess
from ....contracts.errors import Problem
from ....networks.addresses import zone_subnets
from ....networks.azure.settings import NO_ZONE, AdoptedVnet, CreatedVnet, Peering, network_zones
from ....networks.nat import NatGateways
from ...rules.address_ranges import (
    AddressRange,
    free_range,
    hidden_problems,
    inside_problems,
    network_range_problems,
    overlap_problems,
    use_problems,
)
from ...rules.api_access import access_problems
from ...rules.duplicates import duplicate_problems
from ...rules.pool_view import PoolView, known_pools
from ...rules.subnets import SubnetDemand, subnet_problems
from ...rules.zones import foreign_zone_problems
from ..settings import AksTarget
from .pools import most_nodes

_LARGEST, _SMALLEST, _SMALLEST_CREATED = 8, 29, 20
_LARGEST_CREATED = 16
_ZONES = ("1", "2", "3")
# Azure Virtual Network FAQ: five addresses of each subnet are Azure's own.
_RESERVED_ADDRESSES = 5
# Nodes that come before the old ones go during an upgrade.
_SURGE = 1
# AKS docs, concepts-network-azure-cni-overlay: a /24 for each node.
_NODE_PREFIX = 24
# AKS docs, configure-azure-cni: what AKS refuses for services, pods and the network.
_AKS_RANGES = tuple(
    AddressRange(field="", purpose="AKS itself", cidr=cidr)
    for cidr in ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")
)
# The same page: services take a range of /12 or smaller.
_LARGEST_SERVICES = 12
# Smaller ones hold fewer than 30 services, which cluster DNS, monitoring, KEDA and the gateway use up between them.
_SMALLEST_SERVICES = 27
# AKS docs, api-server-authorized-ip-ranges.
_MOST_RANGES = 200


def network_problems(target: AksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """What is wrong with the network, and with the way to the API server."""
    # A pool that cannot be so large is refused for that; what its nodes would take says nothing.
    pools = [view for view in pools if view.pool.most_nodes <= most_nodes(view)]
    yield from _zones(target)
    match target.network:
        case CreatedVnet() as created:
            yield from _created(target, created)
            yield from _too_small_subnets(target, created, pools)
        case AdoptedVnet() as adopted:
            yield from network_range_problems(
                "target.network.cidr",
                adopted.cidr,
                largest=_LARGEST,
                smallest=_SMALLEST,
                reason="no virtual network has that size, so this is not what it has",
            )
            yield from _subnets_elsewhere(adopted)
    if not target.adopt_cluster:
        yield from _ranges(target)
        yield from _dns(target)
        yield from _pod_room(target, pools)
        yield from _access(target)


def _subnets_elsewhere(vnet: AdoptedVnet) -> Iterator[Problem]:
    named = {f"private_subnets.{zone}": subnet for zone, subnet in vnet.private_subnets.items()}
    named |= {
        name: subnet
        for name, subnet in (("endpoints_subnet", vnet.endpoints_subnet), ("lustre_subnet", vnet.lustre_subnet))
        if subnet
    }
    elsewhere: dict[str, list[str]] = {}
    for name, subnet in named.items():
        owner = subnet.partition("/subnets/")[0]
        # Azure compares resource ids without regard to case.
        if owner.casefold() != vnet.id.casefold():
            elsewhere.setdefault(owner, []).append(name)
    for owner, names in elsewhere.items():
        yield Problem(
            field=f"target.network.{names[0]}",
            cause=f"{', '.join(names)}: part of {owner}, and target.network.id is {vnet.id}",
            consequence="nodes, endpoints and files would be in networks that do not reach each other",
            fix=f"name subnets whose ids begin with {vnet.id}/subnets/, or correct target.network.id",
        )


def _zones(target: AksTarget) -> Iterator[Problem]:
    created = isinstance(target.network, CreatedVnet)
    zones = [
        (f"target.network.zones[{index}]" if created else f"target.network.private_subnets.{zone}", zone)
        for index, zone in enumerate(network_zones(target.network))
    ]
    known = {NO_ZONE, *(f"{target.region}-{number}" for number in _ZONES)}
    yield from foreign_zone_problems(
        target.region,
        zones,
        [(field, zone) for field, zone in zones if zone not in known],
        consequence="Azure refuses it, and nodes would never carry it as their label",
        example=f"{target.region}-1, or {NO_ZONE!r} in a region without zones",
    )


def _created(target: AksTarget, vnet: CreatedVnet) -> Iterator[Problem]:
    yield from network_range_problems(
        "target.network.cidr",
        vnet.cidr,
        largest=_LARGEST_CREATED,
        smallest=_SMALLEST_CREATED,
        reason="it is cut into sixteenths and sixty-fourths: below /20 they hold a few nodes, above /16 they waste it",
    )
    yield from duplicate_problems("target.network.zones", vnet.zones, "both subnets would have the same name")
    if vnet.peering:
        yield from _peering(target, vnet, vnet.peering)


def _peering(target: AksTarget, vnet: CreatedVnet, peering: Peering) -> Iterator[Problem]:
    field = "target.network.peering"
    yield from duplicate_problems(f"{field}.routes", peering.routes, "one of them says nothing")
    yield from inside_problems(
        peering.routes, AddressRange(field="", purpose="the virtual network", cidr=vnet.cidr), f"{field}.routes"
    )
    # A pod's or service's address is never routed out of its node, however narrow a route beside it is.
    for purpose, cidr in (("Kubernetes services", target.service_cidr), ("pods", target.pod_cidr)):
        yield from inside_problems(
            peering.routes, AddressRange(field="", purpose=purpose, cidr=cidr), f"{field}.routes"
        )
    if target.subscription not in peering.network:
        yield Problem(
            field=f"{field}.network",
            cause="the network is in another subscription",
            consequence="only this side of the peering could be made, and half a peering carries nothing",
            fix="peer the two where that network is managed and adopt the network, or use one in this subscription",
        )


def _ranges(target: AksTarget) -> Iterator[Problem]:
    ranges = [
        *_AKS_RANGES,
        AddressRange(field="target.network.cidr", purpose="the virtual network", cidr=target.network.cidr),
        AddressRange(field="target.network.pods", purpose="pods", cidr=target.pod_cidr),
        AddressRange(field="target.network.services", purpose="Kubernetes services", cidr=target.service_cidr),
    ]
    yield from overlap_problems(ranges)
    for taken in ranges[-2:]:
        yield from hidden_problems(taken, target.network.cidr, _elsewhere(target))
    others = [*(other.cidr for other in _AKS_RANGES), target.network.cidr]
    # What overlaps a range of AKS itself is refused for that already.
    if not any(IPv4Network(target.pod_cidr).overlaps(IPv4Network(taken.cidr)) for taken in _AKS_RANGES):
        yield from use_problems("target.network.pods", target.pod_cidr, others=[*others, target.service_cidr])
    services, others = IPv4Network(target.service_cidr), [*others, target.pod_cidr]
    if services.prefixlen < _LARGEST_SERVICES:
        yield Problem(
            field="target.network.services",
            cause=f"{services} is larger than /{_LARGEST_SERVICES}",
            consequence="AKS refuses it with ServiceCidrTooLarge",
            fix=f"use a /16, such as {free_range(16, others)}",
        )
    elif services.prefixlen > _SMALLEST_SERVICES:
        yield Problem(
            field="target.network.services",
            cause=f"{services} holds {services.num_addresses} addresses",
            consequence="cluster DNS, monitoring and the gateway need more than that, and it cannot be changed",
            fix=f"use a /16, such as {free_range(16, others)}",
        )
    elif not any(services.overlaps(IPv4Network(taken.cidr)) for taken in _AKS_RANGES):
        yield from use_problems("target.network.services", target.service_cidr, others=others)


def _elsewhere(target: AksTarget) -> tuple[str, ...]:
    """Networks that are joined to the virtual network, as far as the settings name them."""
    peering = target.network.peering if isinstance(target.network, CreatedVnet) else None
    clients = target.api_access.cidrs if isinstance(target.api_access, PrivateAccess) else ()
    return (*(peering.routes if peering else ()), *clients)


def _dns(target: AksTarget) -> Iterator[Problem]:
    services, address = IPv4Network(target.service_cidr), IPv4Address(target.dns_service_ip)
    if services.prefixlen > _SMALLEST_SERVICES:
        # The range is refused; whichever takes its place has another address for DNS.
        return
    if address not in services:
        cause, example = f"{address} is not in {services} of the services", services[10]
    elif address in {services[0], services[1], services[-1]}:
        cause, example = f"{address} is taken by the API server, or cannot be a service's address", services[10]
    else:
        return
    yield Problem(
        field="target.network.dns_service_ip",
        cause=cause,
        consequence="AKS refuses the cluster; in it, no pod could resolve a name",
        fix=f"use {example}",
    )


def _pod_room(target: AksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    room = 2 ** max(0, _NODE_PREFIX - IPv4Network(target.pod_cidr).prefixlen)
    nodes = target.system_pool.count + sum(view.pool.most_nodes + _SURGE for view in pools)
    if IPv4Network(target.pod_cidr).prefixlen > _NODE_PREFIX or nodes > room:
        fitting = _NODE_PREFIX - (nodes - 1).bit_length()
        free = free_range(fitting, [*(taken.cidr for taken in _AKS_RANGES), target.network.cidr, target.service_cidr])
        yield Problem(
            field="target.network.pods",
            cause=f"{target.pod_cidr} has room for {room} nodes, and the pools can grow to {nodes}",
            consequence=f"each node takes a /{_NODE_PREFIX}; the last ones would have no address for any pod",
            fix=f"use a /{fitting} or larger" + (f", such as {free}" if free else ""),
        )


def _access(target: AksTarget) -> Iterator[Problem]:
    field = "target.api_access.cidrs"
    created = target.network if isinstance(target.network, CreatedVnet) else None
    routes = (created.peering.routes if created.peering else ()) if created else None
    yield from access_problems(target.api_access, routes)
    yield from duplicate_problems(field, target.api_access.cidrs, "Azure refuses a range that is there already")
    match target.api_access:
        case PublicAccess(cidrs=cidrs):
            own = len(created.zones) if created and created.nat is NatGateways.PER_ZONE else 1
            if len(cidrs) + own > _MOST_RANGES:
                yield Problem(
                    field=field,
                    cause=f"{len(cidrs)} ranges, and {own} of the NAT gateways",
                    consequence=f"AKS takes {_MOST_RANGES}",
                    fix="join neighbouring ranges",
                )
            if target.private_dns_zone is not None:
                yield Problem(
                    field="target.private_dns_zone",
                    cause="the API server has a public name",
                    consequence="AKS refuses a private zone without a private cluster",
                    fix="remove it, or write api_access.kind: private",
                )
            if created and created.nat is NatGateways.NONE:
                yield Problem(
                    field="target.network.nat",
                    cause="nodes without a way out, and an API server that is only on the internet",
                    consequence="no node could reach it, and none would ever become ready",
                    fix="write api_access.kind: private, or nat: per-zone",
                )
        case PrivateAccess(cidrs=cidrs):
            for index, cidr in enumerate(cidrs):
                if not IPv4Network(cidr).is_private:
                    yield Problem(
                        field=f"{field}[{index}]",
                        cause=f"{cidr} are public addresses, and the API server is private",
                        consequence="AKS refuses authorized ranges on a private cluster; nothing connects from there",
                        fix="remove it, or write api_access.kind: public-cidrs",
                    )
            yield from _zone_of_other_region(target)


def _zone_of_other_region(target: AksTarget) -> Iterator[Problem]:
    zone = target.private_dns_zone
    expected = f"privatelink.{target.region}.azmk8s.io"
    if zone is not None and not (zone.endswith((f"/{expected}", f".{expected}"))):
        yield Problem(
            field="target.private_dns_zone",
            cause=f"{zone.rpartition('/')[2]} is not {expected}",
            consequence="AKS refuses a zone of another name or region",
            fix=f"name the zone {expected}, or a zone below it",
        )


def _too_small_subnets(target: AksTarget, vnet: CreatedVnet, pools: Sequence[PoolView]) -> Iterator[Problem]:
    if not _LARGEST_CREATED <= IPv4Network(vnet.cidr).prefixlen <= _SMALLEST_CREATED:
        return
    sizes: Mapping[str, int] = {
        subnets.zone: subnets.private.num_addresses for subnets in zone_subnets(vnet.cidr, vnet.zones)
    }
    # A pool is in one subnet, that of its first zone, with all of its nodes.
    demands = [
        SubnetDemand(pool=view.pool.name, zones=view.pool.zones[:1], nodes=view.pool.most_nodes + _SURGE, addresses=1)
        for view, _ in known_pools(pools)
    ]
    system = target.system_pool
    demands.append(SubnetDemand(pool="system", zones=system.zones[:1], nodes=system.count + _SURGE, addresses=1))
    yield from subnet_problems(sizes, demands, reserved=_RESERVED_ADDRESSES, field="target.network.cidr")
