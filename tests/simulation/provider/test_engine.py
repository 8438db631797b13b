"""The real engine with the simulated AWS behind it: a network comes up, is found changed, and goes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.cloud import AWS
from simulation.clouds.plugins import simulated_environment
from simulation.provider.faults import Fault, Moment, plan_fault
from simulation.provider.store import Store

_PROGRAM = """\
import pulumi
import pulumi_aws as aws

account = aws.Provider("account", region="us-east-2")
inside = pulumi.ResourceOptions(provider=account)
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", tags={"Name": "net"}, opts=inside)
for place, zone in enumerate(("us-east-2a", "us-east-2b")):
    aws.ec2.Subnet(
        f"net-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{place}.0/24", availability_zone=zone, opts=inside
    )
group = aws.ec2.SecurityGroup("net", vpc_id=vpc.id, opts=inside)
pulumi.export("vpc", vpc.id)
pulumi.export("group", group.name)
pulumi.export("caller", aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=account)).arn)
"""

pytestmark = pytest.mark.engine
Pulumi = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".strata" / "simulated" / "aws.sqlite", AWS.seed)


@pytest.fixture
def pulumi(project: Path, tmp_path: Path) -> Pulumi:
    (tmp_path / "Pulumi.yaml").write_text(
        f"name: net\nruntime: {{name: python, options: {{virtualenv: {project / '.venv'}}}}}\n"
    )
    (tmp_path / "__main__.py").write_text(_PROGRAM)
    environment = {**os.environ, **simulated_environment(tmp_path), "PULUMI_CONFIG_PASSPHRASE": "test"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *command, "--stack", "test", "--non-interactive"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )

    subprocess.run(
        ["pulumi", "stack", "init", "test"], cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=60
    )
    return run


def _kinds(store: Store) -> list[str]:
    with store.transaction() as account:
        return sorted(record.kind for record in account.records() if not record.seeded)


def _done(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_life_of_a_network(pulumi: Pulumi, store: Store) -> None:
    shown = _done(pulumi("up", "--yes"))
    assert "assumed-role/strata-deployer" in shown
    assert _kinds(store) == [v.SECURITY_GROUP, v.SUBNET, v.SUBNET, v.VPC]

    _done(pulumi("preview", "--expect-no-changes"))
    _done(pulumi("refresh", "--yes", "--expect-no-changes"))

    with store.transaction() as account:
        (vpc,) = account.records(v.VPC)
        account.put(replace(vpc, inputs={**vpc.inputs, "tags": {"Name": "theirs"}}))
        lost = account.where(v.SUBNET, "availabilityZone", "us-east-2b")[0]
        account.remove(v.SUBNET, lost.identifier)
    shown = _done(pulumi("refresh", "--yes"))
    assert "1 updated" in shown
    assert "1 deleted" in shown

    shown = _done(pulumi("up", "--yes"))
    assert "1 created" in shown
    assert "1 updated" in shown
    with store.transaction() as account:
        (vpc,) = account.records(v.VPC)
        assert vpc.get("tags") == {"Name": "net"}

    _done(pulumi("destroy", "--yes"))
    assert _kinds(store) == []


def test_a_refusal_is_shown_in_the_words_of_aws_and_what_was_made_is_kept(
    pulumi: Pulumi, store: Store, tmp_path: Path
) -> None:
    program = tmp_path / "__main__.py"
    program.write_text(_PROGRAM.replace("10.0.{place}.0/24", "10.{place}.0.0/24"))
    failed = pulumi("up", "--yes", "--skip-preview")
    assert failed.returncode != 0
    assert "api error InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid." in failed.stdout + failed.stderr
    program.write_text(_PROGRAM)
    assert "1 created" in _done(pulumi("up", "--yes", "--skip-preview")), "only what was missing"
    assert _kinds(store) == [v.SECURITY_GROUP, v.SUBNET, v.SUBNET, v.VPC]


def test_an_object_that_came_up_badly_is_in_the_state_and_goes_with_the_stack(pulumi: Pulumi, store: Store) -> None:
    with store.transaction() as account:
        plan_fault(account, Fault(operation="create", kind=v.SUBNET, code="InternalError", moment=Moment.AFTER))
    failed = pulumi("up", "--yes", "--skip-preview")
    assert failed.returncode != 0
    assert "InternalError" in failed.stdout + failed.stderr
    assert _kinds(store).count(v.SUBNET) == 2
    _done(pulumi("destroy", "--yes", "--skip-preview"))
    assert _kinds(store) == [], "nothing is left that nobody knows of"
