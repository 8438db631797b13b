"""What a simulated project answers before anything is made, and what becomes of it: rows A4, A5 and A6."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from components.clusters.gke.account import require_account
from components.clusters.gke.account_shared_vpc import Policy, missing_grants, needed_grants
from components.clusters.gke.args import GkeClusterArgs
from components.clusters.gke.settings import ReleaseChannel, Support
from components.contracts.capacity import FlexStart, OnDemand, Reservation, Spot
from components.contracts.errors import StrataError
from components.contracts.pools import NodePool
from simulation.clouds.gcp import quotas
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.account import disable, seed_network, seed_subnet, set_quota, share_network
from simulation.provider.errors import ProviderError
from tests.simulation.clouds.aws_account import Made
from tests.simulation.clouds.gke_account import GcpProject, recorded
from tests.simulation.clouds.gke_variants import ADOPTED, FROM_ZERO, SYSTEM, B, company, gpus, target

HOST = "net-team-1"
_DISKS, _FILES = "gcePersistentDiskCsiDriverConfig", "gcpFilestoreCsiDriverConfig"
NETWORK_PATH = f"projects/{HOST}/global/networks/company"
SUBNET_PATH = f"projects/{HOST}/regions/us-central1/subnetworks/gke"
_REGION = "-per-project-region"
H100 = gpus("a3-highgpu-8g", capacity=OnDemand())
SPOT_H100 = gpus("a3-highgpu-8g", capacity=Spot(kind="spot"))
L4 = gpus("g2-standard-48", capacity=OnDemand())


@pytest.fixture
def project(tmp_path: Path) -> GcpProject:
    return company(tmp_path)


def problems(
    project: GcpProject,
    *pools: NodePool,
    quotas: Mapping[str, int | None] | None = None,
    off: tuple[str, ...] = (),
    **changes: object,
) -> list[str]:
    """What is wrong with a cluster of these pools; quotas and APIs of the project are changed first."""
    with project.account.store.transaction() as account:
        for code, value in (quotas or {}).items():
            set_quota(account, code, value)
        if off:
            disable(account, *off)
    found: list[str] = []

    def program() -> None:
        try:
            require_account("prod", GkeClusterArgs.of(target(**changes), [*pools, SYSTEM]))
        except StrataError as error:
            found.extend(str(problem) for problem in error.problems)

    recorded(project, program)
    return found


def test_a4_spot_machines_have_a_quota_of_their_gpu_not_of_its_family(project: GcpProject) -> None:
    (problem,) = problems(project, SPOT_H100, quotas={f"PREEMPTIBLE-NVIDIA-H100-GPUS{_REGION}": 8})
    assert f"the pools need 16 of the quota PREEMPTIBLE-NVIDIA-H100-GPUS{_REGION} in us-central1, which is 8" in problem


def test_a4_c3_has_a_quota_of_its_own(project: GcpProject) -> None:
    (problem,) = problems(project, quotas={f"C3-CPUS{_REGION}": 10})
    assert f"the pools need 44 of the quota C3-CPUS{_REGION}" in problem


def test_a4_an_id_that_google_does_not_know_is_unknown(project: GcpProject, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {code: limit for code, limit in quotas.QUOTAS.items() if "H100" not in code}
    monkeypatch.setattr("simulation.clouds.gcp.questions.QUOTAS", known)
    assert problems(project, SPOT_H100) == []


def test_a4_the_quota_of_all_gpus_is_asked_too(project: GcpProject) -> None:
    (problem,) = problems(project, L4, quotas={quotas.ALL_GPUS: 0})
    assert "the pools need 8 of the quota GPUS-ALL-REGIONS-per-project in us-central1, which is 0" in problem
    assert problems(project, SPOT_H100) == [], "nobody knows whether it holds for machines that Google may take back"


def test_a4_machines_of_several_sizes_share_a_quota(project: GcpProject) -> None:
    larger = gpus("g2-standard-96", name="larger", capacity=OnDemand(), count=1)
    (problem,) = problems(project, L4, larger, quotas={f"NVIDIA-L4-GPUS{_REGION}": 12})
    assert f"the pools need 16 of the quota NVIDIA-L4-GPUS{_REGION}" in problem


def test_a4_without_a_preemptible_quota_spot_machines_count_as_others(project: GcpProject) -> None:
    none = {f"PREEMPTIBLE-NVIDIA-H100-GPUS{_REGION}": None}
    assert problems(project, SPOT_H100, quotas=none) == [], "16 of the family are granted"
    flex = gpus("a4-highgpu-8g", capacity=FlexStart(kind="flex-start"), autoscaled=FROM_ZERO)
    neither = {f"PREEMPTIBLE-NVIDIA-B200-GPUS{_REGION}": None, f"GPUS-PER-GPU-FAMILY{_REGION}": None}
    (problem,) = problems(project, flex, quotas=neither)
    assert f"PREEMPTIBLE-NVIDIA-B200-GPUS{_REGION} in us-central1, which is 0" in problem


def test_a5_a_quota_that_was_never_granted_is_zero(project: GcpProject) -> None:
    (problem,) = problems(project, L4, quotas={f"NVIDIA-L4-GPUS{_REGION}": None})
    assert f"the pools need 8 of the quota NVIDIA-L4-GPUS{_REGION} in us-central1, which is 0" in problem


def test_a6_a_new_project_is_one_problem_with_one_command(project: GcpProject) -> None:
    off = ("cloudquotas", "cloudresourcemanager", "compute", "container", "file", "iam", "networkconnectivity")
    (problem,) = problems(project, H100, off=off, network=ADOPTED)
    assert (
        "target.project: cloudquotas.googleapis.com, compute.googleapis.com, container.googleapis.com are not"
        in problem
    )
    command = " ".join(f"{name}.googleapis.com" for name in sorted((*off, "containerfilesystem")))
    assert f"run `gcloud services enable {command} --project {v.PROJECT}`" in problem


def test_a6_one_api_that_is_off_is_named_alone(project: GcpProject) -> None:
    (problem,) = problems(project, L4, off=("cloudquotas",))
    assert f"cloudquotas.googleapis.com is not enabled in {v.PROJECT}" in problem


def test_a6_apis_stay_on_when_a_stack_goes(project: GcpProject) -> None:
    made = project.create(v.SERVICE, service="compute.googleapis.com", disableOnDestroy=False)
    project.account.delete(made)
    assert problems(project, L4) == [], "the next stack would have to enable them again"
    project.account.delete(project.create(v.SERVICE, service="compute.googleapis.com"))
    (problem,) = problems(project, L4)
    assert "compute.googleapis.com is not enabled" in problem


def test_a6_what_may_not_be_read_is_unknown(project: GcpProject) -> None:
    with project.account.store.transaction() as account:
        account.set_fact(v.PROJECT_FACT, "someone-elses-1")
    assert problems(project, H100) == []


@pytest.mark.parametrize("granted", [0, 1, 2, 3])
def test_b20_grants_that_a_shared_vpc_needs_are_asked_for(project: GcpProject, granted: int) -> None:
    grants = [(grant.role, grant.member) for grant in needed_grants(v.PROJECT_NUMBER)]
    with project.account.store.transaction() as account:
        share_network(account, HOST, *grants[:granted])
        seed_network(account, "company", HOST)
        ranges = {"pods": "10.32.0.0/14", "services": "10.36.0.0/20"}
        seed_subnet(account, "gke", "company", "10.30.0.0/20", "us-central1", project=HOST, **ranges)
    shared = ADOPTED.model_copy(update={"project": HOST})
    with mock.patch("pulumi.warn") as warn:
        assert problems(project, network=shared) == []
    said = "".join(str(call.args[0]) for call in warn.call_args_list)
    commands = [f"--member={member} --role={role}" in said for role, member in grants]
    assert commands == [False] * granted + [True] * (3 - granted)
    assert ("gcloud projects add-iam-policy-binding net-team-1" in said) == (granted < 3)
    project.enable()
    inputs = project.cluster_inputs(Made(v.NETWORK, NETWORK_PATH, {}, {}), Made(v.SUBNETWORK, SUBNET_PATH, {}, {}))
    if granted < 3:
        with pytest.raises(ProviderError, match="in the host project net-team-1"):
            project.create(v.CLUSTER, **inputs)
    else:
        assert project.create(v.CLUSTER, **inputs).identifier


def test_b20_a_grant_on_the_subnet_is_enough() -> None:
    host_user, *network_users = needed_grants("1")
    of_subnet = Policy.model_validate(
        {"bindings": [{"role": grant.role, "members": [grant.member]} for grant in network_users]}
    )
    assert missing_grants("1", Policy(), of_subnet) == [host_user]


def test_b21_a_version_is_one_of_the_channel(project: GcpProject) -> None:
    (problem,) = problems(project, kubernetes_version="1.35", release_channel=ReleaseChannel.STABLE)
    assert "GKE offers no version 1.35 in us-central1 in the channel STABLE" in problem
    assert "fix: use 1.34, or a channel that has it: EXTENDED, RAPID, REGULAR" in problem
    assert problems(project, kubernetes_version="1.35") == [], "REGULAR has it"


def test_b21_a_patch_that_the_channel_does_not_have_yet_is_refused(project: GcpProject) -> None:
    (problem,) = problems(project, kubernetes_version="1.34.9-gke.1000000")
    assert "fix: use 1.34.1-gke.2037001" in problem


def test_b21_long_support_offers_versions_that_no_other_channel_has(project: GcpProject) -> None:
    assert problems(project, kubernetes_version="1.31", support=Support.EXTENDED) == []


def test_b21_a_version_that_is_sold_no_more_is_a_warning_with_a_date(project: GcpProject) -> None:
    with mock.patch("pulumi.warn") as warn:
        assert problems(project, kubernetes_version="1.31") == []
    (said,) = (str(call.args[0]) for call in warn.call_args_list)
    assert said.startswith(f"on {datetime.now(UTC).date()} GKE's channel REGULAR has no 1.31 in us-central1 any more")


def test_b21_google_refuses_a_new_cluster_of_another_channel_s_version(project: GcpProject) -> None:
    with pytest.raises(ProviderError, match="unsupported in the release channel STABLE"):
        project.standing(minMasterVersion="1.35", releaseChannel={"channel": "STABLE"})


def test_a_reservation_that_is_not_there_is_a_problem(project: GcpProject) -> None:
    missing = Reservation(kind="reservation", id=f"projects/{v.PROJECT}/reservations/no-such")
    (problem,) = problems(project, gpus("a3-ultragpu-8g", capacity=missing))
    assert f"node_pools[0].capacity.id: {v.PROJECT} has no reservation no-such in {B}" in problem


@pytest.mark.parametrize(("drivers", "missing"), [((_DISKS,), "filestore.csi.storage.gke.io"), ((_DISKS, _FILES), "")])
def test_b6_a_cluster_that_exists_gets_no_class_without_its_driver(
    project: GcpProject, drivers: tuple[str, ...], missing: str
) -> None:
    (absent,) = problems(project, adopt_cluster=True)
    assert "GKE has no cluster prod in us-central1, and adopt_cluster says that it exists" in absent
    project.standing(addonsConfig={driver: {"enabled": True} for driver in drivers})
    found = problems(project, adopt_cluster=True)
    assert [missing in problem for problem in found] == ([True] if missing else []), "what is there is used"
    assert [problem for problem in found if "--update-addons GcpFilestoreCsiDriver=ENABLED" not in problem] == []
