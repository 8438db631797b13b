"""What would have gone wrong on a real project only, seen in a simulated one; each test is named after its row."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from components.clusters.gke.facts import gke_facts
from components.clusters.gke.rules import gke_problems
from components.clusters.gke.settings import ApiEndpoint, LustreStorage
from components.contracts.api_access import PrivateAccess
from components.contracts.capacity import Queued
from components.contracts.maintenance import Maintenance, NodeUpgrades, Weekday
from components.contracts.pools import DriverOwner
from components.contracts.quantities import ByteSize, Duration
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.account import HUB
from simulation.clouds.gcp.trust import trust
from simulation.provider.errors import ProviderError
from simulation.provider.values import Object, text
from tests.simulation.clouds.aws_account import Made
from tests.simulation.clouds.gke_account import GcpProject, recorded_cluster
from tests.simulation.clouds.gke_variants import CASES, FROM_ZERO, NETWORK, SYSTEM, B, company, gpus, target
from tests.simulation.clouds.recording import Recorder

FOREIGN_HUB = "projects/net-team-1/locations/global/hubs/company"
SERVER = "127.0.0.1:6443"


@pytest.fixture
def project(tmp_path: Path) -> GcpProject:
    return company(tmp_path)


def only(recorder: Recorder, token: str) -> Made:
    (made,) = recorder.made[token]
    return made


def test_a7_a_cluster_that_is_reached_by_name_has_a_door(project: GcpProject) -> None:
    by_name = target(api_endpoint=ApiEndpoint.DNS, api_access=PrivateAccess(kind="private"), control_plane_cidr=None)
    cluster = only(recorded_cluster(project, by_name, [SYSTEM]), v.CLUSTER).outputs
    assert text(cluster, "controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint") == SERVER
    assert text(cluster, "endpoint") == "", "no address is asked for"


def test_a7_a_cluster_that_is_reached_by_address_is_not_reached_by_name(project: GcpProject) -> None:
    cluster = only(recorded_cluster(project, target(), [SYSTEM]), v.CLUSTER).outputs
    assert text(cluster, "privateClusterConfig.privateEndpoint") == SERVER
    assert text(cluster, "controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint") != SERVER


@pytest.mark.parametrize(("hub", "warns"), [(HUB, False), (FOREIGN_HUB, True)])
def test_a7_a_hub_of_another_project_is_said_to_wait(project: GcpProject, hub: str, *, warns: bool) -> None:
    with project.account.store.transaction() as account:
        account.seed(v.HUB, FOREIGN_HUB, {"name": "company"})
    with mock.patch("pulumi.warn") as warn:
        recorded_cluster(project, target(network=NETWORK.model_copy(update={"hub": hub})), [SYSTEM])
    said = [str(call.args[0]) for call in warn.call_args_list]
    accept = "run `gcloud network-connectivity hubs accept-spoke company --spoke=projects/"
    assert [accept in text and "--project=net-team-1`" in text for text in said] == [True] * warns


def test_a9_a_network_goes_after_its_lustre(project: GcpProject) -> None:
    lustre = LustreStorage(kind="lustre", zone=B, capacity=ByteSize.gib(36_000), throughput=500)
    made = recorded_cluster(project, target(shared_storage=lustre), [gpus("g2-standard-48"), SYSTEM]).made
    left = [resource for resources in made.values() for resource in resources if resource.token != v.SERVICE]
    while left:
        kept: list[Made] = [resource for resource in reversed(left) if not _deleted(project, resource)]
        assert len(kept) < len(left), f"stays: {[resource.identifier for resource in kept]}"
        left = kept
    with project.account.store.transaction() as account:
        assert [network.text("name") for network in account.records(v.NETWORK)] == ["company"]


@pytest.mark.parametrize("name", ["A4 by flex-start", "queued A3 High"])
def test_b9_a_pool_of_short_lived_machines_is_what_was_asked_for(project: GcpProject, name: str) -> None:
    cluster, pools = CASES[name]
    recorder = recorded_cluster(project, cluster, [*pools, SYSTEM])
    (pool,) = (made for made in recorder.made[v.NODE_POOL] if text(made.outputs, "name") == "gpus")
    (sent,) = (inputs for inputs in recorder.sent[v.NODE_POOL] if text(inputs, "name") == "gpus")
    assert pool.outputs["upgradeSettings"] == sent["upgradeSettings"], "it would differ after every refresh"


def test_b9_servers_are_never_placed_on_machines_of_a_queue() -> None:
    queued = gpus("a3-highgpu-8g", capacity=Queued(kind="queued"), autoscaled=FROM_ZERO)
    assert [pool.name for pool in gke_facts(target(), [queued, SYSTEM]).pools] == ["system"]


def test_b11_nodes_are_not_replaced_by_night(project: GcpProject) -> None:
    cluster = only(recorded_cluster(project, target(), [SYSTEM]), v.CLUSTER).outputs
    assert cluster["maintenancePolicy"] == {
        "recurringWindow": {
            "startTime": "2026-01-01T03:00:00Z",
            "endTime": "2026-01-01T09:00:00Z",
            "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU",
        },
        "maintenanceExclusions": [
            {
                "exclusionName": "no-minor-or-node-upgrades",
                "startTime": "2026-01-01T00:00:00Z",
                "exclusionOptions": {
                    "scope": "NO_MINOR_OR_NODE_UPGRADES",
                    "endTimeBehavior": "UNTIL_END_OF_SUPPORT",
                },
            }
        ],
    }


def test_b11_nodes_are_replaced_where_that_is_wanted(project: GcpProject) -> None:
    nightly = Maintenance(days=tuple(Weekday), duration=Duration("4h"), node_upgrades=NodeUpgrades.AUTOMATIC)
    policy = only(recorded_cluster(project, target(maintenance=nightly), [SYSTEM]), v.CLUSTER).outputs[
        "maintenancePolicy"
    ]
    assert isinstance(policy, dict)
    assert "maintenanceExclusions" not in policy
    assert text(policy, "recurringWindow.recurrence") == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"


@pytest.mark.parametrize(
    ("maintenance", "fix"),
    [
        (Maintenance(days=(Weekday.SATURDAY,)), "use 12h"),
        (Maintenance(duration=Duration("3h")), "use 6h"),
        (Maintenance(days=tuple(Weekday), duration=Duration("2h")), "use 4h"),
        (Maintenance(duration=Duration("30h")), "use 6h"),
    ],
)
def test_b11_a_window_that_is_too_short_is_refused(maintenance: Maintenance, fix: str) -> None:
    (problem,) = gke_problems(target(maintenance=maintenance), [SYSTEM], datetime(2026, 11, 20, tzinfo=UTC))
    assert (problem.field, problem.fix) == ("target.maintenance.duration", fix)


def test_b11_google_refuses_a_window_that_is_too_short(project: GcpProject) -> None:
    window: Object = {
        "startTime": "2026-01-01T03:00:00Z",
        "endTime": "2026-01-01T09:00:00Z",
        "recurrence": "FREQ=WEEKLY;BYDAY=SA",
    }
    with pytest.raises(ProviderError, match="at least 48h of maintenance availability are required"):
        project.standing(maintenancePolicy={"recurringWindow": window})


def test_b12_images_are_streamed_where_that_works(project: GcpProject) -> None:
    by_operator = gpus("g2-standard-12", driver=DriverOwner.GPU_OPERATOR)
    assert recorded_cluster(project, target(), [by_operator, SYSTEM]).problems == [], "not on Ubuntu"
    streamed = {
        group: {machine.labels.get("cloud.google.com/gke-image-streaming") for machine in machines}
        for group, machines in project.plane.groups.items()
    }
    assert streamed == {"gpus": {None}, "system": {"true"}}


def _deleted(project: GcpProject, made: Made) -> bool:
    try:
        project.account.delete(made)
    except ProviderError:
        return False
    return True


def test_a7_clients_trust_a_cluster_that_is_reached_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "simulated" / "authorities.pem"
    path.parent.mkdir()
    path.write_text("of this machine\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    for _ in range(2):
        trust(base64.b64encode(b"of a cluster\n").decode())
    assert path.read_text() == "of this machine\nof a cluster\n"
    foreign = tmp_path / "foreign.pem"
    foreign.write_text("of this machine\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(foreign))
    trust(base64.b64encode(b"of a cluster\n").decode())
    assert foreign.read_text() == "of this machine\n", "only the run's own file is written"
