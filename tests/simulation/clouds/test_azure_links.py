"""ExpressRoute and its VPN: the program against the tables, and mistakes that Azure refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.contracts.network_facts import AzureAttachment
from components.networks.interconnect.express_route import ExpressRoute, ExpressRouteArgs
from components.networks.interconnect.settings import ExpressRouteLink
from simulation.clouds.azure import vocabulary as v
from simulation.clouds.azure.account import CIRCUIT_GROUP, CIRCUITS
from simulation.clouds.azure.cloud import AZURE
from simulation.clouds.azure.links import connect
from simulation.provider.errors import ProviderError
from simulation.provider.values import Value
from tests.networks.interconnect.sample import Json, changed, network, sample
from tests.simulation.clouds.aws_account import AwsAccount, Made
from tests.simulation.clouds.link_program import ends_of, link_of
from tests.simulation.clouds.recording import Recorder, run_program

REGION = "eastus2"
GROUP = f"/subscriptions/{v.SUBSCRIPTION}/resourceGroups"


def subscription_in(folder: Path) -> AwsAccount:
    """A subscription with a group and a network in it."""
    subscription = AwsAccount(folder, region=REGION, cloud=AZURE)
    subscription.configure(location=REGION, subscriptionId=v.SUBSCRIPTION)
    subscription.create(v.RESOURCE_GROUP, resourceGroupName="prod", location=REGION)
    space: Value = {"addressPrefixes": ["10.50.0.0/16"]}
    subscription.create(v.VNET, virtualNetworkName="net", resourceGroupName="prod", addressSpace=space)
    return subscription


@pytest.fixture
def azure(tmp_path: Path) -> AwsAccount:
    return subscription_in(tmp_path)


def example() -> dict[str, Json]:
    """The sample's link on the circuits that the subscription holds."""
    settings = sample()
    for number, name in enumerate(CIRCUITS):
        path = f"{GROUP}/{CIRCUIT_GROUP}/providers/Microsoft.Network/expressRouteCircuits/{name}"
        settings = changed(f"links.2.paths.{number}.circuit", {"kind": "adopt", "id": path}, of=settings)
    return settings


def ordered() -> dict[str, Json]:
    """The sample's link on circuits that are only ordered."""
    settings = sample()
    for number in range(2):
        settings = changed(f"links.2.paths.{number}.state", "ordered", of=settings)
    return settings


def without_peerings() -> dict[str, Json]:
    """The sample's link on circuits that exist and have no peering yet."""
    settings = example()
    for number in range(2):
        settings = changed(f"links.2.paths.{number}.circuit.peered", value=False, of=settings)
    return settings


def declared(azure: AwsAccount, settings: dict[str, Json]) -> Recorder:
    hybrid = network(settings)
    link = link_of(hybrid, ExpressRouteLink)
    vnet = f"{GROUP}/prod/providers/Microsoft.Network/virtualNetworks/net"

    def program() -> None:
        args = ExpressRouteArgs(
            link=link,
            ends=ends_of(hybrid, REGION),
            subscription=v.SUBSCRIPTION,
            network=AzureAttachment(kind="azure", virtual_network=vnet),
            gateway_subnet="10.50.255.192/26",
        )
        ExpressRoute(link.name, args)

    return run_program(azure, "azure-native", program)


def variants(folder: Path) -> Iterator[Recorder]:
    """Every way in which the program makes a link."""
    ways = {"on circuits that exist": example, "on ordered ones": ordered, "on ones without peerings": without_peerings}
    for name, settings in ways.items():
        yield declared(subscription_in(folder / name), settings())


def test_two_circuits_and_their_vpn_are_taken_as_they_are(azure: AwsAccount) -> None:
    recorder = declared(azure, example())
    assert recorder.problems == []
    counts = {token.rpartition(":")[2]: len(made) for token, made in recorder.made.items()}
    assert counts == {
        "Subnet": 1,
        "PublicIPAddress": 3,
        "VirtualNetworkGateway": 2,
        "LocalNetworkGateway": 2,
        "VirtualNetworkGatewayConnection": 4,
    }


def test_a_new_circuit_gets_its_peering_once_the_provider_connected_it(azure: AwsAccount) -> None:
    settings = ordered()
    recorder = declared(azure, settings)
    assert recorder.problems == []
    assert v.CIRCUIT_PEERING not in recorder.made
    order = recorder.made[v.CIRCUIT][0]
    with pytest.raises(ProviderError, match="service provider state NotProvisioned"):
        _peering(azure, order)
    with azure.store.transaction() as account:
        connect(account, order.identifier)
    assert _peering(azure, order).outputs["state"] == "Enabled"


def _peering(azure: AwsAccount, circuit: Made, /, **changes: Value) -> Made:
    inputs: dict[str, Value] = {
        "peeringName": "AzurePrivatePeering",
        "circuitName": circuit.outputs["name"],
        "resourceGroupName": "prod",
        "peeringType": "AzurePrivatePeering",
        "peerASN": 65010,
        "vlanId": 301,
        "primaryPeerAddressPrefix": "172.16.0.0/30",
        "secondaryPeerAddressPrefix": "172.16.0.4/30",
    }
    return azure.create_named(v.CIRCUIT_PEERING, "it", {**inputs, **changes})


def _connected(azure: AwsAccount) -> Made:
    sku: Value = {"name": "Standard_MeteredData", "tier": "Standard", "family": "MeteredData"}
    made = azure.create(v.CIRCUIT, circuitName="new", resourceGroupName="prod", location=REGION, sku=sku)
    with azure.store.transaction() as account:
        connect(account, made.identifier)
    return made


def _gateway(azure: AwsAccount, name: str = "GatewaySubnet", cidr: str = "10.50.255.192/26", /, **more: Value) -> Made:
    with azure.store.transaction() as account:
        subnets = [record for record in account.records(v.SUBNET) if record.text("subnetName") == name]
    subnet = (
        subnets[0].identifier
        if subnets
        else azure.create(
            v.SUBNET, subnetName=name, resourceGroupName="prod", virtualNetworkName="net", addressPrefix=cidr
        ).identifier
    )
    inputs: dict[str, Value] = {
        "virtualNetworkGatewayName": f"gateway-{len(azure.records(v.VNET_GATEWAY))}",
        "resourceGroupName": "prod",
        "location": REGION,
        "gatewayType": "ExpressRoute",
        "sku": {"name": "ErGw1AZ", "tier": "ErGw1AZ"},
        "ipConfigurations": [{"name": "a", "subnet": {"id": subnet}}],
    }
    return azure.create_named(v.VNET_GATEWAY, "it", {**inputs, **more})


def _prefix_of_another_size(azure: AwsAccount) -> None:
    _peering(azure, _connected(azure), primaryPeerAddressPrefix="172.16.0.0/29")


def _site_with_azures_number(azure: AwsAccount) -> None:
    _peering(azure, _connected(azure), peerASN=65515)


def _subnet_of_another_name(azure: AwsAccount) -> None:
    _gateway(azure, "gateways")


def _two_gateways_of_a_type(azure: AwsAccount) -> None:
    _gateway(azure)
    _gateway(azure)


def _no_room_for_a_second_gateway(azure: AwsAccount) -> None:
    _gateway(azure, "GatewaySubnet", "10.50.255.240/28")
    _gateway(azure, gatewayType="Vpn", sku={"name": "VpnGw1AZ", "tier": "VpnGw1AZ"})


def _active_active_with_one_address(azure: AwsAccount) -> None:
    _gateway(azure, gatewayType="Vpn", activeActive=True)


def _circuit_at_a_vpn_gateway(azure: AwsAccount) -> None:
    gateway = _gateway(azure, gatewayType="Vpn", sku={"name": "VpnGw1AZ", "tier": "VpnGw1AZ"})
    azure.create(
        v.GATEWAY_CONNECTION,
        virtualNetworkGatewayConnectionName="c",
        resourceGroupName="prod",
        location=REGION,
        connectionType="ExpressRoute",
        virtualNetworkGateway1={"id": gateway.identifier},
        peer={"id": _connected(azure).identifier},
    )


def _router_with_azures_number(azure: AwsAccount) -> None:
    azure.create(
        v.LOCAL_GATEWAY,
        localNetworkGatewayName="edge",
        resourceGroupName="prod",
        location=REGION,
        gatewayIpAddress="198.51.100.10",
        bgpSettings={"asn": 65518, "bgpPeeringAddress": "10.250.0.1"},
    )


def _subnet_deleted_under_its_gateway(azure: AwsAccount) -> None:
    _gateway(azure)
    subnet = azure.records(v.SUBNET)[0]
    azure.delete(Made(v.SUBNET, subnet.identifier, {}, subnet.properties))


MISTAKES: dict[Callable[[AwsAccount], None], str] = {
    _prefix_of_another_size: "must be a /30",
    _site_with_azures_number: "PeerASN 65515 is reserved",
    _subnet_of_another_name: "has to be named GatewaySubnet",
    _two_gateways_of_a_type: "gateway of this type",
    _no_room_for_a_second_gateway: "too small",
    _active_active_with_one_address: "two IP configurations",
    _circuit_at_a_vpn_gateway: "need a gateway of type ExpressRoute",
    _router_with_azures_number: "65518 is reserved",
    _subnet_deleted_under_its_gateway: "is in use by",
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda case: case.__name__.strip("_"))
def test_a_mistake_is_refused_as_by_azure(mistake: Callable[[AwsAccount], None], azure: AwsAccount) -> None:
    with pytest.raises(ProviderError, match=MISTAKES[mistake]):
        mistake(azure)
