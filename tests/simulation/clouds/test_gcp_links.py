"""Dedicated Interconnect and its VPN: the program against the tables, and mistakes that Google refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.contracts.network_facts import GcpAttachment
from components.networks.interconnect.dedicated_interconnect import DedicatedInterconnect, DedicatedInterconnectArgs
from components.networks.interconnect.settings import DedicatedInterconnectLink
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.account import INTERCONNECTS
from simulation.clouds.gcp.cloud import GCP
from simulation.clouds.gcp.links import connect
from simulation.provider.errors import ProviderError
from simulation.provider.values import Value
from tests.networks.interconnect.sample import Json, changed, network, sample
from tests.simulation.clouds.aws_account import AwsAccount, Made
from tests.simulation.clouds.link_program import ends_of, link_of
from tests.simulation.clouds.recording import Recorder, run_program

REGION = "us-central1"
PORT = f"projects/{v.PROJECT}/global/interconnects/iad-1"


def project_in(folder: Path) -> AwsAccount:
    """A project with Compute Engine on and a network."""
    project = AwsAccount(folder, region=REGION, cloud=GCP)
    with project.store.transaction() as account:
        service = "compute.googleapis.com"
        account.seed(v.SERVICE, f"{v.PROJECT}/{service}", {"service": service, "project": v.PROJECT})
    project.create(v.NETWORK, name="net", autoCreateSubnetworks=False, routingMode="GLOBAL")
    return project


@pytest.fixture
def gcp(tmp_path: Path) -> AwsAccount:
    return project_in(tmp_path)


def example() -> dict[str, Json]:
    """The sample's link on the interconnects that the project holds."""
    settings = sample()
    for number, name in enumerate(INTERCONNECTS):
        adopted: Json = {"kind": "adopt", "id": f"projects/{v.PROJECT}/global/interconnects/{name}"}
        settings = changed(f"links.1.ports.{number}.circuit", adopted, of=settings)
    return settings


def ordered() -> dict[str, Json]:
    """The sample's link on interconnects that are only ordered."""
    settings = sample()
    for number in range(4):
        settings = changed(f"links.1.ports.{number}.state", "ordered", of=settings)
    return settings


def declared(gcp: AwsAccount, settings: dict[str, Json]) -> Recorder:
    hybrid = network(settings)
    link = link_of(hybrid, DedicatedInterconnectLink)
    path = f"projects/{v.PROJECT}/global/networks/net"

    def program() -> None:
        args = DedicatedInterconnectArgs(
            link=link,
            ends=ends_of(hybrid, REGION),
            network=GcpAttachment(kind="gcp", project=v.PROJECT, network=path),
        )
        DedicatedInterconnect(link.name, args)

    return run_program(gcp, "gcp", program)


def variants(folder: Path) -> Iterator[Recorder]:
    """Every way in which the program makes a link."""
    for name, settings in {"on interconnects that exist": example, "on ordered ones": ordered}.items():
        yield declared(project_in(folder / name), settings())


def test_four_attachments_and_their_vpn_are_taken_as_they_are(gcp: AwsAccount) -> None:
    recorder = declared(gcp, example())
    assert recorder.problems == []
    counts = {token.rpartition(":")[2]: len(made) for token, made in recorder.made.items()}
    assert counts == {
        "Router": 2,
        "InterconnectAttachment": 4,
        "InterconnectAttachmentGroup": 1,
        "RouterInterface": 8,
        "RouterPeer": 8,
        "HaVpnGateway": 1,
        "ExternalVpnGateway": 1,
        "VPNTunnel": 4,
    }


def test_an_interconnect_that_is_only_ordered_is_taken_and_carries_nothing_until_people_connect_it(
    gcp: AwsAccount,
) -> None:
    settings = ordered()
    recorder = declared(gcp, settings)
    assert recorder.problems == []
    assert v.ATTACHMENT not in recorder.made
    order = recorder.made[v.INTERCONNECT][0]
    assert order.outputs["state"] == "UNPROVISIONED"
    with gcp.store.transaction() as account:
        connect(account, order.identifier)
    read = gcp.read(order)
    assert read
    assert read["state"] == "ACTIVE"


def _router(gcp: AwsAccount, asn: int = 64530, region: str = REGION) -> Made:
    path = f"projects/{v.PROJECT}/global/networks/net"
    return gcp.create(v.ROUTER, name=f"router-{region}", network=path, region=region, bgp={"asn": asn})


def _attachment(gcp: AwsAccount, router: Made, name: str = "a", /, **changes: Value) -> Made:
    inputs: dict[str, Value] = {
        "name": name,
        "region": REGION,
        "type": "DEDICATED",
        "interconnect": PORT,
        "router": router.identifier,
        "vlanTag8021q": 201,
    }
    return gcp.create_named(v.ATTACHMENT, "it", {**inputs, **changes})


def _public_number(gcp: AwsAccount) -> None:
    _router(gcp, 3320)


def _router_elsewhere(gcp: AwsAccount) -> None:
    _attachment(gcp, _router(gcp, region="us-east4"))


def _one_vlan_twice(gcp: AwsAccount) -> None:
    router = _router(gcp)
    _attachment(gcp, router)
    _attachment(gcp, router, "b")


def _session_of_another_range(gcp: AwsAccount) -> None:
    _attachment(gcp, _router(gcp), candidateSubnets=["10.0.0.0/29"])


def _promise_of_one_attachment(gcp: AwsAccount) -> None:
    made = _attachment(gcp, _router(gcp))
    gcp.create(
        v.ATTACHMENT_GROUP,
        name="group",
        intent={"availabilitySla": "PRODUCTION_CRITICAL"},
        attachments=[{"name": "a", "attachment": made.outputs["selfLink"]}],
    )


def _site_with_the_routers_number(gcp: AwsAccount) -> None:
    router = _router(gcp)
    made = _attachment(gcp, router)
    inside: dict[str, Value] = {"region": REGION, "router": router.outputs["name"]}
    gcp.create(v.ROUTER_INTERFACE, name="i", interconnectAttachment=made.outputs["selfLink"], **inside)
    gcp.create(v.ROUTER_PEER, name="p", interface="i", peerAsn=64530, **inside)


def _two_ends_of_one(gcp: AwsAccount) -> None:
    gcp.create(
        v.EXTERNAL_VPN_GATEWAY,
        name="berlin",
        redundancyType="SINGLE_IP_INTERNALLY_REDUNDANT",
        interfaces=[{"id": 0, "ipAddress": "198.51.100.10"}, {"id": 1, "ipAddress": "198.51.100.11"}],
    )


def _router_deleted_under_its_attachment(gcp: AwsAccount) -> None:
    router = _router(gcp)
    _attachment(gcp, router)
    gcp.delete(router)


MISTAKES: dict[Callable[[AwsAccount], None], str] = {
    _public_number: "Must be a private ASN",
    _router_elsewhere: "Cross region reference",
    _one_vlan_twice: "VLAN tag is already in use",
    _session_of_another_range: "candidateSubnets",
    _promise_of_one_attachment: "do not satisfy the intended availability SLA",
    _site_with_the_routers_number: "Same as the router's ASN",
    _two_ends_of_one: "SINGLE_IP_INTERNALLY_REDUNDANT takes 1",
    _router_deleted_under_its_attachment: "already being used by",
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda case: case.__name__.strip("_"))
def test_a_mistake_is_refused_as_by_google(mistake: Callable[[AwsAccount], None], gcp: AwsAccount) -> None:
    with pytest.raises(ProviderError, match=MISTAKES[mistake]):
        mistake(gcp)
