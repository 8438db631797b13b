"""Each role may do what the software behind it does, as AWS's own policies say and moto's access control judges."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path

import pytest

from components.clusters.eks.load_balancer_policy import STATEMENTS
from simulation.clouds.aws import managed_policies as simulated
from simulation.clouds.aws import vocabulary as v
from simulation.provider.values import Object, objects, text
from tests.simulation.clouds.recording import Recorder

from .declared import programs
from .managed_policies import TABLE, Document, Statement, inline, permitted, published, table
from .role_calls import ADD_ONS, CONTROL_PLANE, NODE, PODS, Call, Caller

pytestmark = [pytest.mark.slow]
_ARN = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True)
class Role:
    """A role that a program makes.

    Attributes:
        name: Its name.
        policies: Names of its policies, paths included.
        callers: The software that takes it on.
        own: Documents of the policies inside of it.
    """

    name: str
    policies: frozenset[str]
    callers: tuple[Caller, ...]
    own: tuple[str, ...] = ()

    def missing(self) -> list[str]:
        """Calls that its policies do not allow."""
        return missing(self.policies, self.callers, self.own)


def missing(policies: Iterable[str], callers: Iterable[Caller], own: Iterable[str] = ()) -> list[str]:
    attached = [*(published()[policy] for policy in policies), *(inline(document) for document in own)]
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
    inside: dict[str, list[str]] = {}
    for policy in recorder.sent.get(v.ROLE_POLICY, []):
        inside.setdefault(text(policy, "role"), []).append(text(policy, "policy"))
    for role in recorder.sent.get(v.ROLE, []):
        name = text(role, "name")
        callers, own = tuple(_callers(recorder, role)), tuple(inside.get(name, ()))
        yield Role(name, frozenset(attached.get(name, ())), callers, own)


def _callers(recorder: Recorder, role: Object) -> Iterator[Caller]:
    name, trust = text(role, "name"), text(role, "assumeRolePolicy")
    if "ec2.amazonaws.com" in trust:
        yield from NODE
    elif "pods.eks.amazonaws.com" in trust:
        for add_on in recorder.sent.get(v.ADDON, []):
            arns = [text(identity, "roleArn") for identity in objects(add_on, "podIdentityAssociations")]
            if any(arn.rpartition("/")[2] == name for arn in arns):
                yield from ADD_ONS.get(text(add_on, "addonName"), ())
        for pods in recorder.sent.get(v.POD_IDENTITY, []):
            if text(pods, "roleArn").rpartition("/")[2] == name:
                yield from PODS[text(pods, "namespace"), text(pods, "serviceAccount")]
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


_BALANCERS = ("kube-system", "aws-load-balancer-controller")
_BALANCERS_PUBLISHED = Path(__file__).with_name("load_balancer_controller_policy.json")


def _balancers() -> str:
    """The document that the program writes for the load balancer controller."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(STATEMENTS)})


def test_the_load_balancer_controller_may_do_nothing_that_its_project_does_not_publish() -> None:
    known = Document.model_validate_json(_BALANCERS_PUBLISHED.read_text()).statements
    surplus = [
        f"{action} on {resource}"
        for ours in inline(_balancers()).document.statements
        for action in ours.action
        for resource in ours.resource
        if not any(_covers(statement, ours, action, resource) for statement in known)
    ]
    assert surplus == []


def _covers(published: Statement, ours: Statement, action: str, resource: str) -> bool:
    """Whether a published statement allows as much, under no more conditions."""
    wide = any(fnmatchcase(resource, pattern) for pattern in published.resource)
    kept = all(ours.condition.get(operator) == keys for operator, keys in published.condition.items())
    return action in published.action and wide and kept


@pytest.mark.parametrize(
    "call",
    [
        Call("ec2:DeleteSecurityGroup", "arn:aws:ec2:us-east-2:111122223333:security-group/sg-0a1b2c3d4e5f60718"),
        Call(
            "elasticloadbalancing:DeleteLoadBalancer", "arn:aws:elasticloadbalancing:us-east-2:1:loadbalancer/net/a/b"
        ),
        Call("elasticloadbalancing:CreateRule"),
        Call("wafv2:AssociateWebACL"),
        Call("iam:CreateServiceLinkedRole", context={"iam:AWSServiceName": "spot.amazonaws.com"}),
    ],
    ids=lambda call: call.action,
)
def test_the_load_balancer_controller_may_not_touch_what_is_not_its_own(call: Call) -> None:
    assert not permitted(iter([inline(_balancers())]), call.action, call.resource, call.context)


def test_a_call_that_is_taken_from_the_load_balancer_controller_is_missed() -> None:
    fewer = _balancers().replace('"elasticloadbalancing:RegisterTargets", ', "")
    assert fewer != _balancers()
    found = missing((), PODS[_BALANCERS], (fewer,))
    assert [line.partition(" ")[0] for line in found] == ["elasticloadbalancing:RegisterTargets"]


def test_the_simulation_s_table_is_the_published_one() -> None:
    assert f"moto {version('moto')}, iam/aws_managed_policies.py" == simulated.SOURCE
    assert TABLE.read_text(encoding="utf-8") == table(), "run python -m tests.witnesses.aws.managed_policies"
