"""VPCs, subnetworks and the ways out of them.

Words of refusals are those of the Compute Engine API; what has another source names it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from ...provider.errors import CloudError
from ...provider.rules import Between, Cidr
from ...provider.store import Record, Store
from ...provider.tables import Call, Effects, Kind, Prop, Reference, Unique
from ...provider.typecheck import Failure
from ...provider.values import Object, objects, text, texts, truth, whole
from . import vocabulary as v
from .links import router_asn
from .machine_types import rdma_zones
from .quotas import quota
from .regions import zones

_ROCE_MTU = 8896
_PROFILE = re.compile(r".*/global/networkProfiles/(?P<zone>[a-z]+-[a-z]+\d+-[a-z])-(?P<kind>vpc-roce(-metal)?)")
_LARGEST, _SMALLEST = 4, 29
"""Of subnets: https://cloud.google.com/vpc/docs/subnets#valid-ranges."""
_LEFT_BEHIND = "peering left in {}"
_IN_USE = ("resourceInUseByAnotherResource", "The resource '{id}' is already being used by '{holder}'")


def _exists(path: str) -> tuple[str, str]:
    return "alreadyExists", f"The resource '{path}' already exists"


def _network_quota(call: Call, _inputs: Object) -> None:
    """https://cloud.google.com/vpc/docs/quota#per_project."""
    limit = quota(call, "NETWORKS")
    if len(call.account.records(v.NETWORK)) >= limit:
        raise CloudError("quotaExceeded", f"Quota 'NETWORKS' exceeded.  Limit: {limit} globally.")


def _profile(_call: Call, inputs: Object) -> None:
    """https://cloud.google.com/vpc/docs/rdma-network-profiles: zonal, one MTU, no automatic subnets."""
    given = text(inputs, "networkProfile")
    if not given:
        return
    found = _PROFILE.fullmatch(given)
    if found is None or found["zone"] not in rdma_zones():
        raise CloudError("invalid", f"Invalid value for field 'resource.networkProfile': '{given}'. ")
    if whole(inputs, "mtu", _ROCE_MTU) != _ROCE_MTU:
        raise CloudError(
            "invalid", f"Invalid value for field 'resource.mtu': '{whole(inputs, 'mtu')}'. MTU must be {_ROCE_MTU}"
        )


def profile_zone(network: Record | None) -> str:
    """The zone that an RDMA network is tied to; empty for others."""
    found = _PROFILE.fullmatch(network.text("networkProfile")) if network else None
    return found["zone"] if found else ""


def _no_peering(call: Call, properties: Object) -> None:
    """https://cloud.google.com/vpc/docs/configure-private-services-access#removing-connection."""
    path = text(properties, "selfLink").removeprefix(f"{v.SELF}/")
    peering = call.account.fact(_LEFT_BEHIND.format(path))
    if peering:
        raise CloudError(
            "resourceInUseByAnotherResource",
            f"The network resource '{path}' is already being used by '{path}/networkPeerings/{peering}'",
        )


NETWORK = Kind(
    token=v.NETWORK,
    source=f"{v.REGISTRY}/compute_network; {v.COMPUTE_API}/networks",
    service="compute",
    noun="Network",
    operation="Network",
    autoname="name",
    make_id=v.path_id("projects/{project}/global/networks/{name}"),
    properties={
        **v.NAMED,
        "autoCreateSubnetworks": Prop(fixed=True, default=True),
        "routingMode": v.one_of("REGIONAL", "GLOBAL", managed=True),
        # https://cloud.google.com/vpc/docs/mtu; the provider leaves the limits to the API.
        "mtu": Prop(managed=True),
        "networkProfile": Prop(fixed=True),
    },
    on_create=(v.COMPUTE, _network_quota, _profile),
    demands=(lambda _call, inputs: _mtu(inputs),),
    on_delete=(_no_peering,),
    compute=v.linked,
    exists=_exists("{id}"),
    in_use=("resourceInUseByAnotherResource", "The network resource '{id}' is already being used by '{holder}'"),
    missing=("notFound", "The resource '{id}' was not found"),
    minutes=0.3,
    delete_minutes=0.5,
)


def _mtu(inputs: Object) -> None:
    mtu = whole(inputs, "mtu", 1460)
    if not 1300 <= mtu <= 8896:  # noqa: PLR2004 - in the words below
        raise CloudError(
            "invalid",
            f"Invalid value for field 'resource.mtu': '{mtu}'. Must be between 1300 and 8896, inclusive.",
        )


def network_of(call: Call, path: str) -> Record | None:
    """The network of that path."""
    return call.account.get(v.NETWORK, path)


def ranges_of(subnet: Object) -> list[str]:
    """Primary and secondary ranges."""
    return [text(subnet, "ipCidrRange"), *texts(subnet, "secondaryIpRanges.ipCidrRange")]


def _fits(call: Call, inputs: Object) -> None:
    path = text(inputs, "network")
    mine = ranges_of(inputs)
    for number, cidr in enumerate(mine):
        wanted = ipaddress.IPv4Network(cidr)
        if not _LARGEST <= wanted.prefixlen <= _SMALLEST:
            raise CloudError(
                "invalid", f"Invalid value for field 'resource.ipCidrRange': '{cidr}'. Invalid IPCidrRange"
            )
        for other in call.account.where(v.SUBNETWORK, "network", path):
            taken = [] if other.identifier == call.identifier else ranges_of(other.properties)
            for other_range in (*taken, *mine[:number]):
                if ipaddress.IPv4Network(other_range).overlaps(wanted):
                    raise CloudError(
                        "invalid",
                        f"Invalid value for field 'resource.ipCidrRange': '{cidr}'. Invalid IPCidrRange: {cidr} "
                        f"conflicts with existing subnetwork '{other.text('name')}' in region "
                        f"'{other.text('region')}'.",
                    )


def _own_ranges(_call: Call, inputs: Object) -> None:
    mine = [ipaddress.IPv4Network(address_range) for address_range in ranges_of(inputs)]
    for number, address_range in enumerate(mine):
        for other in mine[:number]:
            if address_range.overlaps(other):
                raise CloudError(
                    "invalid",
                    f"Invalid value for field 'resource.secondaryIpRanges': '{address_range}'. Range overlaps with "
                    f"{other}.",
                )


def _profile_allows(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/vpc/docs/rdma-network-profiles#supported_and_unsupported_features."""
    zone = profile_zone(network_of(call, text(inputs, "network")))
    if zone and texts(inputs, "secondaryIpRanges.rangeName"):
        raise CloudError("badRequest", "Secondary IP ranges are not allowed by the network profile of the network.")
    region = text(inputs, "region") or call.region
    if zone and not zone.startswith(f"{region}-"):
        raise CloudError("badRequest", f"The network profile of the network allows subnetworks of zone {zone} only.")


def _region_exists(call: Call, inputs: Object) -> None:
    region = text(inputs, "region") or call.region
    if not zones(region):
        raise CloudError("invalid", f"Invalid value for field 'region': '{region}'. Unknown region.")


SUBNETWORK = Kind(
    token=v.SUBNETWORK,
    source=f"{v.REGISTRY}/compute_subnetwork; {v.COMPUTE_API}/subnetworks",
    service="compute",
    noun="Subnetwork",
    operation="Subnetwork",
    autoname="name",
    make_id=v.path_id("projects/{project}/regions/{region}/subnetworks/{name}"),
    properties={
        **v.NAMED,
        "network": v.to_network(),
        "region": Prop(allowed=v.REGION, fixed=True, managed=True),
        "ipCidrRange": Prop(allowed=Cidr(), managed=True),
        "secondaryIpRanges": Prop(length=(0, 170)),
        "secondaryIpRanges.rangeName": Prop(allowed=v.NAME),
        "secondaryIpRanges.ipCidrRange": Prop(allowed=Cidr()),
        "privateIpGoogleAccess": Prop(managed=True),
    },
    on_create=(v.COMPUTE, _region_exists, _profile_allows),
    demands=(_own_ranges, _fits),
    compute=lambda call, inputs: {**v.linked(call, inputs), "gatewayAddress": _gateway(inputs)},
    exists=_exists("{id}"),
    in_use=("resourceInUseByAnotherResource", "The subnetwork resource '{id}' is already being used by '{holder}'"),
    missing=("notFound", "The resource '{id}' was not found"),
    minutes=0.3,
    delete_minutes=0.3,
)


def _gateway(inputs: Object) -> str:
    cidr = text(inputs, "ipCidrRange")
    return str(ipaddress.IPv4Network(cidr)[1]) if cidr else ""


ROUTER = Kind(
    token=v.ROUTER,
    source=f"{v.REGISTRY}/compute_router; {v.COMPUTE_API}/routers",
    service="compute",
    noun="Router",
    operation="Router",
    autoname="name",
    make_id=v.path_id("projects/{project}/regions/{region}/routers/{name}"),
    properties={
        **v.NAMED,
        "network": v.to_network(),
        "region": Prop(allowed=v.REGION, fixed=True, managed=True),
        "bgp": Prop(),
        "bgp.asn": Prop(allowed=Between(1, 4_294_967_295)),
    },
    on_create=(v.COMPUTE, _region_exists),
    demands=(router_asn,),
    compute=v.linked,
    exists=_exists("{id}"),
    in_use=_IN_USE,
    missing=("notFound", "The resource '{id}' was not found"),
    minutes=0.2,
    delete_minutes=0.2,
)


def _nat_ports(inputs: Object) -> Iterator[Failure]:
    """Source: terraform-provider-google, compute_router_nat; https://cloud.google.com/nat/docs/ports-and-addresses."""
    dynamic = truth(inputs, "enableDynamicPortAllocation")
    if dynamic and truth(inputs, "enableEndpointIndependentMapping"):
        yield Failure(
            "enableDynamicPortAllocation",
            "Endpoint-independent mapping and dynamic port allocation cannot both be enabled",
        )
    if not dynamic and "maxPortsPerVm" in inputs:
        yield Failure("maxPortsPerVm", "max_ports_per_vm can only be set when dynamic port allocation is enabled")
    for name in ("minPortsPerVm", "maxPortsPerVm"):
        ports = whole(inputs, name, 64)
        if dynamic and ports & (ports - 1):
            yield Failure(name, f"expected a power of two, got {ports}")


def _one_nat(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/nat/docs/nat-product-interactions: a subnet has one NAT."""
    mine = call.account.find(v.ROUTER, "name", text(inputs, "router"))
    for other in call.account.records(v.ROUTER_NAT):
        theirs = call.account.find(v.ROUTER, "name", other.text("router"))
        if mine and theirs and mine.text("network") == theirs.text("network"):
            raise CloudError(
                "invalid",
                f"Invalid value for field 'resource.nats': subnetworks of {mine.text('network')} are already used by "
                f"NAT '{other.text('name')}'.",
            )


ROUTER_NAT = Kind(
    token=v.ROUTER_NAT,
    source=f"{v.REGISTRY}/compute_router_nat; {v.COMPUTE_API}/routers",
    service="compute",
    noun="RouterNat",
    operation="RouterNat",
    autoname="name",
    make_id=v.path_id("{project}/{region}/{router}/{name}"),
    properties={
        **v.NAMED,
        "router": Prop(
            fixed=True,
            refers=Reference(
                kinds=(v.ROUTER,), by="name", code="notFound", message="The resource 'routers/{value}' was not found"
            ),
        ),
        "region": Prop(allowed=v.REGION, fixed=True, managed=True),
        "natIpAllocateOption": v.one_of("MANUAL_ONLY", "AUTO_ONLY", managed=True),
        "sourceSubnetworkIpRangesToNat": v.one_of(
            "ALL_SUBNETWORKS_ALL_IP_RANGES", "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES", "LIST_OF_SUBNETWORKS"
        ),
        "enableDynamicPortAllocation": Prop(managed=True),
        "enableEndpointIndependentMapping": Prop(managed=True),
        "minPortsPerVm": Prop(allowed=Between(32, 65536), managed=True),
        "maxPortsPerVm": Prop(allowed=Between(64, 65536), managed=True),
    },
    checks=(_nat_ports,),
    on_create=(v.COMPUTE, _one_nat),
    exists=_exists("{id}"),
    missing=("notFound", "The resource '{id}' was not found"),
    minutes=0.3,
    delete_minutes=0.2,
)


def _rules_allowed(call: Call, inputs: Object) -> None:
    """https://cloud.google.com/vpc/docs/rdma-network-profiles#supported_and_unsupported_features."""
    path = text(inputs, "network")
    if profile_zone(network_of(call, path)):
        raise CloudError("badRequest", f"Firewalls are not allowed by the network profile of network '{path}'.")


def _protocols(inputs: Object) -> Iterator[Failure]:
    """Source: terraform-provider-google, compute_firewall, ExactlyOneOf."""
    if not objects(inputs, "allows"):
        yield Failure("allows", "one of `allow,deny` must be specified")


FIREWALL = Kind(
    token=v.FIREWALL,
    source=f"{v.REGISTRY}/compute_firewall; {v.COMPUTE_API}/firewalls",
    service="compute",
    noun="Firewall",
    operation="Firewall",
    autoname="name",
    make_id=v.path_id("projects/{project}/global/firewalls/{name}"),
    properties={
        **v.NAMED,
        **v.DESCRIBED,
        "network": v.to_network(),
        "direction": v.one_of("INGRESS", "EGRESS", fixed=True, managed=True),
        "sourceRanges": Prop(allowed=Cidr(), unordered=True),
        "allows": Prop(unordered=True),
        "allows.protocol": v.one_of("tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip", "all"),
        "allows.ports": Prop(),
    },
    checks=(_protocols,),
    on_create=(v.COMPUTE, _rules_allowed),
    compute=v.linked,
    exists=_exists("{id}"),
    missing=("notFound", "The resource '{id}' was not found"),
    minutes=0.2,
    delete_minutes=0.2,
)


def _joined(call: Call, inputs: Object) -> Object:
    """A hub of another project waits for its administrator.

    https://cloud.google.com/network-connectivity/docs/network-connectivity-center/how-to/vpc-spokes-different-project.
    """
    own = text(inputs, "hub").startswith(f"projects/{v.project_of(call, inputs)}/")
    return {"project": v.project_of(call, inputs), "state": "ACTIVE" if own else "INACTIVE"}


SPOKE = Kind(
    token=v.SPOKE,
    source=f"{v.REGISTRY}/network_connectivity_spoke",
    service="networkconnectivity",
    noun="Spoke",
    operation="Spoke",
    autoname="name",
    make_id=v.path_id("projects/{project}/locations/{location}/spokes/{name}"),
    properties={
        **v.NAMED,
        **v.DESCRIBED,
        "hub": Prop(
            fixed=True,
            refers=Reference(kinds=(v.HUB,), code="notFound", message="Hub '{value}' was not found", holds=False),
        ),
        "location": v.one_of("global", fixed=True),
        "linkedVpcNetwork": Prop(fixed=True),
        **v.LABELLED,
        "linkedVpcNetwork.uri": v.to_network(by="selfLink"),
    },
    unique=(
        Unique(
            paths=("linkedVpcNetwork.uri",),
            code="failedPrecondition",
            message="The VPC network {0} is already a spoke of a hub.",
        ),
    ),
    on_create=(v.needs("networkconnectivity.googleapis.com", "Network Connectivity API"),),
    compute=_joined,
    exists=("alreadyExists", "Resource '{id}' already exists"),
    missing=("notFound", "Resource '{id}' was not found"),
    minutes=0.5,
    delete_minutes=0.5,
)

_CHOSEN_ADDRESS = "10.199.0.0"
"""Google chooses one that is free in the network."""


def _addressed(call: Call, inputs: Object) -> Object:
    return {**v.linked(call, inputs), "address": _CHOSEN_ADDRESS}


GLOBAL_ADDRESS = Kind(
    token=v.GLOBAL_ADDRESS,
    source=f"{v.REGISTRY}/compute_global_address; {v.COMPUTE_API}/globalAddresses",
    service="compute",
    noun="GlobalAddress",
    operation="GlobalAddress",
    autoname="name",
    make_id=v.path_id("projects/{project}/global/addresses/{name}"),
    properties={
        **v.NAMED,
        "purpose": v.one_of("VPC_PEERING", "PRIVATE_SERVICE_CONNECT", fixed=True),
        **v.LABELLED,
        "addressType": v.one_of("EXTERNAL", "INTERNAL", fixed=True, default="EXTERNAL"),
        "prefixLength": Prop(allowed=Between(8, 29), fixed=True),
        "network": v.to_network(),
    },
    on_create=(v.COMPUTE,),
    compute=_addressed,
    exists=_exists("{id}"),
    in_use=_IN_USE,
    missing=("notFound", "The resource '{id}' was not found"),
    minutes=0.2,
    delete_minutes=0.2,
)


class _Peering(Effects):
    """The peering of a connection: one that is abandoned stays in the network."""

    def deleted(self, store: Store, record: Record) -> None:
        if record.text("deletionPolicy") == "ABANDON":
            with store.transaction() as account:
                account.set_fact(_LEFT_BEHIND.format(record.text("network")), "servicenetworking-googleapis-com")


def _producer_lets_go(_call: Call, properties: Object) -> None:
    """Words: https://github.com/hashicorp/terraform-provider-google/issues/16275."""
    if text(properties, "deletionPolicy") not in {"ABANDON", "REMOVE_PEERING"}:
        raise CloudError(
            "failedPrecondition",
            "Failed to delete connection; Producer services (e.g. CloudSQL, Cloud Memstore, etc.) are still using this "
            "connection.",
        )


CONNECTION = Kind(
    token=v.CONNECTION,
    source=f"{v.REGISTRY}/service_networking_connection",
    service="servicenetworking",
    noun="Service Networking Connection",
    operation="Connection",
    make_id=v.path_id("{network}:{service}"),
    properties={
        "network": v.to_network(),
        "service": v.one_of("servicenetworking.googleapis.com", fixed=True),
        "reservedPeeringRanges": Prop(
            refers=Reference(
                kinds=(v.GLOBAL_ADDRESS,),
                by="name",
                code="badRequest",
                message="Cannot find allocated range '{value}'",
            )
        ),
        # The provider's documentation, "deletion_policy"; DELETE is what it does where nothing is said.
        "deletionPolicy": v.one_of("DELETE", "PREVENT", "ABANDON", "REMOVE_PEERING"),
    },
    on_create=(v.needs("servicenetworking.googleapis.com", "Service Networking API"),),
    on_delete=(_producer_lets_go,),
    effects=_Peering(),
    exists=("alreadyExists", "Connection '{id}' already exists"),
    missing=("notFound", "Connection '{id}' was not found"),
    minutes=0.5,
    delete_minutes=0.2,
)

KINDS = (NETWORK, SUBNETWORK, ROUTER, ROUTER_NAT, FIREWALL, SPOKE, GLOBAL_ADDRESS, CONNECTION)
"""Every type of this file."""
