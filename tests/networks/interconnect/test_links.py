"""What each kind of link declares: the right classes, priorities, protection, and keys that stay secret."""

from __future__ import annotations

from typing import TypeVar

import pulumi
import pytest

from components.contracts.network_facts import AwsAttachment, AzureAttachment, GcpAttachment
from components.networks.interconnect.dedicated_interconnect import DedicatedInterconnect, DedicatedInterconnectArgs
from components.networks.interconnect.direct_connect import DirectConnect, DirectConnectArgs
from components.networks.interconnect.express_route import ExpressRoute, ExpressRouteArgs
from components.networks.interconnect.keys import LinkEnds
from components.networks.interconnect.settings import (
    DedicatedInterconnectLink,
    DirectConnectLink,
    ExpressRouteLink,
    HybridNetwork,
)

from .recorder import Made, Recorder, recorded
from .sample import READY, Json, changed, network, sample, sample_networks

Kind = TypeVar("Kind")


def _link(settings: HybridNetwork, kind: type[Kind]) -> Kind:
    return next(link for link in settings.links if isinstance(link, kind))


def _ends(settings: HybridNetwork, region: str) -> LinkEnds:
    return LinkEnds(
        region=region,
        site=settings.sites[0],
        site_ranges=["10.40.0.0/16"],
        pre_shared_key=pulumi.Output.secret("withheld"),
        bgp_key=pulumi.Output.secret("withheld"),
        authorization_key=pulumi.Output.secret("withheld"),
    )


def aws(settings: dict[str, Json], answers: dict[str, dict[str, Json]] | None = None) -> Recorder:
    hybrid = network(settings)
    attachment = sample_networks()["aws"].attachment
    assert isinstance(attachment, AwsAttachment)
    args = DirectConnectArgs(link=_link(hybrid, DirectConnectLink), ends=_ends(hybrid, "us-east-2"), network=attachment)
    return recorded(lambda opts: DirectConnect("aws-berlin", args, opts), answers or READY)


def gcp(settings: dict[str, Json]) -> Recorder:
    hybrid = network(settings)
    attachment = sample_networks()["gcp"].attachment
    assert isinstance(attachment, GcpAttachment)
    args = DedicatedInterconnectArgs(
        link=_link(hybrid, DedicatedInterconnectLink), ends=_ends(hybrid, "us-central1"), network=attachment
    )
    return recorded(lambda opts: DedicatedInterconnect("gcp-berlin", args, opts), READY)


def azure(settings: dict[str, Json], answers: dict[str, dict[str, Json]] | None = None) -> Recorder:
    hybrid = network(settings)
    attachment = sample_networks()["azure"].attachment
    assert isinstance(attachment, AzureAttachment)
    args = ExpressRouteArgs(
        link=_link(hybrid, ExpressRouteLink),
        ends=_ends(hybrid, "eastus2"),
        subscription="00000000-0000-0000-0000-000000000001",
        network=attachment,
        gateway_subnet="10.50.255.192/26",
    )
    return recorded(lambda opts: ExpressRoute("azure-berlin", args, opts), answers or READY)


def _numbers(made: list[Made], name: str) -> list[Json]:
    return [resource.inputs[name] for resource in made]


def test_a_link_to_aws_puts_a_transit_interface_on_each_port() -> None:
    recorder = aws(sample())
    interfaces = recorder.of("TransitVirtualInterface")
    assert _numbers(interfaces, "vlan") == [103, 104, 101, 102]
    assert _numbers(interfaces, "amazonAddress")[2] == "169.254.96.5/30"
    assert _numbers(interfaces, "customerAddress")[2] == "169.254.96.6/30"
    assert {str(interface.inputs["mtu"]) for interface in interfaces} == {"8500.0"}
    (association,) = recorder.of("GatewayAssociation")
    assert association.inputs["allowedPrefixes"] == ["10.20.0.0/16"]
    assert association.inputs["associatedGatewayId"] == "tgw-0a1b2c3d4e5f60718"
    assert not recorder.of("TransitGateway"), "it is adopted"


def test_adopted_ports_are_read_and_never_made_or_protected() -> None:
    recorder = aws(sample())
    assert {connection.name for connection in recorder.of("Connection")} == {
        f"aws-berlin-{port}" for port in ("eqdc2-a", "eqdc2-b", "csva1-a", "csva1-b")
    }
    assert not recorder.protected


def test_ordered_circuits_of_every_cloud_are_protected() -> None:
    ordered: Json = {"kind": "create", "bandwidth": "10Gbps"}
    assert aws(changed("links.0.ports.0.circuit", ordered)).protected == {"aws-berlin-eqdc2-a"}
    assert gcp(sample()).protected == {f"gcp-berlin-{port}" for port in ("iad-1", "iad-2", "ord-1", "ord-2")}
    assert azure(sample()).protected == {"azure-berlin-dc", "azure-berlin-chicago"}


def test_a_circuit_that_is_only_ordered_carries_nothing_while_its_vpn_does() -> None:
    settings = sample()
    for number in range(4):
        settings = changed(f"links.0.ports.{number}.state", "ordered", of=settings)
    recorder = aws(settings)
    assert not recorder.of("TransitVirtualInterface")
    assert len(recorder.of("VpnConnection")) == 2


@pytest.mark.parametrize(("state", "fine"), [("available", True), ("down", True), ("requested", False)])
def test_an_interface_waits_for_the_cross_connect(state: str, *, fine: bool) -> None:
    answers: dict[str, dict[str, Json]] = {"Connection": {"state": state}}
    if fine:
        assert aws(sample(), answers).of("TransitVirtualInterface")
        return
    with pytest.raises(pulumi.RunError, match="'requested'"):
        aws(sample(), answers)


def test_a_circuit_that_the_provider_has_not_connected_gets_no_peering() -> None:
    with pytest.raises(pulumi.RunError, match="NotProvisioned"):
        azure(sample(), {"ExpressRouteCircuit": {"serviceProviderProvisioningState": "NotProvisioned"}})


def test_private_interfaces_end_at_the_vpcs_own_gateway() -> None:
    settings = changed("links.0.private_asn", 64515, of=changed("links.0.transit_gateway", None))
    recorder = aws(changed("links.0.mtu", 9001, of=settings))
    assert len(recorder.of("PrivateVirtualInterface")) == 4
    assert recorder.of("VpnGateway")[0].inputs["amazonSideAsn"] == "64515"
    assert recorder.of("VpnGatewayRoutePropagation")[0].inputs["routeTableId"] == "rtb-1"
    assert all(connection.inputs["vpnGatewayId"] == "aws-berlin-id" for connection in recorder.of("VpnConnection"))


def test_a_transit_gateway_of_ours_is_attached_before_routes_lead_to_it() -> None:
    recorder = aws(changed("links.0.transit_gateway", {"kind": "create", "asn": 64512}))
    assert recorder.of("TransitGateway")[0].inputs["amazonSideAsn"] == 64512
    assert recorder.of("VpcAttachment")[0].inputs["subnetIds"] == ["subnet-1", "subnet-2"]
    (route,) = recorder.of("Route")
    assert (route.inputs["routeTableId"], route.inputs["destinationCidrBlock"]) == ("rtb-1", "10.40.0.0/16")


def test_hosted_interfaces_are_accepted_under_the_name_that_aws_gave_each() -> None:
    hosted: Json = {"kind": "hosted", "id": "dxvif-ff000001"}
    transit = changed("links.0.ports.0.circuit", hosted)
    assert len(aws(transit).of("HostedTransitVirtualInterfaceAcceptor")) == 1
    private = changed("links.0.transit_gateway", None, of=transit)
    assert len(aws(private).of("HostedPrivateVirtualInterfaceAccepter")) == 1


def test_keys_of_aws_are_secrets() -> None:
    recorder = aws(sample())
    assert all(interface.secret("bgpAuthKey") for interface in recorder.of("TransitVirtualInterface"))
    assert all(
        connection.secret("tunnel1PresharedKey") and connection.secret("tunnel2PresharedKey")
        for connection in recorder.of("VpnConnection")
    )


def test_google_gets_four_attachments_on_two_routers_without_an_edge_domain() -> None:
    recorder = gcp(sample())
    attachments = recorder.of("InterconnectAttachment")
    assert _numbers(attachments, "region") == ["us-central1", "us-central1", "us-east4", "us-east4"]
    assert all("edgeAvailabilityDomain" not in attachment.inputs for attachment in attachments), (
        "it is the interconnect's"
    )
    assert set(map(str, _numbers(recorder.of("Router"), "region"))) == {"us-central1", "us-east4"}
    assert len(recorder.of("Router")) == 2
    (group,) = recorder.of("InterconnectAttachmentGroup")
    assert group.inputs["intent"] == {"availabilitySla": "PRODUCTION_CRITICAL"}
    members = group.inputs["attachments"]
    assert isinstance(members, list)
    assert len(members) == 4


def test_googles_vpn_has_the_worse_priority() -> None:
    peers = gcp(sample()).of("RouterPeer")
    circuits = [peer for peer in peers if "-vpn-" not in peer.name]
    fallback = [peer for peer in peers if "-vpn-" in peer.name]
    assert (len(circuits), len(fallback)) == (4, 4)
    assert {str(peer.inputs["advertisedRoutePriority"]) for peer in circuits} == {"100.0"}
    assert {str(peer.inputs["advertisedRoutePriority"]) for peer in fallback} == {"200.0"}
    assert circuits[0].inputs["peerIpAddress"] == "169.254.10.2", "a peer has no prefix length"


def test_googles_tunnels_cross_both_interfaces_with_both_routers() -> None:
    recorder = gcp(sample())
    pairs = [
        (tunnel.inputs["vpnGatewayInterface"], tunnel.inputs["peerExternalGatewayInterface"])
        for tunnel in recorder.of("VPNTunnel")
    ]
    assert pairs == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert recorder.of("ExternalVpnGateway")[0].inputs["redundancyType"] == "TWO_IPS_REDUNDANCY"
    assert all(tunnel.secret("sharedSecret") for tunnel in recorder.of("VPNTunnel"))


def test_azure_gets_two_peered_circuits_and_both_gateways_in_the_subnet_of_that_name() -> None:
    recorder = azure(sample())
    assert len(recorder.of("ExpressRouteCircuitPeering")) == 2
    assert _numbers(recorder.of("ExpressRouteCircuitPeering"), "peeringName") == ["AzurePrivatePeering"] * 2
    assert recorder.of("Subnet")[0].inputs["subnetName"] == "GatewaySubnet"
    assert [gateway.inputs["gatewayType"] for gateway in recorder.of("VirtualNetworkGateway")] == [
        "ExpressRoute",
        "Vpn",
    ]


def test_azures_circuits_weigh_more_than_its_vpn() -> None:
    connections = azure(sample()).of("VirtualNetworkGatewayConnection")
    weights = {
        str(connection.inputs["connectionType"]): connection.inputs["routingWeight"] for connection in connections
    }
    assert weights == {"ExpressRoute": 31_900, "IPsec": 31_800}, "in Azure the higher one wins"
    assert all(
        connection.secret("sharedKey") for connection in connections if connection.inputs["connectionType"] == "IPsec"
    )
    assert all(
        connection.secret("authorizationKey")
        for connection in connections
        if connection.inputs["connectionType"] != "IPsec"
    )


def test_azure_builds_no_expressroute_gateway_for_circuits_that_are_only_ordered() -> None:
    settings = changed("links.2.paths.0.state", "ordered", of=changed("links.2.paths.1.state", "ordered"))
    assert [gateway.inputs["gatewayType"] for gateway in azure(settings).of("VirtualNetworkGateway")] == ["Vpn"]


def test_the_site_is_told_what_to_set_its_routers_to() -> None:
    component: list[DirectConnect] = []
    hybrid = network(sample())
    attachment = sample_networks()["aws"].attachment
    assert isinstance(attachment, AwsAttachment)
    args = DirectConnectArgs(link=_link(hybrid, DirectConnectLink), ends=_ends(hybrid, "us-east-2"), network=attachment)

    def declare(opts: pulumi.ResourceOptions) -> DirectConnect:
        component.append(DirectConnect("aws-berlin", args, opts))
        return component[0]

    recorded(declare, READY)
    sessions = component[0].sessions
    assert len(sessions) == 8, "four circuits and two tunnels to each of two routers"
    assert {session["priority"] for session in sessions if session["over"] == "vpn"} == {200}
    assert {session["priority"] for session in sessions if session["over"] != "vpn"} == {100}
