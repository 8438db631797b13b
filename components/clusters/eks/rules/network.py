"""Rules of the VPC: ranges, zones, routes, the way to the API server, and addresses for nodes and pods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from ....contracts.api_access import PrivateAccess
from ....contracts.errors import Problem
from ....networks.addresses import zone_subnets
from ....networks.aws.settings import AdoptedVpc, CreatedVpc, TransitAttachment
from ....networks.nat import NatGateways
from ....planner.catalogs.instances import InstanceType
from ...rules.address_ranges import (
    AddressRange,
    hidden_problems,
    inside_problems,
    network_range_problems,
    overlap_problems,
)
from ...rules.api_access import access_problems
from ...rules.duplicates import duplicate_problems
from ...rules.pool_view import PoolView, known_pools
from ...rules.subnets import SubnetDemand, subnet_problems
from ...rules.zones import foreign_zone_problems
from ..efa import network_interfaces
from ..settings import EksTarget

_LARGEST, _SMALLEST, _SMALLEST_CREATED = 16, 28, 20
_ANYWHERE = "0.0.0.0/0"
# VPC user guide, vpc-cidr-blocks: services of AWS such as Cloud9 and SageMaker use it themselves.
_DOCKER = AddressRange(field="", purpose="services of AWS", cidr="172.17.0.0/16")
# awslabs/amazon-eks-ami, bootstrap.sh: EKS picks the service range by the VPC's, so that they never overlap.
_SERVICE_PREFIXES = 12, 24
_RFC_1918 = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_SERVICES_OF_TEN, _SERVICES = "172.20.0.0/16", "10.100.0.0/16"
# Five that every subnet of a VPC loses (VPC user guide, subnet sizing), and sixteen that the EKS user guide
# (network-reqs) wants free for the control plane's interfaces and their replacement during upgrades.
_RESERVED_ADDRESSES = 5 + 16
# Nodes take addresses for pods in prefixes of 16. DaemonSets and add-ons are about a dozen pods a node, the rest of
# two prefixes is for models and what stands by them, and a third is kept warm (aws/amazon-vpc-cni-k8s,
# docs/prefix-and-ip-target.md); kubelet's limit is never reached on nodes whose GPUs are the limit.
_POD_ADDRESSES = 3 * 16


def network_problems(target: EksTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """What is wrong with the network, and with the way to the API server."""
    yield from _zones(target)
    match target.network:
        case CreatedVpc() as created:
            yield from _created(target, created)
            if not target.adopt_cluster:
                routes = created.transit.routes if created.transit else ()
                yield from access_problems(target.api_access, routes)
            yield from _too_small_subnets(target, created, pools)
        case AdoptedVpc() as adopted:
            yield from _adopted(adopted)
            if not target.adopt_cluster:
                yield from access_problems(target.api_access, None)
    if target.service_cidr and not target.adopt_cluster:
        yield from _services(target, target.service_cidr)
    yield from duplicate_problems(
        "target.api_access.cidrs", target.api_access.cidrs, "AWS refuses a rule that is there already"
    )


def service_range(target: EksTarget) -> str:
    """Addresses of Kubernetes services: the target's, or what EKS chooses for a VPC of that range."""
    if target.service_cidr:
        return target.service_cidr
    vpc = target.network.cidr
    return _SERVICES_OF_TEN if IPv4Network(vpc).subnet_of(IPv4Network("10.0.0.0/8")) else _SERVICES


def _services(target: EksTarget, cidr: str) -> Iterator[Problem]:
    """EKS API, KubernetesNetworkConfigRequest: in RFC 1918, /24 to /12, and not in the VPC's range."""
    field = "target.network.services"
    largest, smallest = _SERVICE_PREFIXES
    yield from network_range_problems(
        field,
        cidr,
        largest=largest,
        smallest=smallest,
        reason="EKS takes /12 to /24",
        allowed=_RFC_1918,
        others=[target.network.cidr],
    )
    vpc = AddressRange(field="target.network.cidr", purpose="the VPC", cidr=target.network.cidr)
    services = AddressRange(field=field, purpose="Kubernetes services", cidr=cidr)
    yield from overlap_problems([vpc, services])
    yield from hidden_problems(services, target.network.cidr, _elsewhere(target))


def _elsewhere(target: EksTarget) -> tuple[str, ...]:
    """Networks that are joined to the VPC, as far as the settings name them."""
    transit = target.network.transit if isinstance(target.network, CreatedVpc) else None
    clients = target.api_access.cidrs if isinstance(target.api_access, PrivateAccess) else ()
    return (*(transit.routes if transit else ()), *clients)


def _suffix(target: EksTarget, zone: str) -> str | None:
    """What follows the name of the region; None for a zone of another one."""
    suffix = zone.removeprefix(target.region)
    return None if suffix == zone or not (suffix[:1].isalpha() or suffix.startswith("-")) else suffix


def _zones(target: EksTarget) -> Iterator[Problem]:
    fields = list(_zone_fields(target))
    named = {zone for _, zone in fields}
    example = next(
        (zone for zone in (f"{target.region}{letter}" for letter in "abcdefgh") if zone not in named),
        f"{target.region}a",
    )
    yield from foreign_zone_problems(
        target.region,
        fields,
        [(field, zone) for field, zone in fields if _suffix(target, zone) is None],
        consequence="AWS refuses the subnet",
        example=example,
    )
    for field, zone in fields:
        suffix = _suffix(target, zone)
        if suffix is not None and not re.fullmatch("[a-z]", suffix):
            yield Problem(
                field=field,
                cause=f"{zone!r} is a local zone or a wavelength zone",
                consequence="EKS refuses it for the control plane, and shared storage has no mount target there",
                fix=f"use another availability zone, such as {example}",
            )


def _zone_fields(target: EksTarget) -> Iterator[tuple[str, str]]:
    match target.network:
        case CreatedVpc(zones=zones):
            yield from ((f"target.network.zones[{index}]", zone) for index, zone in enumerate(zones))
        case AdoptedVpc(private_subnets=subnets):
            yield from ((f"target.network.private_subnets.{zone}", zone) for zone in subnets)


def _created(target: EksTarget, vpc: CreatedVpc) -> Iterator[Problem]:
    field = "target.network.cidr"
    yield from network_range_problems(
        field,
        vpc.cidr,
        largest=_LARGEST,
        smallest=_SMALLEST_CREATED,
        reason="AWS takes /16 to /28, and below /20 the subnets of the zones would hold a few nodes each",
    )
    yield from overlap_problems([_DOCKER, AddressRange(field=field, purpose="the VPC", cidr=vpc.cidr)])
    yield from duplicate_problems("target.network.zones", vpc.zones, "both subnets would have the same name")
    if len(set(vpc.zones)) == 1:
        yield _one_zone("target.network.zones")
    if vpc.transit:
        yield from _transit(target, vpc, vpc.transit)


def _transit(target: EksTarget, vpc: CreatedVpc, transit: TransitAttachment) -> Iterator[Problem]:
    field = "target.network.transit.routes"
    yield from duplicate_problems(field, transit.routes, "AWS refuses a route that is there already")
    network = AddressRange(field="", purpose="the VPC", cidr=vpc.cidr)
    services = AddressRange(field="", purpose="Kubernetes services", cidr=service_range(target))
    for taken in (network, services):
        yield from inside_problems(transit.routes, taken, field)
    if _ANYWHERE in transit.routes and vpc.nat is not NatGateways.NONE:
        yield Problem(
            field=f"{field}[{transit.routes.index(_ANYWHERE)}]",
            cause=f"{_ANYWHERE} leads to the NAT gateways already",
            consequence="AWS refuses a second route to the same destination, in the middle of the deployment",
            fix="write nat: none, or name the networks behind the transit gateway",
        )


def _adopted(vpc: AdoptedVpc) -> Iterator[Problem]:
    yield from network_range_problems(
        "target.network.cidr",
        vpc.cidr,
        largest=_LARGEST,
        smallest=_SMALLEST,
        reason="no range of a VPC has that size, so this is not what the VPC has",
    )
    first: dict[str, str] = {}
    for zone, subnet in vpc.private_subnets.items():
        if subnet in first:
            yield Problem(
                field=f"target.network.private_subnets.{zone}",
                cause=f"{subnet} is the subnet of {first[subnet]} too",
                consequence="a subnet lies in one zone; the control plane needs subnets in two of them",
                fix=f"name the subnet in {zone}",
            )
        first.setdefault(subnet, zone)


def _one_zone(field: str) -> Problem:
    return Problem(
        field=field,
        cause="all subnets would be in one zone",
        consequence="EKS refuses a control plane without subnets in two availability zones",
        fix="name a second zone; node pools may still stay in one",
    )


def _too_small_subnets(target: EksTarget, vpc: CreatedVpc, pools: Sequence[PoolView]) -> Iterator[Problem]:
    if not _LARGEST <= IPv4Network(vpc.cidr).prefixlen <= _SMALLEST_CREATED:
        return
    sizes: Mapping[str, int] = {
        subnets.zone: subnets.private.num_addresses for subnets in zone_subnets(vpc.cidr, vpc.zones)
    }
    demands = [
        SubnetDemand(
            pool=view.pool.name,
            zones=view.pool.zones,
            nodes=view.pool.most_nodes,
            addresses=_own_addresses(target, machine) + _POD_ADDRESSES,
        )
        for view, machine in known_pools(pools)
    ]
    yield from subnet_problems(sizes, demands, reserved=_RESERVED_ADDRESSES, field="target.network.cidr")


def _own_addresses(target: EksTarget, machine: InstanceType) -> int:
    """Addresses of a node's own interfaces; machines without EFA have one."""
    interfaces = network_interfaces(machine.name, target.efa_layout) if machine.rdma_nics else ()
    return max(1, sum(interface.has_address for interface in interfaces))
