"""The VPC of a cluster as a program passes it: one that Strata makes, or one that exists.

Owns the arguments and how they relate to settings. Names that may be outputs of other resources are inputs;
ranges and the host project are plain, because rules are checked at preview.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from ...contracts.arguments import checked_arguments
from ..inputs import text_or
from .settings import AdoptedVpc, CreatedVpc, NamedRange, Nat, Routing, VpcSettings


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class NewGcpVpc:
    """A VPC to make: one subnet over all zones of the region, with ranges for pods and services.

    Attributes:
        nodes: Range of nodes and internal load balancers.
        pods: Range of pods.
        services: Range of services, /16 to /27.
        mtu: Largest packet, bytes.
        routing: Which regions see routes that cloud routers learn.
        nat: How nodes reach the internet.
        hub: Path of the Network Connectivity Center hub that joins the VPC to others.
    """

    nodes: str
    pods: str
    services: str
    mtu: int = 8896
    routing: Routing = Routing.REGIONAL
    nat: Nat = Nat.CLOUD
    hub: pulumi.Input[str] | None = None


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class SecondaryRange:
    """A secondary range of a subnet.

    Attributes:
        name: Its name.
        cidr: The range.
    """

    name: pulumi.Input[str]
    cidr: str


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ExistingGcpVpc:
    """A VPC that exists, or that the caller makes, and that stays as it is.

    Attributes:
        network: Name of the network.
        subnet: Name of the subnet.
        nodes: Primary range of the subnet.
        pods: Its range for pods.
        services: Its range for services.
        project: Host project of a Shared VPC; the cluster's own where left out.
    """

    network: pulumi.Input[str]
    subnet: pulumi.Input[str]
    nodes: str
    pods: SecondaryRange
    services: SecondaryRange
    project: str | None = None


def vpc_of(settings: VpcSettings) -> NewGcpVpc | ExistingGcpVpc:
    """The network of a stack's settings."""
    match settings:
        case CreatedVpc():
            return NewGcpVpc(
                nodes=settings.nodes,
                pods=settings.pods,
                services=settings.services,
                mtu=settings.mtu,
                routing=settings.routing,
                nat=settings.nat,
                hub=settings.hub,
            )
        case AdoptedVpc():
            return ExistingGcpVpc(
                network=settings.network,
                subnet=settings.subnet,
                nodes=settings.nodes,
                pods=SecondaryRange(name=settings.pods.name, cidr=settings.pods.cidr),
                services=SecondaryRange(name=settings.services.name, cidr=settings.services.cidr),
                project=settings.project,
            )


def vpc_settings(vpc: NewGcpVpc | ExistingGcpVpc, zones: Sequence[str], pods_per_node: int) -> VpcSettings:
    """The same network as settings, which the rules check; placeholders replace names that are not known yet.

    Args:
        vpc: The network.
        zones: Zones of nodes.
        pods_per_node: Pods of a node.

    Raises:
        StrataError: when a value does not have the form that settings require.
    """
    match vpc:
        case NewGcpVpc():
            return CreatedVpc(
                zones=tuple(zones),
                pods_per_node=pods_per_node,
                nodes=vpc.nodes,
                pods=vpc.pods,
                services=vpc.services,
                mtu=vpc.mtu,
                routing=vpc.routing,
                nat=vpc.nat,
                hub=text_or(vpc.hub, "projects/not-known/locations/global/hubs/not-known") if vpc.hub else None,
            )
        case ExistingGcpVpc():
            return AdoptedVpc(
                zones=tuple(zones),
                pods_per_node=pods_per_node,
                network=text_or(vpc.network, "network-not-known"),
                subnet=text_or(vpc.subnet, "subnet-not-known"),
                nodes=vpc.nodes,
                pods=NamedRange(name=text_or(vpc.pods.name, "pods-not-known"), cidr=vpc.pods.cidr),
                services=NamedRange(name=text_or(vpc.services.name, "services-not-known"), cidr=vpc.services.cidr),
                project=vpc.project,
            )
