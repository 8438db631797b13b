"""The network of a GKE cluster as other environments see it."""

from __future__ import annotations

from collections.abc import Iterator

from ...contracts.network_facts import AddressRange, NetworkFacts, Place
from ...networks.gcp.settings import AdoptedVpc, CreatedVpc, Routing, pod_range, service_range
from .settings import GkeTarget

_DEFAULT_MTU = 1460
"""Of networks that somebody else made: https://cloud.google.com/vpc/docs/mtu."""


def gke_network(environment: str, target: GkeTarget) -> NetworkFacts:
    """What is known from the settings."""
    network = target.network
    created = isinstance(network, CreatedVpc)
    return NetworkFacts(
        environment=environment,
        place=Place.GCP,
        account=network_project(target),
        region=target.region,
        ranges=tuple(_ranges(target)),
        mtu=network.mtu if isinstance(network, CreatedVpc) else _DEFAULT_MTU,
        adopted=not created,
        global_routing=network.routing is Routing.GLOBAL if isinstance(network, CreatedVpc) else None,
    )


def network_project(target: GkeTarget) -> str:
    """Project of the network, another one than the cluster's in a Shared VPC."""
    network = target.network
    return network.project or target.project if isinstance(network, AdoptedVpc) else target.project


def _ranges(target: GkeTarget) -> Iterator[AddressRange]:
    yield AddressRange(purpose="nodes", cidr=target.network.nodes)
    yield AddressRange(purpose="pods", cidr=pod_range(target.network))
    # Cloud routers advertise all ranges of a subnet, so that others have a way to them, useful or not.
    yield AddressRange(purpose="services", cidr=service_range(target.network))
    if target.control_plane_cidr:
        yield AddressRange(purpose="control plane", cidr=target.control_plane_cidr)
    yield AddressRange(purpose="GPU cards", cidr=target.gpu_cidr, routed=False)
