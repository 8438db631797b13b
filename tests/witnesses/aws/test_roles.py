"""Each role may do what the software behind it does, as AWS's own policies say and moto's access control judges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

import pytest

from simulation.clouds.aws import managed_policies as simulated
from simulation.clouds.aws import vocabulary as v
from simulation.provider.values import Object, objects, text
from tests.simulation.clouds.recording import Recorder

from .declared import programs
from .managed_policies import TABLE, permitted, published, table
from .role_calls import ADD_ONS, CONTROL_PLANE, NODE, Caller

pytestmark = [pytest.mark.slow]
_ARN = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True)
class Role:
    """A role that a program makes.

    Attributes:
        name: Its name.
        policies: Names of its policies, paths included.
        callers: The software that takes it on.
    """

    name: str
    policies: frozenset[str]
    callers: tuple[Caller, ...]

    def missing(self) -> list[str]:
        """Calls that its policies do not allow."""
        return missing(self.policies, self.callers)


def missing(policies: Iterable[str], callers: Iterable[Caller]) -> list[str]:
    attached = [published()[policy] for policy in policies]
    return [
        f"{call.action} on {call.resource} ({caller.source})"
        for caller in callers
        for call in caller.calls
        if not permitted(iter(attached), call.action, call.resource, call.context)
    ]


def roles(recorder: Recorder) -> Iterator[Role]:
    """Every role of a program."""
    attached: dict[str, set[str]] = {}
    for attachment in recorder.sent.get(v.ROLE_POLICY_ATTACHMENT, []):
        attached.setdefault(text(attachment, "role"), set()).add(text(attachment, "policyArn").removeprefix(_ARN))
    for role in recorder.sent.get(v.ROLE, []):
        name = text(role, "name")
        yield Role(name, frozenset(attached.get(name, ())), tuple(_callers(recorder, role)))


def _callers(recorder: Recorder, role: Object) -> Iterator[Caller]:
    name, trust = text(role, "name"), text(role, "assumeRolePolicy")
    if "ec2.amazonaws.com" in trust:
        yield from NODE
    elif "pods.eks.amazonaws.com" in trust:
        for add_on in recorder.sent.get(v.ADDON, []):
            arns = [text(identity, "roleArn") for identity in objects(add_on, "podIdentityAssociations")]
            if any(arn.rpartition("/")[2] == name for arn in arns):
                yield from ADD_ONS.get(text(add_on, "addonName"), ())
    else:
        yield from CONTROL_PLANE


def test_a1_every_role_may_do_what_its_software_does() -> None:
    found = [(label, role) for label, recorder in programs().items() for role in roles(recorder)]
    assert len(found) > 50
    lacking = {f"{label}: {role.name}": role.missing() for label, role in found if role.missing()}
    assert lacking == {}


def test_no_role_is_made_that_nothing_needs() -> None:
    idle = {
        f"{label}: {role.name}": sorted(role.policies)
        for label, recorder in programs().items()
        for role in roles(recorder)
        if not role.callers
    }
    assert idle == {}, "say in role_calls what its software calls, or take the role away"


@pytest.mark.parametrize(
    ("policies", "callers", "call"),
    [
        (
            {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"},
            NODE,
            "ec2:DescribeInstances",
        ),
        ({"AmazonEKSWorkerNodePolicy"}, NODE, "ecr:GetAuthorizationToken"),
        ({"AmazonEKSWorkerNodePolicy"}, ADD_ONS["vpc-cni"], "ec2:AssignPrivateIpAddresses"),
        ({"service-role/AmazonEFSCSIDriverPolicy"}, ADD_ONS["aws-ebs-csi-driver"], "ec2:CreateVolume"),
        ({"AmazonEKSServicePolicy"}, CONTROL_PLANE, "ec2:DescribeInstanceTopology"),
    ],
    ids=["the node policy of 3d70e42", "no images", "another's policy", "the other driver's", "the former policy"],
)
def test_a_planted_fault_is_found(policies: set[str], callers: tuple[Caller, ...], call: str) -> None:
    assert any(found.startswith(f"{call} ") for found in missing(policies, callers))


def test_a_volume_without_the_driver_s_mark_is_not_its_own() -> None:
    policy = published()["AmazonEBSCSIDriverPolicyV2"]
    volume = "arn:aws:ec2:us-east-2:111122223333:volume/vol-0a1b2c3d4e5f60718"
    assert not permitted(iter([policy]), "ec2:DeleteVolume", volume, {})


def test_the_simulation_s_table_is_the_published_one() -> None:
    assert f"moto {version('moto')}, iam/aws_managed_policies.py" == simulated.SOURCE
    assert TABLE.read_text(encoding="utf-8") == table(), "run python -m tests.witnesses.aws.managed_policies"
