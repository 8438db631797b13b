"""What a program declares on AWS, made once more in moto by the calls that the provider would make.

Moto is an EC2, an IAM and an EFS that we did not write: it refuses what they refuse, and answers with what is there.
Ids of the simulated account are replaced by those of moto, so that each object refers to one that was made before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 is untyped
from botocore import xform_name  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - likewise
from pydantic import JsonValue, TypeAdapter

from simulation.clouds.aws import vocabulary as v
from simulation.provider.values import Object, object_from_wire, text, texts
from tests.simulation.clouds.recording import Recorder

REGION = "us-east-2"
Json = dict[str, JsonValue]
_JSON: TypeAdapter[Json] = TypeAdapter(Json)


@dataclass(frozen=True)
class Wanted:
    """One object as the program declares it.

    Attributes:
        token: Its type.
        identifier: Its id in the simulated account.
        inputs: Its inputs.
    """

    token: str
    identifier: str
    inputs: Object


def wanted(recorder: Recorder) -> Iterator[Wanted]:
    """What a program made of the types that moto has, in an order in which everything exists before it is named."""
    for token in MAKERS:
        for made in recorder.made.get(token, []):
            yield Wanted(token, made.identifier, object_from_wire(made.wire))


class MotoAccount:
    """An account of moto; make one inside of ``moto.mock_aws()``.

    Attributes:
        ids: What the ids of the simulated account are called there.
    """

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def call(self, service: str, operation: str, **parameters: JsonValue) -> Json:
        """Make a call, whose parameters botocore's validators see first."""
        client = boto3.client(service, region_name=REGION)  # pyright: ignore[reportUnknownMemberType, reportCallIssue, reportArgumentType, reportUnknownVariableType] - boto3 is untyped
        answer = getattr(client, xform_name(operation))(**parameters)  # pyright: ignore[reportUnknownArgumentType] - likewise
        return _JSON.validate_json(json.dumps(answer, default=str))

    def make(self, thing: Wanted) -> None:
        """Make one object."""
        identifier = MAKERS[thing.token](self, thing.inputs)
        if thing.identifier:
            self.ids[thing.identifier] = identifier

    def there(self, identifier: str) -> str:
        """What an id is called there."""
        return self.ids[identifier]

    def all(self, identifiers: list[str]) -> list[JsonValue]:
        """What several ids are called there."""
        return [self.ids[identifier] for identifier in identifiers]

    def transit_gateway(self, identifier: str) -> None:
        """Make a transit gateway that the program adopts."""
        self.ids[identifier] = _id(self.call("ec2", "CreateTransitGateway"), "TransitGateway", "TransitGatewayId")

    def security_group_of_eks(self, identifier: str, vpc: str) -> None:
        """Make the group that EKS makes with a cluster."""
        answer = self.call("ec2", "CreateSecurityGroup", GroupName="eks", Description="eks", VpcId=self.there(vpc))
        self.ids[identifier] = _id(answer, "GroupId")


Maker = Callable[[MotoAccount, Object], str]
"""Makes an object of these inputs, and says its id."""


def _id(answer: JsonValue, *path: str) -> str:
    for step in path:
        assert isinstance(answer, dict)
        answer = answer[step]
    assert isinstance(answer, str)
    return answer


def _tagged(kind: str, inputs: Object) -> list[JsonValue]:
    tags = inputs.get("tags")
    pairs: list[JsonValue] = (
        [{"Key": key, "Value": str(value)} for key, value in tags.items()] if isinstance(tags, dict) else []
    )
    return [{"ResourceType": kind, "Tags": pairs}] if pairs else []


def _vpc(account: MotoAccount, inputs: Object) -> str:
    vpc = _id(
        account.call("ec2", "CreateVpc", CidrBlock=text(inputs, "cidrBlock"), TagSpecifications=_tagged("vpc", inputs)),
        *("Vpc", "VpcId"),
    )
    for setting in ("enableDnsSupport", "enableDnsHostnames"):
        switch: Json = {setting[0].upper() + setting[1:]: {"Value": inputs.get(setting) is True}}
        account.call("ec2", "ModifyVpcAttribute", VpcId=vpc, **switch)
    return vpc


def _subnet(account: MotoAccount, inputs: Object) -> str:
    answer = account.call(
        *("ec2", "CreateSubnet"),
        VpcId=account.there(text(inputs, "vpcId")),
        CidrBlock=text(inputs, "cidrBlock"),
        AvailabilityZone=text(inputs, "availabilityZone"),
        TagSpecifications=_tagged("subnet", inputs),
    )
    return _id(answer, "Subnet", "SubnetId")


def _internet_gateway(account: MotoAccount, inputs: Object) -> str:
    gateway = _id(account.call("ec2", "CreateInternetGateway"), "InternetGateway", "InternetGatewayId")
    vpc = account.there(text(inputs, "vpcId"))
    account.call("ec2", "AttachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    return gateway


def _eip(account: MotoAccount, inputs: Object) -> str:
    return _id(account.call("ec2", "AllocateAddress", Domain=text(inputs, "domain")), "AllocationId")


def _nat_gateway(account: MotoAccount, inputs: Object) -> str:
    answer = account.call(
        *("ec2", "CreateNatGateway"),
        AllocationId=account.there(text(inputs, "allocationId")),
        SubnetId=account.there(text(inputs, "subnetId")),
    )
    return _id(answer, "NatGateway", "NatGatewayId")


def _route_table(account: MotoAccount, inputs: Object) -> str:
    answer = account.call("ec2", "CreateRouteTable", VpcId=account.there(text(inputs, "vpcId")))
    return _id(answer, "RouteTable", "RouteTableId")


def _association(account: MotoAccount, inputs: Object) -> str:
    table, subnet = (account.there(text(inputs, key)) for key in ("routeTableId", "subnetId"))
    return _id(account.call("ec2", "AssociateRouteTable", RouteTableId=table, SubnetId=subnet), "AssociationId")


def _route(account: MotoAccount, inputs: Object) -> str:
    targets: Json = {
        key[0].upper() + key[1:]: account.there(text(inputs, key))
        for key in ("gatewayId", "natGatewayId", "transitGatewayId")
        if text(inputs, key)
    }
    table, cidr = account.there(text(inputs, "routeTableId")), text(inputs, "destinationCidrBlock")
    account.call("ec2", "CreateRoute", RouteTableId=table, DestinationCidrBlock=cidr, **targets)
    return ""


def _attachment(account: MotoAccount, inputs: Object) -> str:
    answer = account.call(
        *("ec2", "CreateTransitGatewayVpcAttachment"),
        TransitGatewayId=account.there(text(inputs, "transitGatewayId")),
        VpcId=account.there(text(inputs, "vpcId")),
        SubnetIds=account.all(texts(inputs, "subnetIds")),
    )
    return _id(answer, "TransitGatewayVpcAttachment", "TransitGatewayAttachmentId")


def _endpoint(account: MotoAccount, inputs: Object) -> str:
    lists: Json = {
        key[0].upper() + key[1:]: account.all(texts(inputs, key))
        for key in ("routeTableIds", "subnetIds", "securityGroupIds")
        if texts(inputs, key)
    }
    answer = account.call(
        *("ec2", "CreateVpcEndpoint"),
        VpcEndpointType=text(inputs, "vpcEndpointType"),
        VpcId=account.there(text(inputs, "vpcId")),
        ServiceName=text(inputs, "serviceName"),
        PrivateDnsEnabled=inputs.get("privateDnsEnabled") is True,
        **lists,
    )
    return _id(answer, "VpcEndpoint", "VpcEndpointId")


def _security_group(account: MotoAccount, inputs: Object) -> str:
    group = _id(
        account.call(
            *("ec2", "CreateSecurityGroup"),
            GroupName=text(inputs, "name"),
            Description=text(inputs, "description"),
            VpcId=account.there(text(inputs, "vpcId")),
        ),
        "GroupId",
    )
    # The provider takes the rule away that EC2 gives to every new group (terraform-provider-aws, aws_security_group).
    everything: Json = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    account.call("ec2", "RevokeSecurityGroupEgress", GroupId=group, IpPermissions=[everything])
    return group


def _rule(direction: str) -> Maker:
    def make(account: MotoAccount, inputs: Object) -> str:
        rule: Json = {"IpProtocol": text(inputs, "ipProtocol")}
        for key in ("fromPort", "toPort"):
            port = inputs.get(key)
            if isinstance(port, int | float):
                rule[key[0].upper() + key[1:]] = int(port)
        about: Json = {"Description": text(inputs, "description")}
        other = text(inputs, "referencedSecurityGroupId")
        if other:
            rule["UserIdGroupPairs"] = [{"GroupId": account.there(other), **about}]
        else:
            rule["IpRanges"] = [{"CidrIp": text(inputs, "cidrIpv4"), **about}]
        group = account.there(text(inputs, "securityGroupId"))
        account.call("ec2", f"AuthorizeSecurityGroup{direction}", GroupId=group, IpPermissions=[rule])
        return ""

    return make


def _role(account: MotoAccount, inputs: Object) -> str:
    given: Mapping[str, str] = {
        "Path": text(inputs, "path"),
        "PermissionsBoundary": text(inputs, "permissionsBoundary"),
    }
    further: Json = {key: value for key, value in given.items() if value}
    name, trust = text(inputs, "name"), text(inputs, "assumeRolePolicy")
    account.call("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trust, **further)
    return name


def _policy(account: MotoAccount, inputs: Object) -> str:
    role, policy = text(inputs, "role"), text(inputs, "policyArn")
    account.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=policy)
    return ""


def _inline_policy(account: MotoAccount, inputs: Object) -> str:
    role, name, document = (text(inputs, key) for key in ("role", "name", "policy"))
    account.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=document)
    return ""


def _file_system(account: MotoAccount, inputs: Object) -> str:
    answer = account.call(
        *("efs", "CreateFileSystem"),
        CreationToken=text(inputs, "creationToken"),
        Encrypted=inputs.get("encrypted") is True,
        ThroughputMode=text(inputs, "throughputMode"),
    )
    return _id(answer, "FileSystemId")


def _mount_target(account: MotoAccount, inputs: Object) -> str:
    answer = account.call(
        *("efs", "CreateMountTarget"),
        FileSystemId=account.there(text(inputs, "fileSystemId")),
        SubnetId=account.there(text(inputs, "subnetId")),
        SecurityGroups=account.all(texts(inputs, "securityGroups")),
    )
    return _id(answer, "MountTargetId")


MAKERS: Mapping[str, Maker] = {
    v.VPC: _vpc,
    v.SUBNET: _subnet,
    v.SECURITY_GROUP: _security_group,
    v.INTERNET_GATEWAY: _internet_gateway,
    v.EIP: _eip,
    v.NAT_GATEWAY: _nat_gateway,
    v.ROUTE_TABLE: _route_table,
    v.ROUTE_TABLE_ASSOCIATION: _association,
    v.VPC_ENDPOINT: _endpoint,
    v.VPC_ATTACHMENT: _attachment,
    v.ROUTE: _route,
    v.INGRESS_RULE: _rule("Ingress"),
    v.EGRESS_RULE: _rule("Egress"),
    v.ROLE: _role,
    v.ROLE_POLICY_ATTACHMENT: _policy,
    v.ROLE_POLICY: _inline_policy,
    v.EFS_FILE_SYSTEM: _file_system,
    v.MOUNT_TARGET: _mount_target,
}
"""By type, in the order in which the types are made."""


def listed(answer: Json, name: str) -> list[Json]:
    """The objects of a list in an answer."""
    found = answer[name]
    assert isinstance(found, list)
    return [item for item in found if isinstance(item, dict)]
