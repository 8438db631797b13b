"""What we declare, and what the simulated account accepts, by AWS's registry schemas and service models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import JsonValue

from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.cloud import AWS
from simulation.provider.rules import OneOf
from simulation.provider.tables import Kind
from simulation.provider.values import Object, text, texts

from .declared import sent
from .json_schema import violations
from .judging import judge_inputs, judge_table
from .published_types import TYPES, UNPUBLISHED
from .schemas import raw_schema, schema
from .service_models import has_operation

pytestmark = [pytest.mark.slow]


def test_everything_declared_is_taken_by_aws() -> None:
    found = [(label, token, inputs) for label, token, inputs in sent() if token not in UNPUBLISHED]
    assert len({token for _, token, _ in found}) > 35
    wrong = [
        f"{label}: {token}: {problem}" for label, token, inputs in found for problem in judge_inputs(token, inputs)
    ]
    assert wrong == []


def _tunnel(connection: Object, number: int) -> list[str]:
    """What is wrong with one tunnel of a VPN connection; both are one list in the schema."""
    written: JsonValue = {
        "PreSharedKey": text(connection, f"tunnel{number}PresharedKey"),
        "TunnelInsideCidr": text(connection, f"tunnel{number}InsideCidr"),
        "IKEVersions": [{"Value": version} for version in texts(connection, f"tunnel{number}IkeVersions")],
    }
    known = raw_schema("AWS::EC2::VPNConnection")
    part = {"definitions": known["definitions"], "$ref": "#/definitions/VpnTunnelOptionsSpecification"}
    return violations(part, written)


def test_every_tunnel_is_taken_by_aws() -> None:
    connections = [inputs for _, token, inputs in sent() if token == v.VPN_CONNECTION]
    assert connections
    assert [problem for inputs in connections for number in (1, 2) for problem in _tunnel(inputs, number)] == []
    broken: Object = {**connections[0], "tunnel1IkeVersions": ["ikev3"]}
    assert _tunnel(broken, 1)


@pytest.mark.parametrize("token", AWS.kinds)
def test_a_table_of_the_simulation_says_what_aws_publishes(token: str) -> None:
    assert token in UNPUBLISHED or judge_table(AWS.kinds[token]) == []


def test_exceptions_are_about_what_is_there() -> None:
    assert TYPES.keys() | UNPUBLISHED.keys() >= AWS.kinds.keys()
    idle = [
        f"{token}: {path}"
        for token, published in TYPES.items()
        for path in (
            *published.own,
            *published.in_place,
            *published.replaced,
            *published.unlisted,
            *published.shapes,
        )
        if path not in AWS.kinds[token].properties
    ]
    assert idle == []


def test_what_is_changed_in_place_has_a_call_for_it() -> None:
    calls = {call for published in TYPES.values() for call in published.in_place.values()}
    assert [call for call in calls if not has_operation(call)] == []
    assert not has_operation("ec2:ModifyEverything")


def _of(token: str) -> Object:
    """The first resource of a type."""
    return next(inputs for _, found, inputs in sent() if found == token)


@pytest.mark.parametrize(
    ("token", "fault", "says"),
    [
        (v.NODE_GROUP, {"amiType": "AL2023_x86_64_NVIDA"}, "'AL2023_x86_64_NVIDA' is not one of"),
        (v.NODE_GROUP, {"nodeRoleArn": None}, "'NodeRole' is a required property"),
        (v.NODE_GROUP, {"roleArn": "arn"}, "roleArn: AWS::EKS::Nodegroup has no"),
        (v.NODE_GROUP, {"updateConfig": {"updateStrategy": "SURGE"}}, "'SURGE' is not one of"),
        (v.LOG_GROUP, {"retentionInDays": 91}, "91 is not one of"),
        (v.LAUNCH_TEMPLATE, {"metadataOptions": {"httpTokens": "always"}}, ""),
        (v.CLUSTER, {"vpcConfig": None}, "'ResourcesVpcConfig' is a required property"),
        (v.CLUSTER, {"enabledClusterLogTypes": ["audits"]}, "'audits' is not one of"),
        (v.EFS_FILE_SYSTEM, {"throughputMod": "elastic"}, "throughputMod: AWS::EFS::FileSystem has no"),
        (v.ACCESS_POLICY, {"accessScope": {"type": "team"}}, ""),
    ],
)
def test_a_planted_fault_of_a_resource_is_found(token: str, fault: Object, says: str) -> None:
    broken: Object = {key: value for key, value in {**_of(token), **fault}.items() if value is not None}
    assert judge_inputs(token, _of(token)) == []
    found = judge_inputs(token, broken)
    assert found
    assert any(says in problem for problem in found), found


def _changed(path: str, **changes: object) -> Callable[[Kind], Kind]:
    def apply(kind: Kind) -> Kind:
        return replace(kind, properties={**kind.properties, path: replace(kind.properties[path], **changes)})

    return apply


@pytest.mark.parametrize(
    ("token", "fault", "says"),
    [
        (v.NODE_GROUP, _changed("subnetIds", fixed=False), "subnetIds: a change makes a new object"),
        (v.NODE_GROUP, _changed("labels", fixed=True), "labels: a change is made in place"),
        (v.NODE_GROUP, _changed("capacityType", allowed=OneOf("ON_DEMAND", "RESERVED")), "RESERVED is not one of"),
        (v.SUBNET, _changed("cidrBlock", fixed=False), "cidrBlock: a change makes a new object"),
        (v.LUSTRE, _changed("deploymentType", allowed=OneOf("PERSISTENT_3")), "PERSISTENT_3 is not one of"),
        (v.KEY, _changed("enableKeyRotation", allowed=OneOf("yes")), "yes is not one of true, false"),
        (v.ROLE, _changed("path", allowed=OneOf("/teams/")), "the schema has no closed list"),
    ],
)
def test_a_planted_fault_of_a_table_is_found(token: str, fault: Callable[[Kind], Kind], says: str) -> None:
    assert any(says in problem for problem in judge_table(fault(AWS.kinds[token])))


def test_a_planted_property_of_a_table_is_found() -> None:
    kind = AWS.kinds[v.VPC]
    invented = replace(kind, properties={**kind.properties, "dnsName": kind.properties["cidrBlock"]})
    assert "dnsName: AWS::EC2::VPC has no dnsName" in judge_table(invented)


def test_schemas_are_read_with_their_rights() -> None:
    assert "iam:PassRole" in schema("AWS::EKS::Nodegroup").handlers["create"].permissions
