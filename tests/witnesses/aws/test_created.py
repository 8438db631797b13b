"""Network, roles and shared files of a cluster are made once in moto, which refuses what EC2, IAM and EFS refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - botocore is untyped
from moto import mock_aws

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import TRANSIT_GATEWAY
from simulation.provider.values import Object, Value, text
from tests.simulation.clouds import eks_variants
from tests.simulation.clouds.aws_program import recorded_cluster
from tests.simulation.clouds.recording import Recorder

from .creation import MAKERS, Json, MotoAccount, Wanted, listed, wanted
from .declared import clusters

PROGRAMS = ("aws", "without-nat", "names-in-a-zone")


@cache
def program(label: str) -> Recorder:
    (cluster,) = [cluster for cluster in clusters() if cluster.label == label]
    with TemporaryDirectory() as folder:
        made = recorded_cluster(eks_variants.company(Path(folder)), cluster.target, cluster.pools)
    assert made.problems == []
    return made


@contextmanager
def account(*, policies: bool) -> Generator[MotoAccount, None, None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        with mock_aws(config={"iam": {"load_aws_managed_policies": policies}, "core": {"reset_boto3_session": True}}):
            yield MotoAccount()


def make(made: MotoAccount, recorder: Recorder, things: list[Wanted]) -> None:
    """Make the things, and before the first that refers to them what EKS and the company make."""
    made.transit_gateway(TRANSIT_GATEWAY)
    for thing in things:
        made.make(thing)
        if thing.token == v.VPC:
            group = text(recorder.made[v.CLUSTER][0].outputs, "vpcConfig.clusterSecurityGroupId")
            made.security_group_of_eks(group, thing.identifier)


def targets(routes: list[Json]) -> dict[str, str]:
    """What kind of thing each destination of a route table leads to."""
    return {
        str(route.get("DestinationCidrBlock")): next(
            (kind for kind in ("NatGatewayId", "TransitGatewayId", "GatewayId") if route.get(kind)), ""
        )
        for route in routes
    }


@pytest.mark.parametrize("label", PROGRAMS)
def test_what_a_cluster_needs_is_made_in_moto_as_it_was_declared(label: str) -> None:
    recorder = program(label)
    things = list(wanted(recorder))
    assert Counter(thing.token for thing in things).keys() >= {
        v.VPC,
        v.SUBNET,
        v.ROLE,
        v.EFS_FILE_SYSTEM,
        v.INGRESS_RULE,
    }
    with account(policies=True) as made:
        make(made, recorder, things)
        reaches = {
            str(subnet["SubnetId"]): targets(listed(table, "Routes"))
            for table in listed(made.call("ec2", "DescribeRouteTables"), "RouteTables")
            for subnet in listed(table, "Associations")
            if "SubnetId" in subnet
        }
        for group in recorder.made[v.NODE_GROUP]:
            for subnet in made.all([str(item) for item in _texts(group.outputs.get("subnetIds"))]):
                way_out = reaches[str(subnet)].get("0.0.0.0/0")
                assert way_out == (None if label == "without-nat" else "NatGatewayId")
        for role in recorder.made[v.ROLE]:
            attached = made.call("iam", "ListAttachedRolePolicies", RoleName=role.identifier)
            inside = made.call("iam", "ListRolePolicies", RoleName=role.identifier)
            assert listed(attached, "AttachedPolicies") or inside["PolicyNames"], f"{role.identifier} may do nothing"
        (files,) = recorder.made[v.EFS_FILE_SYSTEM]
        mounted = made.call("efs", "DescribeMountTargets", FileSystemId=made.there(files.identifier))
        zones = {str(target["AvailabilityZoneName"]) for target in listed(mounted, "MountTargets")}
        assert zones == {text(subnet.outputs, "availabilityZone") for subnet in recorder.made[v.SUBNET]}


def _texts(value: Value) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


@dataclass(frozen=True)
class Fault:
    """What is changed in the first object of a type, and the code with which it is refused.

    Attributes:
        change: Makes the wrong inputs of the right ones.
        code: The cloud's code.
        at: Which object of the type.
    """

    change: Callable[[Object], Mapping[str, Value]]
    code: str
    at: int = 0


_IAM = (v.ROLE, v.ROLE_POLICY_ATTACHMENT, v.ROLE_POLICY)
FAULTS = {
    "a VPC larger than EC2 takes": (v.VPC, Fault(lambda _: {"cidrBlock": "10.0.0.0/8"}, "InvalidVpc.Range")),
    "a subnet outside of its VPC": (v.SUBNET, Fault(lambda _: {"cidrBlock": "10.99.0.0/20"}, "InvalidSubnet.Range")),
    "two subnets with one range": (
        v.SUBNET,
        Fault(lambda _: {"cidrBlock": "10.20.0.0/17"}, "InvalidSubnet.Conflict", 1),
    ),
    "a zone that the region has not": (
        v.SUBNET,
        Fault(lambda _: {"availabilityZone": "us-east-2z"}, "InvalidParameterValue"),
    ),
    "a route to what is no range": (
        v.ROUTE,
        Fault(lambda _: {"destinationCidrBlock": "10.250.0.0/40"}, "InvalidParameterValue"),
    ),
    "a policy that AWS has not": (
        v.ROLE_POLICY_ATTACHMENT,
        Fault(lambda _: {"policyArn": "arn:aws:iam::aws:policy/AmazonEKSNodes"}, "NoSuchEntity"),
    ),
    "an inline policy that is no policy": (
        v.ROLE_POLICY,
        Fault(lambda _: {"policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Permit"}]}'}, "Malformed"),
    ),
    "two roles with one name": (v.ROLE, Fault(lambda inputs: {"name": text(inputs, "name")}, "EntityAlreadyExists", 1)),
    "two mount targets in one zone": (
        v.MOUNT_TARGET,
        Fault(lambda inputs: {"subnetId": text(inputs, "subnetId")}, "MountTargetConflict", 1),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_refused(fault: str) -> None:
    token, planted = FAULTS[fault]
    recorder = program("names-in-a-zone" if token == v.ROLE_POLICY else "aws")
    needed = _IAM if token in _IAM else [kind for kind in MAKERS if kind not in _IAM]
    things = [thing for thing in wanted(recorder) if thing.token in needed]
    places = [place for place, thing in enumerate(things) if thing.token == token]
    place = places[planted.at]
    right = things[place]
    wrong = replace(right, inputs={**right.inputs, **planted.change(things[places[0]].inputs)})
    with account(policies=token in _IAM[1:]) as made, pytest.raises(ClientError, match=planted.code):
        make(made, recorder, [*things[:place], wrong])
