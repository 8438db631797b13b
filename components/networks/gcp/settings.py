"""A VPC as users write it: made by Strata, or one that exists."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ...contracts.api_access import Cidr
from ...contracts.forms import Form
from ...contracts.model import Contract
from ...contracts.names import LabelValue

NetworkName = Annotated[str, Form(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "genai")]
"""Name of a network, subnet or range: 1 to 63 of a-z, 0-9 and '-'."""
ProjectId = Annotated[str, Form(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", "my-project-123")]
"""Id of a project, such as ``my-project-123``; neither its name nor its number."""
HubName = Annotated[
    str, Form(r"projects/[a-z0-9-]+/locations/global/hubs/[a-z0-9-]+", "projects/my-project/locations/global/hubs/main")
]


class Nat(StrEnum):
    """How nodes, which have no public addresses, reach the internet."""

    CLOUD = "cloud"
    """Cloud NAT, which Google spreads over all zones of the region by itself."""
    NONE = "none"
    """Not at all: images and models have to come from Google's own services."""


class Routing(StrEnum):
    """Which regions see routes that cloud routers learn."""

    REGIONAL = "regional"
    """The cloud router's own."""
    GLOBAL = "global"
    """All of them."""


class CreatedVpc(Contract):
    """A VPC that Strata makes: one subnet over all zones of the region, with ranges for pods and services."""

    kind: Literal["create"] = "create"
    zones: Annotated[tuple[LabelValue, ...], Field(min_length=1, max_length=4)]
    """Zones of nodes, such as ``us-central1-a``; the control plane is in three zones of the region anyway."""
    nodes: Cidr
    """Range of nodes and internal load balancers; Google takes /29 or larger."""
    pods: Cidr
    """Range of pods; each node takes a slice that holds twice its pods, a /24 for 65 to 128 of them."""
    services: Cidr
    """Range of services, /16 to /27."""
    pods_per_node: Annotated[int, Field(ge=8, le=256)] = 110
    """Pods of a node, for which it takes a slice of the pods' range; cannot be changed afterwards."""
    mtu: Annotated[int, Field(ge=1300, le=8896)] = 8896
    """Largest packet, bytes; GPU networks have their own."""
    routing: Routing = Routing.REGIONAL
    """Global where attachments in other regions lead to this network."""
    nat: Nat = Nat.CLOUD
    """How nodes reach the internet."""
    hub: HubName | None = None
    """Network Connectivity Center hub that joins the VPC to others, such as the one Pulumi runs in.

    A hub of another project has to accept the VPC. The control plane's address is reached through a hub that was made
    with ``--export-psc`` only; with ``api_endpoint: dns`` no hub is needed for that.
    """


class NamedRange(Contract):
    """A secondary range of a subnet."""

    name: NetworkName
    """Name of the secondary range."""
    cidr: Cidr
    """Its addresses."""


class AdoptedVpc(Contract):
    """A VPC that exists and stays as it is."""

    kind: Literal["adopt"] = "adopt"
    zones: Annotated[tuple[LabelValue, ...], Field(min_length=1, max_length=4)]
    """Zones of nodes, such as ``us-central1-a``; the control plane is in three zones of the region anyway."""
    project: ProjectId | None = None
    """Host project of a Shared VPC; the cluster's own where left out."""
    network: NetworkName
    """Name of the VPC, with its project where that is another one."""
    subnet: NetworkName
    """Name of the subnet of the nodes."""
    nodes: Cidr
    """Primary range of the subnet."""
    pods: NamedRange
    services: NamedRange
    pods_per_node: Annotated[int, Field(ge=8, le=256)] = 110
    """Pods of a node, for which it takes a slice of the pods' range; cannot be changed afterwards."""


VpcSettings = Annotated[CreatedVpc | AdoptedVpc, Field(discriminator="kind")]
"""The network of a GKE cluster."""


def pod_range(settings: CreatedVpc | AdoptedVpc) -> str:
    """Range of the pods."""
    return settings.pods if isinstance(settings, CreatedVpc) else settings.pods.cidr


def service_range(settings: CreatedVpc | AdoptedVpc) -> str:
    """Range of the services."""
    return settings.services if isinstance(settings, CreatedVpc) else settings.services.cidr
