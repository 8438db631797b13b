"""The network of a site as other environments see it."""

from __future__ import annotations

from ...contracts.network_facts import AddressRange, NetworkFacts, Place
from .settings import KubeadmTarget


def kubeadm_network(environment: str, target: KubeadmTarget) -> NetworkFacts:
    """What is known from the settings; nothing there has an id of a cloud."""
    networks = target.networks
    return NetworkFacts(
        environment=environment,
        place=Place.SITE,
        ranges=(
            *(AddressRange(purpose="hosts", cidr=cidr) for cidr in networks.subnets),
            AddressRange(purpose="pods", cidr=networks.pods, routed=False),
            AddressRange(purpose="services", cidr=networks.services, routed=False),
        ),
        mtu=networks.mtu,
    )
