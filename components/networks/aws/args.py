"""The VPC of a cluster as a program passes it: one that Strata makes, or one that exists.

Owns the arguments and how they relate to settings. Ids are inputs, so that they may be outputs of other
resources; zones and ranges are plain, because subnets are cut and rules are checked at preview.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from ...contracts.arguments import checked_arguments
from ..inputs import text_or
from ..nat import NatGateways
from .settings import AdoptedVpc, CreatedVpc, TransitAttachment, VpcSettings


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class TransitGateway:
    """A transit gateway that joins the VPC to other networks.

    Attributes:
        gateway: Its id.
        routes: Networks that are reached through it.
    """

    gateway: pulumi.Input[str]
    routes: Sequence[str]


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class NewAwsVpc:
    """A VPC to make: private and public subnets in each zone, NAT, endpoints.

    Attributes:
        cidr: Range of the VPC, /16 to /20.
        zones: Availability zones, such as ``us-east-2a``; the control plane needs two.
        nat: How nodes reach the internet.
        transit: Transit gateway that joins it to other networks.
    """

    cidr: str
    zones: Sequence[str]
    nat: NatGateways = NatGateways.PER_ZONE
    transit: TransitGateway | None = None


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ExistingAwsVpc:
    """A VPC that exists, or that the caller makes, and that stays as it is.

    Attributes:
        id: Its id.
        cidr: Its range.
        private_subnets: Id of the nodes' subnet by availability zone.
    """

    id: pulumi.Input[str]
    cidr: str
    private_subnets: Mapping[str, pulumi.Input[str]]


def vpc_of(settings: VpcSettings) -> NewAwsVpc | ExistingAwsVpc:
    """The network of a stack's settings."""
    match settings:
        case CreatedVpc(cidr=cidr, zones=zones, nat=nat, transit=transit):
            joined = TransitGateway(gateway=transit.gateway, routes=transit.routes) if transit else None
            return NewAwsVpc(cidr=cidr, zones=zones, nat=nat, transit=joined)
        case AdoptedVpc(id=identifier, cidr=cidr, private_subnets=subnets):
            return ExistingAwsVpc(id=identifier, cidr=cidr, private_subnets=dict(subnets))


def vpc_settings(vpc: NewAwsVpc | ExistingAwsVpc, services: str | None = None) -> VpcSettings:
    """The same network as settings, which the rules check; placeholders replace ids that are not known yet.

    Args:
        vpc: The network.
        services: Addresses of Kubernetes services; None leaves them to EKS.

    Raises:
        StrataError: when a value does not have the form that settings require.
    """
    match vpc:
        case NewAwsVpc(cidr=cidr, zones=zones, nat=nat, transit=transit):
            joined = (
                TransitAttachment(gateway=text_or(transit.gateway, "tgw-00000000"), routes=tuple(transit.routes))
                if transit
                else None
            )
            return CreatedVpc(cidr=cidr, zones=tuple(zones), nat=nat, services=services, transit=joined)
        case ExistingAwsVpc(id=identifier, cidr=cidr, private_subnets=subnets):
            return AdoptedVpc(
                id=text_or(identifier, "vpc-00000000"),
                cidr=cidr,
                private_subnets={
                    zone: text_or(subnet, f"subnet-{index:08x}") for index, (zone, subnet) in enumerate(subnets.items())
                },
                services=services,
            )
