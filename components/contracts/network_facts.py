"""What is known about an environment's network, whichever environment it is.

Serialises as a stack output, so that links between environments can be checked over all of them at
once. Everything but ``attachment`` is known from the settings, before anything exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from .api_access import Cidr
from .model import Contract

Asn = Annotated[int, Field(ge=1, le=4_294_967_295)]
"""Number of an autonomous system, two or four bytes."""


class Place(StrEnum):
    """Where a network is: in which cloud, or at a site."""

    AWS = "aws"
    GCP = "gcp"
    AZURE = "azure"
    SITE = "site"
    """The user's own data centre."""


class AddressRange(Contract):
    """A range of addresses and what lives in it."""

    purpose: str
    """What has addresses in it, such as ``nodes``."""
    cidr: Cidr
    routed: bool = True
    """Whether other environments see its addresses; overlays of pods are hidden behind their nodes."""

    @property
    def network(self) -> IPv4Network:
        """The range as a network."""
        return IPv4Network(self.cidr)


class AwsAttachment(Contract):
    """What links to AWS attach to."""

    kind: Literal["aws"] = "aws"
    vpc: str
    subnets: tuple[str, ...]
    """One subnet in each zone, for attachments of transit gateways."""
    route_tables: tuple[str, ...] = ()
    """Route tables of these subnets; none where the VPC is adopted, as its owner sets the routes."""


class GcpAttachment(Contract):
    """What links to Google Cloud attach to."""

    kind: Literal["gcp"] = "gcp"
    project: str
    network: str
    """Path of the network, such as ``projects/p/global/networks/n``."""


class AzureAttachment(Contract):
    """What links to Azure attach to."""

    kind: Literal["azure"] = "azure"
    virtual_network: str
    """Resource id."""


Attachment = Annotated[AwsAttachment | GcpAttachment | AzureAttachment, Field(discriminator="kind")]


class NetworkFacts(Contract):
    """The network of one environment."""

    environment: str
    """Stack that the environment lives in."""
    place: Place
    account: str = ""
    """Project or subscription; empty where the credentials determine it."""
    region: str = ""
    """The cloud's region; empty for sites."""
    ranges: Annotated[tuple[AddressRange, ...], Field(min_length=1)]
    mtu: Annotated[int, Field(ge=1280, le=9216)]
    """Largest packet between two nodes, bytes."""
    adopted: bool = False
    """Whether the network belongs to somebody else, who sets its routes."""
    transit_gateway: str | None = None
    """AWS: transit gateway that the environment joins its VPC to by itself."""
    transit_routes: tuple[Cidr, ...] = ()
    """AWS: networks that the VPC's routes lead to over that gateway."""
    global_routing: bool | None = None
    """Google Cloud: whether routes reach all regions; None where only the network's owner knows."""
    remote_gateway: bool = False
    """Azure: whether the network uses the gateway of another one, and so can have none itself."""
    gateway_subnet: Cidr | None = None
    """Azure: range inside the virtual network that is kept free for its gateways."""
    attachment: Attachment | None = None
    """Ids that links attach to; None until the environment is up, and for sites."""

    @property
    def routed(self) -> Iterator[AddressRange]:
        """Ranges that other environments see."""
        return (network_range for network_range in self.ranges if network_range.routed)
