"""The network of an AKS cluster as other environments see it."""

from __future__ import annotations

from ipaddress import IPv4Network

from ...contracts.network_facts import AddressRange, NetworkFacts, Place
from ...networks.azure.settings import AdoptedVnet, CreatedVnet
from .settings import AksTarget

_MTU = 1500
_GATEWAYS = 26
"""Room for an ExpressRoute and a VPN gateway, active-active both."""


def aks_network(environment: str, target: AksTarget) -> NetworkFacts:
    """What is known from the settings."""
    network = target.network
    peering = network.peering if isinstance(network, CreatedVnet) else None
    return NetworkFacts(
        environment=environment,
        place=Place.AZURE,
        account=target.subscription,
        region=target.region,
        ranges=(
            AddressRange(purpose="nodes", cidr=network.cidr),
            AddressRange(purpose="pods", cidr=target.pod_cidr, routed=False),
            AddressRange(purpose="services", cidr=target.service_cidr, routed=False),
        ),
        mtu=_MTU,
        adopted=isinstance(network, AdoptedVnet),
        remote_gateway=peering is not None and peering.use_gateways,
        gateway_subnet=_last(network.cidr) if isinstance(network, CreatedVnet) else None,
    )


def _last(cidr: str) -> str:
    """The end of the range, which the subnets of zones never reach."""
    whole = IPv4Network(cidr)
    return str(IPv4Network((int(whole.broadcast_address) + 1 - 2 ** (32 - _GATEWAYS), _GATEWAYS)))
