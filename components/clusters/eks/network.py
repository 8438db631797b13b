"""The network of an EKS cluster as other environments see it."""

from __future__ import annotations

from ...contracts.network_facts import AddressRange, NetworkFacts, Place
from ...networks.aws.settings import AdoptedVpc, CreatedVpc
from .settings import EksTarget

_MTU = 9001
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html."""


def eks_network(environment: str, target: EksTarget) -> NetworkFacts:
    """What is known from the settings."""
    network = target.network
    transit = network.transit if isinstance(network, CreatedVpc) else None
    return NetworkFacts(
        environment=environment,
        place=Place.AWS,
        region=target.region,
        # Pods take addresses of their nodes' subnets.
        ranges=(AddressRange(purpose="nodes and pods", cidr=network.cidr),),
        mtu=_MTU,
        adopted=isinstance(network, AdoptedVpc),
        transit_gateway=transit.gateway if transit else None,
        transit_routes=transit.routes if transit else (),
    )
