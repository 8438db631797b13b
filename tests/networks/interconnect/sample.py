"""Three clouds and a site, joined as recommended; tests break one thing at a time."""

from __future__ import annotations

import json
from typing import TypeAlias

from components.contracts.errors import Problem
from components.contracts.network_facts import (
    AddressRange,
    AwsAttachment,
    AzureAttachment,
    GcpAttachment,
    NetworkFacts,
    Place,
)
from components.networks.interconnect.rules import link_problems
from components.networks.interconnect.settings import HybridNetwork

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

CIRCUIT = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/links/providers/"
    "Microsoft.Network/expressRouteCircuits"
)

READY: dict[str, dict[str, Json]] = {
    "Connection": {"state": "available"},
    "Interconnect": {"state": "ACTIVE"},
    "InterconnectAttachment": {
        "cloudRouterIpAddress": "169.254.10.1/29",
        "customerRouterIpAddress": "169.254.10.2/29",
        "selfLink": "attachment",
    },
    "HaVpnGateway": {"vpnInterfaces": [{"id": 0, "ipAddress": "203.0.113.1"}, {"id": 1, "ipAddress": "203.0.113.2"}]},
    "ExpressRouteCircuit": {"serviceProviderProvisioningState": "Provisioned"},
    "PublicIPAddress": {"ipAddress": "203.0.113.1"},
}
"""What the clouds answer when all circuits are connected."""


def _port(name: str, location: str, number: int, device: str) -> Json:
    return {
        "name": name,
        "location": location,
        "circuit": {"kind": "adopt", "id": f"dxcon-ff00000{number}", "device": device},
        "state": "provisioned",
        "vlan": 100 + number,
        "bgp_range": f"169.254.96.{4 * number}/30",
    }


def _interconnect(name: str, location: str, region: str, number: int) -> Json:
    return {
        "name": name,
        "location": location,
        "region": region,
        "circuit": {
            "kind": "create",
            "customer": "Example Corp",
            "contact": "noc@example.com",
            "bandwidth": "10Gbps",
        },
        "state": "provisioned",
        "vlan": 200 + number,
        "bgp_range": f"169.254.10.{8 * number}/29",
    }


def _path(name: str, location: str, number: int) -> Json:
    return {
        "name": name,
        "location": location,
        "circuit": {"kind": "create", "provider": "Equinix", "bandwidth": "1Gbps"},
        "state": "provisioned",
        "vlan": 300 + number,
        "primary_prefix": f"172.16.{number}.0/30",
        "secondary_prefix": f"172.16.{number}.4/30",
    }


def _inside(third: int) -> Json:
    return [f"169.254.{third}.{4 * number}/30" for number in range(4)]


def sample() -> dict[str, Json]:
    """The settings, as in a file."""
    return {
        "environments": ["aws", "gcp", "azure", "onprem"],
        "sites": [
            {
                "name": "berlin",
                "stack": "onprem",
                "asn": 65010,
                "mtu": 8896,
                "ranges": ["10.250.0.0/16"],
                "routers": [
                    {"name": "edge-a", "public_address": "198.51.100.10", "bgp_address": "10.250.0.1"},
                    {"name": "edge-b", "public_address": "198.51.100.11", "bgp_address": "10.250.0.2"},
                ],
            }
        ],
        "links": [
            {
                "kind": "direct-connect",
                "name": "aws-berlin",
                "environment": "aws",
                "site": "berlin",
                "availability": "99.99",
                "gateway_asn": 64520,
                "transit_gateway": {"kind": "adopt", "id": "tgw-0a1b2c3d4e5f60718", "asn": 64512},
                "allowed_prefixes": ["10.20.0.0/16"],
                "mtu": 8500,
                "ports": [
                    _port("eqdc2-a", "EqDC2", 1, "EqDC2-one"),
                    _port("eqdc2-b", "EqDC2", 2, "EqDC2-two"),
                    _port("csva1-a", "CSVA1", 3, "CSVA1-one"),
                    _port("csva1-b", "CSVA1", 4, "CSVA1-two"),
                ],
                "vpn": {"inside_ranges": _inside(21)},
            },
            {
                "kind": "dedicated-interconnect",
                "name": "gcp-berlin",
                "environment": "gcp",
                "site": "berlin",
                "availability": "99.99",
                "router_asn": 64530,
                "mtu": 8896,
                "ports": [
                    _interconnect("iad-1", "iad-zone1-1", "us-central1", 0),
                    _interconnect("iad-2", "iad-zone2-1", "us-central1", 1),
                    _interconnect("ord-1", "ord-zone1-7", "us-east4", 2),
                    _interconnect("ord-2", "ord-zone2-7", "us-east4", 3),
                ],
                "vpn": {"inside_ranges": _inside(22)},
            },
            {
                "kind": "express-route",
                "name": "azure-berlin",
                "environment": "azure",
                "site": "berlin",
                "availability": "99.99",
                "paths": [_path("dc", "Washington DC", 0), _path("chicago", "Chicago", 1)],
                "vpn": {},
            },
        ],
        "secrets": {
            "pre_shared_keys": {"aws-berlin": "awsVpn", "gcp-berlin": "gcpVpn", "azure-berlin": "azureVpn"},
        },
    }


def sample_networks() -> dict[str, NetworkFacts]:
    """The facts of the four environments, all of them up."""
    group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/azure/providers/Microsoft.Network"
    return {
        "aws": NetworkFacts(
            environment="aws",
            place=Place.AWS,
            region="us-east-2",
            ranges=(AddressRange(purpose="nodes and pods", cidr="10.20.0.0/16"), _services("172.20.0.0/16")),
            mtu=9001,
            transit_gateway="tgw-0a1b2c3d4e5f60718",
            transit_routes=("10.250.0.0/16", "10.40.0.0/16"),
            attachment=AwsAttachment(
                kind="aws", vpc="vpc-1", subnets=("subnet-1", "subnet-2"), route_tables=("rtb-1",)
            ),
        ),
        "gcp": NetworkFacts(
            environment="gcp",
            place=Place.GCP,
            account="my-project",
            region="us-central1",
            ranges=(
                AddressRange(purpose="nodes", cidr="10.30.0.0/20"),
                AddressRange(purpose="pods", cidr="10.32.0.0/14"),
            ),
            mtu=8896,
            global_routing=True,
            attachment=GcpAttachment(
                kind="gcp", project="my-project", network="projects/my-project/global/networks/strata-gcp"
            ),
        ),
        "azure": NetworkFacts(
            environment="azure",
            place=Place.AZURE,
            account="00000000-0000-0000-0000-000000000001",
            region="eastus2",
            ranges=(AddressRange(purpose="nodes", cidr="10.50.0.0/16"), _overlay("10.244.0.0/16")),
            mtu=1500,
            gateway_subnet="10.50.255.192/26",
            attachment=AzureAttachment(kind="azure", virtual_network=f"{group}/virtualNetworks/strata-azure"),
        ),
        "onprem": NetworkFacts(
            environment="onprem",
            place=Place.SITE,
            ranges=(AddressRange(purpose="hosts", cidr="10.40.0.0/16"), _overlay("10.244.0.0/16")),
            mtu=9000,
        ),
    }


def _services(cidr: str) -> AddressRange:
    return AddressRange(purpose="services", cidr=cidr, routed=False)


def _overlay(cidr: str) -> AddressRange:
    return AddressRange(purpose="pods", cidr=cidr, routed=False)


def at(settings: Json, path: str) -> Json:
    """The value at a path such as ``links.0.vpn.priority``."""
    place = settings
    for step in path.split("."):
        match place:
            case list():
                place = place[int(step)]
            case dict():
                place = place[step]
            case _:
                raise KeyError(path)
    return place


def changed(path: str, value: Json, of: dict[str, Json] | None = None) -> dict[str, Json]:
    """The sample, or other settings, with one setting replaced."""
    whole = sample() if of is None else of
    parent, _, last = path.rpartition(".")
    match at(whole, parent) if parent else whole:
        case list() as entries:
            entries[int(last)] = value
        case dict() as mapping:
            mapping[last] = value
        case _:
            raise KeyError(path)
    return whole


def network(settings: dict[str, Json]) -> HybridNetwork:
    """The settings, validated."""
    return HybridNetwork.model_validate_json(json.dumps(settings))


def problems(settings: dict[str, Json], networks: dict[str, NetworkFacts] | None = None) -> list[Problem]:
    """What the rules say about the settings."""
    return list(link_problems(network(settings), sample_networks() if networks is None else networks))
