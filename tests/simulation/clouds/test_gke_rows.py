"""What would have gone wrong on a real project only, seen in a simulated one; each test is named after its row."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest

from components.clusters.gke.settings import ApiEndpoint, LustreStorage
from components.contracts.api_access import PrivateAccess
from components.contracts.quantities import ByteSize
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.account import HUB
from simulation.provider.errors import ProviderError
from simulation.provider.values import text
from tests.simulation.clouds.aws_account import Made
from tests.simulation.clouds.gke_account import GcpProject, recorded_cluster
from tests.simulation.clouds.gke_variants import NETWORK, SYSTEM, B, company, gpus, target
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


def _deleted(project: GcpProject, made: Made) -> bool:
    try:
        project.account.delete(made)
    except ProviderError:
        return False
    return True
