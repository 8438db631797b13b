"""A VPC as users write it: made by Strata, or one that exists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...contracts.api_access import Cidr
from ...contracts.forms import Form
from ...contracts.model import Contract
from ...contracts.names import LabelValue
from ..nat import NatGateways

VpcId = Annotated[str, Form(r"vpc-([0-9a-f]{8}|[0-9a-f]{17})", "vpc-0123456789abcdef0")]
SubnetId = Annotated[str, Form(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})", "subnet-0123456789abcdef0")]
TransitGatewayId = Annotated[str, Form(r"tgw-([0-9a-f]{8}|[0-9a-f]{17})", "tgw-0123456789abcdef0")]


class TransitAttachment(Contract):
    """A transit gateway that joins the VPC to other networks."""

    gateway: TransitGatewayId
    """Id of the transit gateway."""
    routes: Annotated[tuple[Cidr, ...], Field(min_length=1, max_length=100)]
    """Networks that are reached through it, such as the one Pulumi runs in."""


class CreatedVpc(Contract):
    """A VPC that Strata makes: private and public subnets in each zone, NAT, endpoints."""

    kind: Literal["create"] = "create"
    cidr: Cidr
    """Range of the VPC, /16 to /20; AWS takes /16 to /28, and pods take an address each."""
    zones: Annotated[tuple[LabelValue, ...], Field(min_length=2, max_length=6)]
    """Availability zones, such as ``us-east-2a``; the control plane needs two."""
    nat: NatGateways = NatGateways.PER_ZONE
    """How nodes reach the internet."""
    services: Cidr | None = None
    """Addresses of Kubernetes services, /12 to /24 outside of the VPC; EKS chooses where left out, and never again."""
    transit: TransitAttachment | None = None
    """A transit gateway that the VPC is attached to."""


class AdoptedVpc(Contract):
    """A VPC that exists and stays as it is."""

    kind: Literal["adopt"] = "adopt"
    id: VpcId
    """Id of the VPC."""
    cidr: Cidr
    """Its address range."""
    private_subnets: Annotated[dict[LabelValue, SubnetId], Field(min_length=2)]
    """Subnet of the nodes by zone, such as ``us-east-2a: subnet-0123456789abcdef0``."""
    services: Cidr | None = None
    """Addresses of Kubernetes services, /12 to /24 outside of the VPC; EKS chooses where left out, and never again."""


VpcSettings = Annotated[CreatedVpc | AdoptedVpc, Field(discriminator="kind")]
"""The network of an EKS cluster."""


def network_zones(network: CreatedVpc | AdoptedVpc) -> tuple[str, ...]:
    """Zones in which the network has a subnet of nodes."""
    return network.zones if isinstance(network, CreatedVpc) else tuple(network.private_subnets)
