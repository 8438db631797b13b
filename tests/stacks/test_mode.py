"""Real and simulated runs never mix: not in what they announce, in a backend, or in a state."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.clusters.environment import Presence
from components.contracts.errors import StrataError
from stacks.guards import StackState, backend_url, mark_backend, require_backend, require_state
from stacks.mark import MARK
from stacks.mode import Mode, announcement, mode_of

VPC = {"urn": "urn:pulumi:aws::strata::aws:ec2/vpc:Vpc::strata-aws", "type": "aws:ec2/vpc:Vpc"}
SIMULATED_VPC = {
    "urn": f"urn:pulumi:aws::strata::{MARK}$strata:clusters:EksCluster$aws:ec2/vpc:Vpc::strata-aws",
    "type": "aws:ec2/vpc:Vpc",
}
STACK = {"urn": "urn:pulumi:aws::strata::pulumi:pulumi:Stack::strata-aws", "type": "pulumi:pulumi:Stack"}


def state(*resources: dict[str, str]) -> StackState:
    return StackState.model_validate({"deployment": {"resources": [STACK, *resources]}})


@pytest.mark.parametrize(
    ("presence", "value", "mode"),
    [
        (Presence.CLOUD, None, Mode.REAL),
        (Presence.HOSTS, "0", Mode.REAL),
        (Presence.CLOUD, "1", Mode.SIMULATED),
        (Presence.HOSTS, "1", Mode.SIMULATED),
        (Presence.EMBEDDED, "1", Mode.NO_CLOUD),
        (Presence.GIVEN, "0", Mode.NO_CLOUD),
    ],
)
def test_only_a_cloud_can_be_simulated_and_nothing_said_means_real(
    presence: Presence, value: str | None, mode: Mode
) -> None:
    assert mode_of(presence, {} if value is None else {"SIMULATED": value}) is mode


@pytest.mark.parametrize("value", ["yes", "true", "2", " 1"])
def test_a_value_that_is_neither_on_nor_off_is_refused(value: str) -> None:
    with pytest.raises(StrataError, match="neither 1 nor 0"):
        mode_of(Presence.CLOUD, {"SIMULATED": value})


def test_every_run_on_a_cloud_says_whether_it_costs_money() -> None:
    simulated = announcement(Mode.SIMULATED, "aws", "EKS cluster a in b")
    assert "no cloud is touched" in simulated[0]
    assert "make up STACK=aws SIMULATED=0" in simulated[1]
    assert "is paid for" in announcement(Mode.REAL, "aws", "EKS cluster a in b")[0]
    assert announcement(Mode.NO_CLOUD, "dev", "cluster dev") == []


def test_a_real_run_refuses_the_backend_of_simulated_ones(tmp_path: Path) -> None:
    mark_backend(f"file://{tmp_path}/states")
    require_backend(Mode.SIMULATED, f"file://{tmp_path}/states")
    with pytest.raises(StrataError, match="holds simulated states only"):
        require_backend(Mode.REAL, f"file://{tmp_path}/states")


@pytest.mark.parametrize("url", ["s3://company-states", "https://api.pulumi.com", "file:///nowhere"])
def test_a_simulated_run_refuses_every_other_backend(url: str) -> None:
    require_backend(Mode.REAL, url)
    with pytest.raises(StrataError, match="not the backend of simulated runs"):
        require_backend(Mode.SIMULATED, url)


def test_the_backend_is_the_variable_or_the_one_of_the_project(project: Path) -> None:
    assert backend_url(project, {"PULUMI_BACKEND_URL": "s3://states"}) == "s3://states"
    assert backend_url(project, {}) == f"file://{project}/.strata/backend"


def test_a_state_of_the_other_mode_is_refused_with_a_way_out() -> None:
    with pytest.raises(StrataError, match="was made by simulated runs") as refused:
        require_state(Mode.REAL, "aws", state(SIMULATED_VPC))
    assert "pulumi stack rm" in refused.value.problems[0].fix
    with pytest.raises(StrataError, match="was not made by simulated runs"):
        require_state(Mode.SIMULATED, "aws", state(VPC))


def test_the_own_state_and_an_empty_one_are_taken() -> None:
    for mode in (Mode.REAL, Mode.SIMULATED):
        require_state(mode, "aws", state())
    require_state(Mode.REAL, "aws", state(VPC))
    require_state(Mode.SIMULATED, "aws", state(SIMULATED_VPC))


def test_one_simulated_resource_that_is_left_is_enough_to_refuse() -> None:
    with pytest.raises(StrataError):
        require_state(Mode.REAL, "aws", state(VPC, SIMULATED_VPC))
