"""Links between environments as users write them.

A link joins one cloud environment to one site, over circuits that take weeks to be delivered and are therefore
ordered once and protected, or adopted by id. Numbers of autonomous systems, VLANs and priorities are set
here; address ranges come from the environments' own stacks, and keys from encrypted values.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ...contracts.addresses import Address
from ...contracts.api_access import Cidr
from ...contracts.config_keys import ConfigKey
from ...contracts.forms import Form
from ...contracts.model import Contract
from ...contracts.names import ObjectName
from ...contracts.network_facts import Asn
from ..aws.settings import TransitGatewayId

_EXAMPLE_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/links"
Priority = Annotated[int, Field(ge=0, le=32_000)]
"""A metric as in BGP's MED: the lower one wins. Azure weighs connections from 0 to 32,000, so it ends there."""
EnvironmentName = Annotated[str, Form(r"([A-Za-z0-9_.-]{1,100}/){0,2}[A-Za-z0-9_.-]{1,100}", "my-stack")]

_AZURE_GROUP = r"/subscriptions/[0-9a-f-]{36}/resourceGroups/[A-Za-z0-9_.()-]{1,90}"
_AZURE_NETWORK = rf"{_AZURE_GROUP}/providers/Microsoft\.Network"
CircuitId = Annotated[
    str,
    Form(
        rf"{_AZURE_NETWORK}/expressRouteCircuits/[A-Za-z0-9_.-]{{1,80}}",
        f"{_EXAMPLE_GROUP}/providers/Microsoft.Network/expressRouteCircuits/berlin",
    ),
]
GatewayId = Annotated[
    str,
    Form(
        rf"{_AZURE_NETWORK}/virtualNetworkGateways/[A-Za-z0-9_.-]{{1,80}}",
        f"{_EXAMPLE_GROUP}/providers/Microsoft.Network/virtualNetworkGateways/main",
    ),
]
ConnectionId = Annotated[str, Form(r"dxcon-[a-z0-9]{8}", "dxcon-ffabcd12")]
LagId = Annotated[str, Form(r"dxlag-[a-z0-9]{8}", "dxlag-ffabcd12")]
InterfaceId = Annotated[str, Form(r"dxvif-[a-z0-9]{8}", "dxvif-ffabcd12")]
InterconnectId = Annotated[
    str,
    Form(
        r"projects/[a-z0-9:.-]+/global/interconnects/[a-z]([-a-z0-9]{0,61}[a-z0-9])?",
        "projects/my-project/global/interconnects/berlin",
    ),
]


class Availability(StrEnum):
    """How much of a link may fail at once."""

    HIGHEST = "99.99"
    """A whole location: two locations, each with two circuits on devices of their own."""
    HIGH = "99.9"
    """One device or, on AWS, one location."""
    NONE = "none"
    """Nothing: for trials, and for links whose fallback is good enough."""


class CircuitState(StrEnum):
    """State of a circuit; orders are connected by people, after days or weeks."""

    ORDERED = "ordered"
    """Not connected yet: only the circuit itself is made, and the VPN, which needs none."""
    PROVISIONED = "provisioned"
    """Connected: interfaces and BGP sessions are made on it."""


class EdgeRouter(Contract):
    """A router of a site that links end at."""

    name: ObjectName
    """Name of the router."""
    public_address: Address | None = None
    """Where it takes VPN tunnels; needed for links with a fallback."""
    bgp_address: Address | None = None
    """Address that it speaks BGP from inside of VPN tunnels to Azure, such as one of its loopback's."""


class Site(Contract):
    """A data centre that links end at."""

    name: ObjectName
    """Name of the site."""
    stack: EnvironmentName | None = None
    """Environment that runs there, whose ranges then belong to the site; it counts among ``environments``."""
    asn: Asn
    """Autonomous system of its routers."""
    routers: Annotated[tuple[EdgeRouter, ...], Field(min_length=1, max_length=4)]
    """Two or more, so that one can be maintained."""
    ranges: Annotated[tuple[Cidr, ...], Field(max_length=100)] = ()
    """Networks of the site that clouds can reach, besides those of its stack."""
    mtu: Annotated[int, Field(ge=1280, le=9216)] = 1500
    """Largest packet that its routers pass on, bytes."""


VpnGatewaySize = Literal["VpnGw1AZ", "VpnGw2AZ", "VpnGw3AZ", "VpnGw4AZ", "VpnGw5AZ"]
"""Sizes that speak BGP and lie in several zones; the basic one does not, and new ones in one zone are no longer sold.

https://learn.microsoft.com/azure/vpn-gateway/about-gateway-skus, read in November 2026.
"""


class VpnFallback(Contract):
    """A VPN over the internet that takes over while no circuit carries anything.

    Its pre-shared key is the secret that ``secrets.pre_shared_keys`` names for the link.
    """

    priority: Priority = 200
    """Higher, that is worse, than that of the link."""
    gateway_asn: Asn | None = None
    """Azure: autonomous system of the VPN gateway, 65515 where left out. Other clouds use the link's."""
    inside_ranges: Annotated[tuple[Cidr, ...], Field(max_length=8)] = ()
    """AWS and Google Cloud: a /30 of 169.254.0.0/16 for each tunnel, two for each router of the site.

    The cloud takes the first address, the router the second. Azure uses addresses of its own.
    """
    sku: VpnGatewaySize = "VpnGw2AZ"
    """Azure: size of the gateway, which forwards 650 Mbit/s, 1, 1.25, 5 or 10 Gbit/s; all are in several zones."""


class _Link(Contract):
    name: ObjectName
    """Name of the link."""
    environment: EnvironmentName
    """Environment that it joins to the site, by its stack."""
    site: ObjectName
    """Name of the site that it joins."""
    availability: Availability
    """What circuits are checked against; fewer circuits than it requires are refused."""
    priority: Priority = 100
    """Metric of the circuits' routes; the site's routers have to use the same."""
    vpn: VpnFallback | None = None
    """VPN that takes over; without one the environment is cut off when the circuits fail."""


class OrderedConnection(Contract):
    """A Direct Connect port that Strata orders; AWS then issues a letter for the cross-connect."""

    kind: Literal["create"] = "create"
    bandwidth: Literal["1Gbps", "10Gbps", "100Gbps", "400Gbps"]
    """Bandwidth of the port."""
    macsec: bool = False
    """Whether the port must be able to encrypt; not every location has such ports."""


class AdoptedConnection(Contract):
    """A Direct Connect port or group of ports that exists."""

    kind: Literal["adopt"] = "adopt"
    id: ConnectionId | LagId
    """Id of the connection."""
    device: str = ""
    """AWS' device that it ends on, as ``aws directconnect describe-connections`` prints it."""


class HostedInterface(Contract):
    """A virtual interface that a partner or another account offers; it is accepted, and never deleted."""

    kind: Literal["hosted"] = "hosted"
    id: InterfaceId
    """Id of the virtual interface."""
    device: str = ""
    """AWS device that it ends on."""


class DirectConnectPort(Contract):
    """One circuit to AWS and the virtual interface on it."""

    name: ObjectName
    """Name of the port."""
    location: Annotated[str, Form(r"[A-Za-z0-9-]{2,20}", "EqDC2")]
    """Direct Connect location, such as ``EqDC2``."""
    circuit: Annotated[OrderedConnection | AdoptedConnection | HostedInterface, Field(discriminator="kind")]
    """The connection, ordered or adopted."""
    state: CircuitState = CircuitState.ORDERED
    vlan: Annotated[int, Field(ge=1, le=4094)]
    """VLAN of the virtual interface."""
    bgp_range: Cidr | None = None
    """A /30 for the BGP session, of which AWS takes the first address; AWS chooses one where left out."""


class CreatedTransitGateway(Contract):
    """A transit gateway that Strata makes, and joins the environment's VPC to."""

    kind: Literal["create"] = "create"
    asn: Asn
    """64512 to 65534, or 4200000000 to 4294967294; another one than the Direct Connect gateway's."""


class AdoptedTransitGateway(Contract):
    """A transit gateway that exists; the VPC is joined to it by its own stack."""

    kind: Literal["adopt"] = "adopt"
    id: TransitGatewayId
    """Id of the transit gateway."""
    asn: Asn
    """Its autonomous system number."""


class DirectConnectLink(_Link):
    """AWS Direct Connect: ports, a Direct Connect gateway, and virtual interfaces."""

    kind: Literal["direct-connect"] = "direct-connect"
    gateway_asn: Asn
    """AWS' side of the BGP sessions: autonomous system of the Direct Connect gateway."""
    adopt_gateway: (
        Annotated[str, Form(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "00000000-0000-0000-0000-000000000001")]
        | None
    ) = None
    """Direct Connect gateway that exists; made where left out."""
    transit_gateway: Annotated[CreatedTransitGateway | AdoptedTransitGateway, Field(discriminator="kind")] | None = None
    """Transit interfaces over this gateway; private interfaces to the VPC's own virtual gateway where left out."""
    private_asn: Asn | None = None
    """Autonomous system of the virtual gateway that private interfaces end at."""
    allowed_prefixes: tuple[Cidr, ...]
    """What the site learns of AWS; over a transit gateway nothing else is advertised."""
    mtu: Literal[1500, 8500, 9001] = 1500
    """Largest packet, bytes: up to 8500 over transit interfaces, 9001 over private ones."""
    ports: Annotated[tuple[DirectConnectPort, ...], Field(min_length=1, max_length=30)]
    """Ports, of which two at different locations give the higher availability."""


class OrderedInterconnect(Contract):
    """An interconnect that Strata orders; Google then issues a letter for the cross-connect."""

    kind: Literal["create"] = "create"
    customer: Annotated[str, Field(min_length=1, max_length=200)]
    """Name of the company on the letter of authorisation."""
    contact: Annotated[str, Form(r"[^@\s]+@[^@\s]+", "network@example.com")]
    """Address that Google writes to about maintenance."""
    bandwidth: Literal["10Gbps", "100Gbps", "400Gbps"]
    """Bandwidth of each link, which decides its optics."""
    links: Annotated[int, Field(ge=1, le=8)] = 1
    """Links that are bundled."""


class AdoptedInterconnect(Contract):
    """An interconnect that exists."""

    kind: Literal["adopt"] = "adopt"
    id: InterconnectId
    """Path of the interconnect."""


class InterconnectPort(Contract):
    """One interconnect to Google Cloud and the VLAN attachment on it."""

    name: ObjectName
    """Name of the port."""
    location: Annotated[str, Form(r"[a-z]{3,5}-zone[12]-\d{1,5}", "fra-zone1-1")]
    """Facility: metropolitan area, edge availability domain and number, such as ``iad-zone1-1``."""
    region: Annotated[str, Form(r"[a-z]+-[a-z]+\d{1,2}", "us-central1")]
    """Region of the attachment and its cloud router."""
    circuit: Annotated[OrderedInterconnect | AdoptedInterconnect, Field(discriminator="kind")]
    """The interconnect, ordered or adopted."""
    state: CircuitState = CircuitState.ORDERED
    vlan: Annotated[int, Field(ge=2, le=4093)]
    """VLAN of the attachment."""
    bgp_range: Cidr | None = None
    """A /29 of 169.254.0.0/16 for the BGP session; Google chooses where left out."""

    @property
    def metro(self) -> str:
        """Metropolitan area."""
        return self.location.split("-")[0]

    @property
    def domain(self) -> str:
        """Edge availability domain, in which Google does maintenance at once."""
        return self.location.split("-")[1]


AttachmentBandwidth = Literal[
    "50Mbps",
    "100Mbps",
    "200Mbps",
    "300Mbps",
    "400Mbps",
    "500Mbps",
    "1Gbps",
    "2Gbps",
    "5Gbps",
    "10Gbps",
    "20Gbps",
    "50Gbps",
    "100Gbps",
]


class DedicatedInterconnectLink(_Link):
    """Google Cloud Dedicated Interconnect: VLAN attachments and cloud routers."""

    kind: Literal["dedicated-interconnect"] = "dedicated-interconnect"
    router_asn: Asn
    """Autonomous system of the cloud routers; private, and never 16550, which belongs to partners' links."""
    bandwidth: AttachmentBandwidth = "10Gbps"
    """Bandwidth of each attachment."""
    mtu: Literal[1440, 1460, 1500, 8896] = 1500
    """Largest packet, bytes."""
    bfd: bool = True
    """Whether a dead path is noticed within about a second rather than a minute."""
    ports: Annotated[tuple[InterconnectPort, ...], Field(min_length=1, max_length=16)]
    """Ports, of which two in different domains give the higher availability."""


class OrderedCircuit(Contract):
    """An ExpressRoute circuit that Strata orders; the provider then connects it by its service key."""

    kind: Literal["create"] = "create"
    provider: Annotated[str, Field(min_length=1, max_length=100)]
    """Connectivity provider as Azure spells it, such as ``Equinix``."""
    bandwidth: Literal["50Mbps", "100Mbps", "200Mbps", "500Mbps", "1Gbps", "2Gbps", "5Gbps", "10Gbps"]
    """Bandwidth of the circuit."""
    tier: Literal["Local", "Standard", "Premium"] = "Standard"
    """Standard reaches the regions of one continent, Premium all, Local those next to the location."""
    billing: Literal["MeteredData", "UnlimitedData"] = "MeteredData"
    """Whether outgoing data is metered."""


class AdoptedCircuit(Contract):
    """An ExpressRoute circuit that exists."""

    kind: Literal["adopt"] = "adopt"
    id: CircuitId
    """Resource id of the circuit."""
    peered: bool = True
    """Whether its private peering exists as well, and stays as it is."""


class ExpressRoutePath(Contract):
    """One circuit to Azure, its private peering and the gateway's connection to it."""

    name: ObjectName
    """Name of the path."""
    location: Annotated[str, Field(min_length=2, max_length=60)]
    """Peering location, such as ``Washington DC``."""
    circuit: Annotated[OrderedCircuit | AdoptedCircuit, Field(discriminator="kind")]
    """The circuit, ordered or adopted."""
    state: CircuitState = CircuitState.ORDERED
    vlan: Annotated[int, Field(ge=1, le=4094)]
    """VLAN of the private peering."""
    primary_prefix: Cidr
    """A /30 of the first BGP session; the site's router takes its first address, Microsoft's the second."""
    secondary_prefix: Cidr
    """A /30 of the second one."""


GatewaySize = Literal["ErGw1AZ", "ErGw2AZ", "ErGw3AZ"]


class ExpressRouteLink(_Link):
    """Azure ExpressRoute: circuits, private peerings, a gateway and its connections."""

    kind: Literal["express-route"] = "express-route"
    gateway: GatewayId | None = None
    """ExpressRoute gateway that exists; made where left out."""
    sku: GatewaySize = "ErGw1AZ"
    """Size of the gateway: it forwards 1, 2 or 10 Gbit/s and takes 4, 8 or 16 circuits."""
    gateway_subnet: Cidr | None = None
    """Range of ``GatewaySubnet``, /27 or larger; the environment's own proposal where left out."""
    adopt_gateway_subnet: bool = False
    """Whether ``GatewaySubnet`` exists already."""
    fast_path: bool = False
    """Whether packets bypass the gateway (FastPath), which needs ErGw3AZ."""
    mtu: Literal[1500] = 1500
    """Largest packet that ExpressRoute carries, bytes."""
    paths: Annotated[tuple[ExpressRoutePath, ...], Field(min_length=1, max_length=16)]
    """Circuits, of which two at different locations give the higher availability."""


HybridLink = Annotated[DirectConnectLink | DedicatedInterconnectLink | ExpressRouteLink, Field(discriminator="kind")]
"""A private connection between a cloud environment and a site."""


class LinkSecrets(Contract):
    """Encrypted top-level values by link."""

    pre_shared_keys: dict[ObjectName, ConfigKey] = {}
    """Key of the VPN fallback's tunnels."""
    bgp_keys: dict[ObjectName, ConfigKey] = {}
    """MD5 key of the circuits' BGP sessions; without one they are not authenticated."""
    authorization_keys: dict[ObjectName, ConfigKey] = {}
    """ExpressRoute: authorisation by which a circuit of another subscription is used."""


class Circuits(Contract):
    """What all ordered circuits have in common; adopted ones are never deleted."""

    protect: bool = True
    """Whether they are protected from deletion; a new order takes weeks."""


class HybridNetwork(Contract):
    """Environments, sites, and the links between them."""

    environments: Annotated[tuple[EnvironmentName, ...], Field(min_length=1, max_length=50)]
    """Stacks of all environments that are joined; each of them needs a link or is a site's."""
    sites: Annotated[tuple[Site, ...], Field(min_length=1, max_length=20)]
    """Data centres that links end at."""
    links: Annotated[tuple[HybridLink, ...], Field(min_length=1, max_length=50)]
    """Links between environments and sites."""
    circuits: Circuits = Circuits()
    secrets: LinkSecrets = LinkSecrets()

    def site(self, name: str) -> Site | None:
        """The site of that name."""
        return next((site for site in self.sites if site.name == name), None)
