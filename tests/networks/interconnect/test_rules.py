"""Each rule on the one setting that breaks it, and silence on settings that hold."""

from __future__ import annotations

import time

import pytest

from components.contracts.network_facts import AddressRange
from components.networks.interconnect.rules.addresses import address_problems
from tests.mistakes import assert_blamed

from .sample import CIRCUIT, Json, at, changed, network, problems, sample, sample_networks


def test_three_clouds_and_a_site_joined_as_recommended_have_no_problem() -> None:
    assert problems(sample()) == []


def _path(number: int, location: str) -> Json:
    return {
        "name": f"path-{number}",
        "location": location,
        "circuit": {"kind": "adopt", "id": f"{CIRCUIT}/path-{number}"},
        "state": "provisioned",
        "vlan": 300 + number,
        "primary_prefix": f"172.16.{number}.0/30",
        "secondary_prefix": f"172.16.{number}.4/30",
    }


# What is changed, to what, and the field and words of the problem that follows.
ROUTER = "sites[0].routers[0].public_address"
BROKEN: dict[str, tuple[str, Json, str, str]] = {
    "environment that is not listed": ("links.0.environment", "asw", "links[0].environment", "did you mean 'aws'?"),
    "site that is not listed": ("links.0.site", "berln", "links[0].site", "did you mean 'berlin'?"),
    "site's stack that is not listed": ("sites.0.stack", "onprm", "sites[0].stack", "did you mean 'onprem'?"),
    "link of another cloud": ("links.0.environment", "gcp", "links[0].kind", "use kind: dedicated-interconnect"),
    "environment without link": ("sites.0.stack", None, "environments[3]", "no link leads to 'onprem'"),
    "environment listed twice": ("environments", ["aws", "gcp", "azure", "onprem", "aws"], "environments[4]", "listed"),
    "default route as a site's network": ("sites.0.ranges", ["0.0.0.0/0"], "sites[0].ranges[0]", "internet"),
    "router on multicast": ("sites.0.routers.0.public_address", "224.0.0.5", ROUTER, "multicast"),
    "router on loopback": ("sites.0.routers.0.public_address", "127.0.0.1", ROUTER, "a loopback address"),
    "gateways on top of nodes": (
        "links.2.gateway_subnet",
        "10.50.0.0/24",
        "links[2].gateway_subnet",
        "leave it out, for 10.50.255.192/26",
    ),
    "one connection in two places": (
        "links.0.ports.2.circuit.id",
        "dxcon-ff000001",
        "links[0].ports[2].location",
        "is in EqDC2",
    ),
    "one connection counted twice": ("links.0.ports.1.circuit.id", "dxcon-ff000001", "links[0].ports", "3 circuits"),
    "one ExpressRoute circuit twice": (
        "links.2.paths",
        [
            at(
                changed(f"links.2.paths.{place}.circuit", {"kind": "adopt", "id": f"{CIRCUIT}/one"}),
                f"links.2.paths.{place}",
            )
            for place in (0, 1)
        ],
        "links[2].paths[1].circuit.id",
        "links[2].paths[0]",
    ),
    "a metered circuit of tier Local": (
        "links.2.paths.0.circuit",
        {"kind": "create", "provider": "Equinix", "bandwidth": "10Gbps", "tier": "Local"},
        "links[2].paths[0].circuit.billing",
        "not sold as tier Local",
    ),
    "a session on multicast": (
        "links.2.paths.0.primary_prefix",
        "224.0.0.0/30",
        "links[2].paths[0].primary_prefix",
        "multicast",
    ),
    "BGP from loopback": (
        "sites.0.routers.0.bgp_address",
        "127.0.0.1",
        "sites[0].routers[0].bgp_address",
        "loopback",
    ),
    "BGP from an address in a cloud": (
        "sites.0.routers.0.bgp_address",
        "10.20.0.11",
        "sites[0].routers[0].bgp_address",
        "10.20.0.0/16",
    ),
    "two routers of one name": ("sites.0.routers.1.name", "edge-a", "sites[0].routers[1].name", "sites[0].routers[0]"),
    "two links of one name": ("links.1.name", "aws-berlin", "links[1].name", "links[0]"),
    "one VLAN twice on a port": (
        "links.0.ports.1",
        {
            "name": "again",
            "location": "EqDC2",
            "circuit": {"kind": "adopt", "id": "dxcon-ff000001"},
            "state": "provisioned",
            "vlan": 101,
        },
        "links[0].ports[1].vlan",
        "VLAN 101",
    ),
    "site's range in a cloud's": ("sites.0.ranges", ["10.20.128.0/20"], "sites[0].ranges[0]", "overlaps 10.20.0.0/16"),
    "session inside a routed range": (
        "links.0.ports.0.bgp_range",
        "10.40.7.0/30",
        "links[0].ports[0].bgp_range",
        "overlaps 10.40.0.0/16",
    ),
    "one session range twice": (
        "links.2.paths.1.primary_prefix",
        "172.16.0.0/30",
        "links[2].paths[1].primary_prefix",
        "links[2].paths[0].primary_prefix",
    ),
    "prefix that is not allowed": ("links.0.allowed_prefixes", ["10.21.0.0/16"], "links[0].allowed_prefixes", "10.20."),
    "no allowed prefix": ("links.0.allowed_prefixes", [], "links[0].allowed_prefixes", "add 10.20.0.0/16"),
    "201 allowed prefixes": (
        "links.0.allowed_prefixes",
        ["10.20.0.0/16", *(f"10.{60 + index // 250}.{index % 250}.0/24" for index in range(200))],
        "links[0].allowed_prefixes",
        "201 prefixes",
    ),
    "small GatewaySubnet": ("links.2.gateway_subnet", "10.50.255.192/28", "links[2].gateway_subnet", "16 addresses"),
    "GatewaySubnet elsewhere": ("links.2.gateway_subnet", "10.51.0.0/26", "links[2].gateway_subnet", "not inside"),
    "peering prefix of another size": (
        "links.2.paths.0.secondary_prefix",
        "172.16.0.8/29",
        "links[2].paths[0].secondary_prefix",
        "not a /30",
    ),
    "Direct Connect and transit gateway alike": ("links.0.gateway_asn", 64512, "links[0].transit_gateway.asn", "64512"),
    "cloud and site alike": ("links.1.router_asn", 65010, "links[1].router_asn", "the number of site berlin"),
    "two clouds alike": ("links.1.router_asn", 64520, "links[1].router_asn", "aws"),
    "partner's number on a dedicated link": ("links.1.router_asn", 16550, "links[1].router_asn", "partners'"),
    "public number of a gateway": ("links.0.gateway_asn", 3320, "links[0].gateway_asn", "not a private number"),
    "reserved number of a site": ("sites.0.asn", 64500, "sites[0].asn", "IANA"),
    "Azure's number of a site": ("sites.0.asn", 65515, "sites[0].asn", "Azure"),
    "Azure's number of a VPN gateway": (
        "links.2.vpn.gateway_asn",
        65517,
        "links[2].vpn.gateway_asn",
        "reserved by Azure",
    ),
    "two attachments for 99.99": (
        "links.1.ports",
        [at(sample(), "links.1.ports.0"), at(sample(), "links.1.ports.1")],
        "links[1].ports",
        "2 circuits, where 99.99 % takes 4",
    ),
    "three attachments for 99.99": (
        "links.1.ports",
        [at(sample(), f"links.1.ports.{number}") for number in (0, 1, 2)],
        "links[1].ports",
        "add an attachment from ord-zone2 to us-east4",
    ),
    "all in one area": ("links.1.ports.2.location", "iad-zone1-9", "links[1].ports", "3 in iad"),
    "one domain": ("links.1.ports.1.location", "iad-zone1-2", "links[1].ports", "end in zone1"),
    "one device": (
        "links.0.ports.1.circuit",
        {"kind": "adopt", "id": "dxcon-ff000002", "device": "EqDC2-one"},
        "links[0].ports",
        "end in EqDC2-one",
    ),
    "one peering location": ("links.2.paths.1.location", "Washington DC", "links[2].paths", "2 in Washington DC"),
    "FastPath at a gateway that has none": ("links.2.fast_path", True, "links[2].fast_path", "write sku: ErGw3AZ"),
    "a gateway slower than a circuit": (
        "links.2.paths.0.circuit.bandwidth",
        "2Gbps",
        "links[2].sku",
        "ErGw1AZ forwards 1 Gbit/s, and a circuit of 2Gbps ends there",
    ),
    "a gateway far slower than a circuit": (
        "links.2.paths.0.circuit.bandwidth",
        "5Gbps",
        "links[2].sku",
        "write ErGw3AZ",
    ),
    "more circuits than the gateway takes": (
        "links.2.paths",
        [_path(number, f"Location {number}") for number in range(5)],
        "links[2].sku",
        "write ErGw2AZ",
    ),
    "more circuits at a location than a network can have": (
        "links.2.paths",
        [_path(number, "Frankfurt" if number else "Berlin") for number in range(6)],
        "links[2].paths",
        "5 circuits at Frankfurt",
    ),
    "packets that routers drop": ("sites.0.mtu", 1500, "links[0].mtu", "8500 bytes"),
    "private packet size on transit": ("links.0.mtu", 9001, "links[0].mtu", "write 1500 or 8500"),
    "session range of another size": (
        "links.0.ports.0.bgp_range",
        "169.254.96.0/28",
        "links[0].ports[0].bgp_range",
        "not a /30",
    ),
    "candidate of another size": (
        "links.1.ports.0.bgp_range",
        "169.254.10.0/30",
        "links[1].ports[0].bgp_range",
        "not a /29",
    ),
    "neither transit gateway nor number": ("links.0.transit_gateway", None, "links[0].private_asn", "is missing"),
    "second transit gateway": (
        "links.0.transit_gateway",
        {"kind": "create", "asn": 64512},
        "links[0].transit_gateway",
        "kind: adopt, id: tgw-0a1b2c3d4e5f60718",
    ),
    "another transit gateway": (
        "links.0.transit_gateway.id",
        "tgw-0000000000000000f",
        "links[0].transit_gateway.id",
        "is joined to tgw-0a1b2c3d4e5f60718",
    ),
    "no route back": ("sites.0.ranges", ["10.99.0.0/16"], "links[0].site", "add 10.99.0.0/16"),
    "one router for 99.99": (
        "sites.0.routers",
        [{"name": "edge-a", "public_address": "198.51.100.10", "bgp_address": "10.250.0.1"}],
        "sites[0].routers",
        "has one router",
    ),
    "a size of an Azure gateway on AWS": ("links.0.vpn.sku", "VpnGw3AZ", "links[0].vpn.sku", "leave it out"),
    "VPN as good as the circuits": ("links.1.vpn.priority", 100, "links[1].vpn.priority", "the lower one wins"),
    "VPN without key": ("secrets.pre_shared_keys", {}, "links[0].vpn", "pulumi config set --secret aws_berlin_vpn"),
    "key of no link": (
        "secrets.bgp_keys",
        {"aws-berln": "x"},
        "secrets.bgp_keys.aws-berln",
        "did you mean 'aws-berlin'?",
    ),
    "VPN's own number on AWS": ("links.0.vpn.gateway_asn", 64999, "links[0].vpn.gateway_asn", "leave it out"),
    "router without public address": (
        "sites.0.routers.0",
        {"name": "edge-a", "bgp_address": "10.250.0.1"},
        "sites[0].routers[0].public_address",
        "is missing",
    ),
    "router with a private address": (
        "sites.0.routers.0.public_address",
        "10.250.0.1",
        "sites[0].routers[0].public_address",
        "private address",
    ),
    "router without address for Azure": (
        "sites.0.routers.1",
        {"name": "edge-b", "public_address": "198.51.100.11"},
        "sites[0].routers[1].bgp_address",
        "is missing",
    ),
    "too few tunnels": ("links.0.vpn.inside_ranges", ["169.254.21.0/30"], "links[0].vpn.inside_ranges", "4 tunnels"),
    "tunnel range that AWS keeps": (
        "links.0.vpn.inside_ranges.0",
        "169.254.5.0/30",
        "links[0].vpn.inside_ranges[0]",
        "reserved by AWS",
    ),
    "a pre-shared key under a misspelt link": (
        "secrets.pre_shared_keys",
        {"aws-berln": "a", "gcp-berlin": "b", "azure-berlin": "c"},
        "secrets.pre_shared_keys.aws-berln",
        "no link is named",
    ),
    "a misspelt environment": ("environments.0", "awss", "environments[0]", "nothing is known about"),
    "a site that links call otherwise": ("sites.0.name", "munich", "links[0].site", "nor for links[1].site"),
    "a misspelt stack of a site": ("sites.0.stack", "onpremm", "sites[0].stack", "is not among environments"),
    "three routers on Google Cloud": (
        "sites.0.routers",
        [
            {"name": f"edge-{router}", "public_address": f"198.51.100.{router}", "bgp_address": f"10.250.0.{router}"}
            for router in (1, 2, 3)
        ],
        "links[1].site",
        "has 3 routers",
    ),
}


@pytest.mark.parametrize(
    "fault",
    [
        *("link of another cloud", "default route as a site's network", "environment listed twice"),
        *("one router for 99.99", "a pre-shared key under a misspelt link", "a misspelt environment"),
        *("a site that links call otherwise", "a misspelt stack of a site"),
    ],
)
def test_one_cause_is_one_problem(fault: str) -> None:
    path, value, field, _ = BROKEN[fault]
    assert [problem.field for problem in problems(changed(path, value))] == [field]


def test_two_routers_with_one_address_are_refused() -> None:
    first = str(at(sample(), "sites.0.routers.0.public_address"))
    (found,) = problems(changed("sites.0.routers.1.public_address", first))
    assert found.field == "sites[0].routers[1].public_address"


def test_thousands_of_ranges_are_compared_within_a_second() -> None:
    ranges = [f"10.{200 + index // 64}.{index % 64 * 4}.0/24" for index in range(100)]
    networks = {
        f"env-{index}": sample_networks()["aws"].model_copy(
            update={"ranges": tuple(AddressRange(purpose="nodes", cidr=f"172.24.{index}.{j}/32") for j in range(100))}
        )
        for index in range(50)
    }
    hybrid = network(changed("sites.0.ranges", list(ranges)))
    hybrid = hybrid.model_copy(update={"environments": tuple(networks)})
    started = time.process_time()
    assert not list(address_problems(hybrid, networks))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_wrong_is_named_before_anything_exists(fault: str) -> None:
    path, value, field, words = BROKEN[fault]
    assert_blamed(problems(changed(path, value)), field, words)


def test_environments_that_overlap_are_named_together() -> None:
    networks = sample_networks()
    ranges = (AddressRange(purpose="nodes", cidr="10.20.64.0/20"),)
    networks["azure"] = networks["azure"].model_copy(update={"ranges": ranges, "gateway_subnet": "10.20.64.0/26"})
    (found,) = problems(sample(), networks)
    assert found.field == "environments[2]"
    assert "10.20.64.0/20 (nodes of azure) overlaps 10.20.0.0/16 (nodes and pods of aws)" in found.cause


def test_overlays_may_be_alike_but_may_not_hide_a_routed_range() -> None:
    networks = sample_networks()
    assert networks["azure"].ranges[1] == networks["onprem"].ranges[1], "both have the overlay that everybody has"
    routed = (*networks["aws"].ranges, AddressRange(purpose="pods", cidr="10.244.0.0/18"))
    networks["aws"] = networks["aws"].model_copy(update={"ranges": routed})
    causes = [problem.cause for problem in problems(changed("links.0.allowed_prefixes", ["10.0.0.0/8"]), networks)]
    assert len(causes) == 2, "azure and the site would keep packets for these pods to themselves"
    assert all("10.244.0.0/18" in cause for cause in causes)


def test_regional_routing_breaks_the_promise_of_four_attachments() -> None:
    networks = sample_networks()
    networks["gcp"] = networks["gcp"].model_copy(update={"global_routing": False})
    (found,) = problems(sample(), networks)
    assert "target.network.routing: global in Pulumi.gcp.yaml" in found.fix


def test_attachments_of_one_region_break_it_as_well() -> None:
    settings = changed("links.1.ports.2.region", "us-central1")
    (found,) = problems(changed("links.1.ports.3.region", "us-central1", of=settings))
    assert "all attachments end in us-central1" in found.cause


def test_an_unknown_network_is_refused_rather_than_taken_for_harmless() -> None:
    networks = sample_networks()
    del networks["gcp"]
    assert "nothing is known about the network of 'gcp'" in problems(sample(), networks)[0].cause


def test_five_transit_interfaces_on_one_port_are_one_too_many() -> None:
    port = at(sample(), "links.0.ports.0")
    assert isinstance(port, dict)
    ports: list[Json] = [{**port, "name": f"vif-{vlan}", "vlan": vlan, "bgp_range": None} for vlan in range(1, 6)]
    settings = changed("links.0.availability", "none", of=changed("links.0.ports", ports))
    (found,) = problems(settings)
    assert "more than 4 transit interfaces" in found.cause


def test_one_circuit_of_azure_is_not_used_twice_with_one_vlan() -> None:
    adopted: Json = {"kind": "adopt", "id": f"{CIRCUIT}/one"}
    settings = changed("links.2.paths.0.circuit", adopted)
    settings = changed("links.2.paths.1.circuit", adopted, of=settings)
    settings = changed("links.2.paths.1.vlan", 300, of=settings)
    assert any("VLAN 300" in problem.cause for problem in problems(settings))


@pytest.mark.parametrize(
    "changes",
    [
        {"sku": "ErGw3AZ", "fast_path": True},
        {"sku": "ErGw2AZ", "paths.0.circuit.bandwidth": "2Gbps"},
        {"sku": "ErGw3AZ", "paths.0.circuit.bandwidth": "10Gbps"},
    ],
)
def test_gateways_that_suit_their_circuits_are_accepted(changes: dict[str, Json]) -> None:
    settings = sample()
    for path, value in changes.items():
        settings = changed(f"links.2.{path}", value, of=settings)
    assert problems(settings) == []


def test_the_size_of_a_gateway_that_exists_is_not_known() -> None:
    gateway = CIRCUIT.replace("expressRouteCircuits", "virtualNetworkGateways/main")
    settings = changed("links.2.gateway", gateway, of=changed("links.2.fast_path", value=True))
    assert [problem for problem in problems(settings) if problem.field.startswith("links[2]")] == []
