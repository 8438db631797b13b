"""Direct Connect and its VPN: the program against the tables, and mistakes that AWS refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pulumi
import pytest

from components.contracts.network_facts import AwsAttachment
from components.networks.aws.args import vpc_of
from components.networks.aws.settings import CreatedVpc
from components.networks.aws.vpc import Vpc, VpcArgs
from components.networks.interconnect.direct_connect import DirectConnect, DirectConnectArgs
from components.networks.interconnect.settings import DirectConnectLink, HybridNetwork
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import PORTS, TRANSIT_GATEWAY, seed_group
from simulation.clouds.aws.circuits import connect
from simulation.provider.errors import ProviderError
from simulation.provider.values import Value
from tests.networks.interconnect.sample import Json, changed, network, sample
from tests.simulation.clouds.aws_account import AwsAccount, InputsRefusedError, Made
from tests.simulation.clouds.aws_program import recorded
from tests.simulation.clouds.link_program import ends_of, link_of
from tests.simulation.clouds.recording import Recorder

PORT = next(iter(PORTS))


def example() -> dict[str, Json]:
    """The sample's link on the ports that the account holds; the fourth is ordered."""
    settings = sample()
    for number, identifier in enumerate(PORTS):
        settings = changed(f"links.0.ports.{number}.circuit.id", identifier, of=settings)
    ordered: Json = {"kind": "create", "bandwidth": "10Gbps"}
    settings = changed("links.0.ports.3.circuit", ordered, of=settings)
    return changed("links.0.ports.3.state", "ordered", of=settings)


def declared(hybrid: HybridNetwork) -> None:
    """A VPC and the link to it."""
    vpc = CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=("us-east-2a", "us-east-2b"))
    made = Vpc("net", VpcArgs(region="us-east-2", network=vpc_of(vpc)))
    link = link_of(hybrid, DirectConnectLink)
    ends = ends_of(hybrid, "us-east-2")

    def with_ids(known: dict[str, str]) -> None:
        ids = AwsAttachment(kind="aws", vpc=known["vpc"], subnets=(known["subnet"],), route_tables=(known["table"],))
        DirectConnect(link.name, DirectConnectArgs(link=link, ends=ends, network=ids))

    pulumi.Output.all(vpc=made.id, subnet=made.private_subnets["us-east-2a"], table=made.route_tables[0]).apply(
        with_ids
    )


def _private() -> dict[str, Json]:
    settings = changed("links.0.private_asn", 64515, of=changed("links.0.transit_gateway", None, of=example()))
    return changed("links.0.mtu", 9001, of=settings)


def _hosted(settings: dict[str, Json]) -> dict[str, Json]:
    return changed("links.0.ports.0.circuit", {"kind": "hosted", "id": "dxvif-ff000001"}, of=settings)


SETTINGS: dict[str, Callable[[], dict[str, Json]]] = {
    "over a transit gateway that exists": example,
    "over one of its own": lambda: changed("links.0.transit_gateway", {"kind": "create", "asn": 64513}, of=example()),
    "to the VPC's own gateway": _private,
    "over a partner's interface": lambda: _hosted(example()),
    "over a partner's interface to the VPC's own gateway": lambda: _hosted(_private()),
}


def variants(folder: Path) -> Iterator[Recorder]:
    """Every way in which the program makes a link."""
    for name, settings in SETTINGS.items():
        yield recorded(folder / name, lambda settings=settings: declared(network(settings())))


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_the_program_is_taken_as_it_is(settings: Callable[[], dict[str, Json]], tmp_path: Path) -> None:
    recorder = recorded(tmp_path, lambda: declared(network(settings())))
    assert recorder.problems == []
    assert {v.DX_ASSOCIATION, v.VPN_CONNECTION} <= recorder.made.keys()
    assert {v.TRANSIT_INTERFACE, v.PRIVATE_INTERFACE} & recorder.made.keys()


def test_b17_a_group_of_ports_is_read_as_a_group(tmp_path: Path) -> None:
    with AwsAccount(tmp_path).store.transaction() as account:
        seed_group(account, "dxlag-fg5678gh", "EqDC2")
    settings = changed("links.0.ports.0.circuit.id", "dxlag-fg5678gh", of=example())
    recorder = recorded(tmp_path, lambda: declared(network(settings)))
    assert recorder.problems == []
    assert "dxlag-fg5678gh" in {str(made.outputs["connectionId"]) for made in recorder.made[v.TRANSIT_INTERFACE]}


def _gateway(aws: AwsAccount, asn: str = "64520") -> Made:
    return aws.create(v.DX_GATEWAY, name="dx", amazonSideAsn=asn)


def _interface(aws: AwsAccount, connection: str = PORT, /, **changes: Value) -> Made:
    gateway = _gateway(aws)
    inputs: dict[str, Value] = {
        "addressFamily": "ipv4",
        "connectionId": connection,
        "dxGatewayId": gateway.identifier,
        "vlan": 101,
        "bgpAsn": 65010,
        "mtu": 8500,
    }
    return aws.create_named(v.TRANSIT_INTERFACE, "it", {**inputs, **changes})


def _ordered(aws: AwsAccount) -> Made:
    return aws.create(v.DX_CONNECTION, bandwidth="10Gbps", location="EqDC2")


def _interface_on_an_ordered_port(aws: AwsAccount) -> None:
    _interface(aws, _ordered(aws).identifier)


def _one_vlan_twice(aws: AwsAccount) -> None:
    _interface(aws)
    _interface(aws)


def _five_transit_interfaces(aws: AwsAccount) -> None:
    for vlan in range(1, 7):
        _interface(aws, vlan=vlan)


def _port_deleted_under_its_interface(aws: AwsAccount) -> None:
    port = _ordered(aws)
    with aws.store.transaction() as account:
        connect(account, port.identifier)
    _interface(aws, port.identifier)
    aws.delete(port)


def _site_with_amazons_number(aws: AwsAccount) -> None:
    _interface(aws, bgpAsn=64520)


def _associate(aws: AwsAccount, asn: str = "64520", prefixes: int = 1) -> None:
    aws.create(
        v.DX_ASSOCIATION,
        dxGatewayId=_gateway(aws, asn).identifier,
        associatedGatewayId=TRANSIT_GATEWAY,
        allowedPrefixes=[f"10.{number}.0.0/24" for number in range(prefixes)],
    )


def _gateways_alike(aws: AwsAccount) -> None:
    _associate(aws, "64512")


def _nothing_allowed(aws: AwsAccount) -> None:
    _associate(aws, prefixes=0)


def _too_much_allowed(aws: AwsAccount) -> None:
    _associate(aws, prefixes=201)


def _second_gateway_of_a_vpc(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    for _ in range(2):
        aws.create(v.VPN_GATEWAY, vpcId=vpc.identifier)


def _routes_of_another_vpc(aws: AwsAccount) -> None:
    gateway = aws.create(v.VPN_GATEWAY, vpcId=aws.vpc().identifier)
    table = aws.table(aws.vpc("10.1.0.0/16"))
    aws.create(v.VPN_PROPAGATION, vpnGatewayId=gateway.identifier, routeTableId=table.identifier)


def _vpn(aws: AwsAccount, asn: str = "65010", /, **changes: Value) -> Made:
    customer = aws.create(v.CUSTOMER_GATEWAY, type="ipsec.1", bgpAsn=asn, ipAddress="198.51.100.10")
    inputs: dict[str, Value] = {
        "type": "ipsec.1",
        "customerGatewayId": customer.identifier,
        "transitGatewayId": TRANSIT_GATEWAY,
        "tunnel1InsideCidr": "169.254.21.0/30",
    }
    return aws.create_named(v.VPN_CONNECTION, "it", {**inputs, **changes})


def _amazons_own_number_at_the_site(aws: AwsAccount) -> None:
    _vpn(aws, "7224")


def _one_tunnel_range_twice(aws: AwsAccount) -> None:
    _vpn(aws)
    _vpn(aws)


MISTAKES: dict[Callable[[AwsAccount], None], str] = {
    _interface_on_an_ordered_port: "state requested",
    _one_vlan_twice: "VLAN 101 is already in use",
    _five_transit_interfaces: "limit of 4 virtual interfaces",
    _port_deleted_under_its_interface: "has virtual interfaces",
    _site_with_amazons_number: "must differ from the Amazon side ASN",
    _gateways_alike: "must differ from the ASN of Direct Connect Gateway",
    _nothing_allowed: "Allowed prefixes are required",
    _too_much_allowed: "exceed the limit of 200",
    _second_gateway_of_a_vpc: "VpcGatewayAlreadyAttached",
    _routes_of_another_vpc: "Gateway.NotAttached",
    _amazons_own_number_at_the_site: "bgpAsn is invalid",
    _one_tunnel_range_twice: "inside CIDR 169.254.21.0/30 is used",
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda case: case.__name__.strip("_"))
def test_a_mistake_is_refused_as_by_aws(mistake: Callable[[AwsAccount], None], tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=MISTAKES[mistake]):
        mistake(AwsAccount(tmp_path))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"tunnel1InsideCidr": "169.254.5.0/30"}, "is reserved"),
        ({"tunnel1InsideCidr": "169.254.21.0/29"}, "must be /30"),
        ({"tunnel1PresharedKey": "0short"}, "tunnel1PresharedKey"),
        ({"vpnGatewayId": "vgw-1"}, "conflicts with"),
    ],
)
def test_wrong_tunnels_are_refused_before_aws_is_asked(inputs: dict[str, Value], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputsRefusedError, match=said):
        _vpn(AwsAccount(tmp_path), **inputs)


def test_a_port_takes_interfaces_once_people_connected_it(tmp_path: Path) -> None:
    aws = AwsAccount(tmp_path)
    port = _ordered(aws)
    with aws.store.transaction() as account:
        connect(account, port.identifier)
    assert _interface(aws, port.identifier).outputs["customerAddress"]
    read = aws.read(port)
    assert read
    assert read["state"] == "available"
