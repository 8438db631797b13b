"""What the account is asked at preview, as calls of AWS, and answers of those calls as AWS documents them.

The provider makes one call of each look-up. Botocore's validators judge both directions: what is asked, and whether a
recorded answer has the shape that the service model publishes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from botocore.loaders import Loader  # pyright: ignore[reportMissingTypeStubs] - botocore is untyped
from botocore.model import ServiceModel  # pyright: ignore[reportMissingTypeStubs] - botocore is untyped
from botocore.validate import ParamValidator  # pyright: ignore[reportMissingTypeStubs] - botocore is untyped
from pydantic import JsonValue

from components.clusters.eks.images import AmiType, release_parameter

Json = dict[str, JsonValue]
ZONES = {"us-east-2a": "use2-az1", "us-east-2b": "use2-az2", "us-east-2c": "use2-az3"}
RESERVATION: Json = {
    "Id": "cr-0a1b2c3d4e5f60718",
    "AvailabilityZone": "us-east-2b",
    "AvailableInstanceCount": 2,
    "CapacityReservationArn": "arn:aws:ec2:us-east-2:111122223333:capacity-reservation/cr-0a1b2c3d4e5f60718",
    "CreateDate": "2026-11-02T09:12:45.000Z",
    "EbsOptimized": True,
    "EndDateType": "unlimited",
    "InstanceCount": 2,
    "InstanceMatchCriteria": "targeted",
    "InstancePlatform": "Linux/UNIX",
    "InstanceType": "p5.48xlarge",
    "OwnerId": "111122223333",
    "ReservationType": "default",
    "StartDate": "2026-11-02T09:12:45.000Z",
    "State": "active",
    "Tenancy": "default",
    "TotalInstanceCount": 2,
}
"""As Cloud Control answers, in the words of the registry's model."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One look-up.

    Attributes:
        service: Service that is called, as botocore names its model.
        operation: The call.
        parameters: What the provider sends of the look-up's arguments.
        answer: What AWS answers; those of a fresh account where they differ.
        result: What the provider makes of it.
    """

    service: str
    operation: str
    parameters: Callable[[Json], Json]
    answer: Json
    result: Callable[[Json], Json]

    def wrong_parameters(self, arguments: Json) -> str:
        """What botocore says of the call."""
        return report(self.service, self.operation, "input", self.parameters(arguments))

    def wrong_answer(self) -> str:
        """What botocore says of the recorded answer."""
        return report(self.service, self.operation, "output", self.answer)


def report(service: str, operation: str, direction: str, value: JsonValue) -> str:
    """What is wrong with one side of a call; empty when nothing is."""
    model = ServiceModel(Loader().load_service_model(service, "service-2"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - botocore is untyped
    shape = getattr(model.operation_model(operation), f"{direction}_shape")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - likewise
    return str(ParamValidator().validate(value, shape).generate_report())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - likewise


def _each(found: JsonValue, name: str) -> list[JsonValue]:
    """A member of each element."""
    assert isinstance(found, list)
    return [item[name] for item in found if isinstance(item, dict)]


def _quota(answer: Json) -> Json:
    quota = answer["Quota"]
    assert isinstance(quota, dict)
    return {"value": quota["Value"], "quotaCode": quota["QuotaCode"], "quotaName": quota["QuotaName"]}


def _resource(answer: Json) -> Json:
    described = answer["ResourceDescription"]
    assert isinstance(described, dict)
    return {"identifier": described["Identifier"], "properties": described["Properties"]}


def _filters(arguments: Json) -> list[JsonValue]:
    found = arguments.get("filters", [])
    assert isinstance(found, list)
    return [{"Name": item["name"], "Values": item["values"]} for item in found if isinstance(item, dict)]


def _tags(arguments: Json) -> list[JsonValue]:
    tags = arguments["instanceTags"]
    assert isinstance(tags, dict)
    states: Json = {"Name": "instance-state-name", "Values": arguments["instanceStateNames"]}
    return [states, *({"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items())]


# What the look-up returns beside the version; nothing of it is read.
_VERSION_DETAILS: Json = {
    "clusterType": "eks",
    "controlPlaneComponentConfigs": [],
    "controlPlaneScalingTiers": [],
    "defaultPlatformVersion": "eks.9",
    "defaultVersion": False,
    "endOfExtendedSupportDate": "",
    "endOfStandardSupportDate": "",
    "kubernetesPatchVersion": "",
    "releaseDate": "",
    "versionStatus": "STANDARD_SUPPORT",
}
QUESTIONS: Mapping[str, Question] = {
    "aws:index/getCallerIdentity:getCallerIdentity": Question(
        service="sts",
        operation="GetCallerIdentity",
        parameters=lambda _arguments: {},
        answer={
            "UserId": "AROA123456789EXAMPLE:simulated",
            "Account": "111122223333",
            "Arn": "arn:aws:sts::111122223333:assumed-role/strata-deployer/simulated",
        },
        result=lambda answer: {"arn": answer["Arn"], "accountId": answer["Account"]},
    ),
    "aws:servicequotas/getServiceQuota:getServiceQuota": Question(
        service="service-quotas",
        operation="GetServiceQuota",
        parameters=lambda arguments: {
            "ServiceCode": arguments["serviceCode"],
            "QuotaCode": arguments["quotaCode"],
        },
        # Accounts that never asked have none of these machines.
        answer={
            "Quota": {
                "ServiceCode": "ec2",
                "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
                "QuotaArn": "arn:aws:servicequotas:us-east-2:111122223333:ec2/L-417A185B",
                "QuotaCode": "L-417A185B",
                "QuotaName": "Running On-Demand P instances",
                "Value": 0.0,
                "Unit": "None",
                "Adjustable": True,
                "GlobalQuota": False,
            }
        },
        result=_quota,
    ),
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": Question(
        service="ec2",
        operation="DescribeInstanceTypeOfferings",
        parameters=lambda arguments: {"LocationType": arguments["locationType"], "Filters": _filters(arguments)},
        answer={
            "InstanceTypeOfferings": [
                {"InstanceType": "p5.48xlarge", "LocationType": "availability-zone", "Location": zone} for zone in ZONES
            ]
        },
        result=lambda answer: {"locations": _each(answer["InstanceTypeOfferings"], "Location")},
    ),
    "aws:index/getAvailabilityZones:getAvailabilityZones": Question(
        service="ec2",
        operation="DescribeAvailabilityZones",
        parameters=lambda _arguments: {},
        answer={
            "AvailabilityZones": [
                {
                    "OptInStatus": "opt-in-not-required",
                    "RegionName": "us-east-2",
                    "ZoneId": identifier,
                    "ZoneName": name,
                    "GroupName": "us-east-2",
                    "NetworkBorderGroup": "us-east-2",
                    "ZoneType": "availability-zone",
                    "State": "available",
                }
                for name, identifier in ZONES.items()
            ]
        },
        result=lambda answer: {
            "names": _each(answer["AvailabilityZones"], "ZoneName"),
            "zoneIds": _each(answer["AvailabilityZones"], "ZoneId"),
        },
    ),
    "aws:cloudwatch/getLogGroups:getLogGroups": Question(
        service="logs",
        operation="DescribeLogGroups",
        parameters=lambda arguments: {"logGroupNamePrefix": arguments["logGroupNamePrefix"]},
        # What EKS makes has no retentionInDays.
        answer={
            "logGroups": [
                {
                    "logGroupName": "/aws/eks/prod/cluster",
                    "creationTime": 1795000000000,
                    "metricFilterCount": 0,
                    "arn": "arn:aws:logs:us-east-2:111122223333:log-group:/aws/eks/prod/cluster:*",
                    "storedBytes": 0,
                    "logGroupClass": "STANDARD",
                }
            ]
        },
        result=lambda answer: {"logGroupNames": _each(answer["logGroups"], "logGroupName")},
    ),
    "aws:cloudwatch/getLogGroup:getLogGroup": Question(
        service="logs",
        operation="DescribeLogGroups",
        parameters=lambda arguments: {"logGroupNamePrefix": arguments["name"]},
        answer={"logGroups": [{"logGroupName": "/aws/eks/prod/cluster", "storedBytes": 0}]},
        result=lambda _answer: {"name": "/aws/eks/prod/cluster", "retentionInDays": 0, "tags": {}},
    ),
    "aws:eks/getClusters:getClusters": Question(
        service="eks",
        operation="ListClusters",
        parameters=lambda _arguments: {},
        answer={"clusters": ["other"]},
        result=lambda answer: {"names": answer["clusters"]},
    ),
    "aws:eks/getClusterVersions:getClusterVersions": Question(
        service="eks",
        operation="DescribeClusterVersions",
        parameters=lambda _arguments: {},
        answer={
            "clusterVersions": [
                {
                    "clusterVersion": version,
                    "clusterType": "eks",
                    "defaultPlatformVersion": "eks.9",
                    "defaultVersion": False,
                    "kubernetesPatchVersion": f"{version}.4",
                    "status": "standard-support",
                    "versionStatus": "STANDARD_SUPPORT",
                }
                for version in ("1.36", "1.35", "1.34")
            ]
        },
        result=lambda answer: {
            "clusterVersions": [
                {"clusterVersion": version, **_VERSION_DETAILS}
                for version in _each(answer["clusterVersions"], "clusterVersion")
            ]
        },
    ),
    "aws:eks/getAddon:getAddon": Question(
        service="eks",
        operation="DescribeAddon",
        parameters=lambda arguments: {"clusterName": arguments["clusterName"], "addonName": arguments["addonName"]},
        answer={
            "addon": {
                "addonName": "aws-ebs-csi-driver",
                "clusterName": "prod",
                "status": "ACTIVE",
                "addonVersion": "v1.55.0-eksbuild.1",
                "health": {"issues": []},
            }
        },
        result=lambda _answer: {"addonName": "aws-ebs-csi-driver", "clusterName": "prod"},
    ),
    "aws:eks/getNodeGroups:getNodeGroups": Question(
        service="eks",
        operation="ListNodegroups",
        parameters=lambda arguments: {"clusterName": arguments["clusterName"]},
        answer={"nodegroups": ["system"]},
        result=lambda answer: {"names": answer["nodegroups"]},
    ),
    "aws:eks/getNodeGroup:getNodeGroup": Question(
        service="eks",
        operation="DescribeNodegroup",
        parameters=lambda arguments: {
            "clusterName": arguments["clusterName"],
            "nodegroupName": arguments["nodeGroupName"],
        },
        answer={
            "nodegroup": {
                "nodegroupName": "system",
                "clusterName": "prod",
                "version": "1.35",
                "releaseVersion": "1.35.0-20260401",
                "amiType": "AL2023_x86_64_STANDARD",
            }
        },
        result=lambda _answer: {
            "nodeGroupName": "system",
            "releaseVersion": "1.35.0-20260401",
            "amiType": "AL2023_x86_64_STANDARD",
        },
    ),
    "aws:ssm/getParameter:getParameter": Question(
        service="ssm",
        operation="GetParameter",
        parameters=lambda arguments: {"Name": arguments["name"]},
        answer={
            "Parameter": {
                "Name": release_parameter("1.35", AmiType.X86_STANDARD),
                "Type": "String",
                "Value": "1.35.0-20260401",
                "Version": 12,
                "DataType": "text",
            }
        },
        result=lambda _answer: {"value": "1.35.0-20260401"},
    ),
    "aws:cloudcontrol/getResource:getResource": Question(
        service="cloudcontrol",
        operation="GetResource",
        parameters=lambda arguments: {"TypeName": arguments["typeName"], "Identifier": arguments["identifier"]},
        answer={
            "TypeName": "AWS::EC2::CapacityReservation",
            "ResourceDescription": {"Identifier": RESERVATION["Id"], "Properties": json.dumps(RESERVATION)},
        },
        result=_resource,
    ),
    "aws:ec2/getInstances:getInstances": Question(
        service="ec2",
        operation="DescribeInstances",
        parameters=lambda arguments: {"Filters": _tags(arguments)},
        answer={"Reservations": []},
        result=lambda _answer: {"ids": []},
    ),
    "aws:ec2transitgateway/getTransitGateway:getTransitGateway": Question(
        service="ec2",
        operation="DescribeTransitGateways",
        parameters=lambda arguments: {"TransitGatewayIds": [arguments["id"]]},
        answer={
            "TransitGateways": [
                {
                    "TransitGatewayId": "tgw-0a1b2c3d4e5f60718",
                    "State": "available",
                    "OwnerId": "444455556666",
                    "Options": {"AmazonSideAsn": 64512, "AutoAcceptSharedAttachments": "disable"},
                }
            ]
        },
        result=lambda _answer: {"ownerId": "444455556666", "autoAcceptSharedAttachments": "disable"},
    ),
    "aws:ec2transitgateway/getVpcAttachments:getVpcAttachments": Question(
        service="ec2",
        operation="DescribeTransitGatewayVpcAttachments",
        parameters=lambda arguments: {"Filters": _filters(arguments)},
        answer={"TransitGatewayVpcAttachments": []},
        result=lambda _answer: {"ids": []},
    ),
    "aws:ec2/getSubnet:getSubnet": Question(
        service="ec2",
        operation="DescribeSubnets",
        parameters=lambda arguments: {"SubnetIds": [arguments["id"]]},
        answer={
            "Subnets": [
                {
                    "AvailabilityZone": "us-east-2a",
                    "AvailabilityZoneId": "use2-az1",
                    "CidrBlock": "10.0.0.0/20",
                    "OwnerId": "999988887777",
                    "State": "available",
                    "SubnetId": "subnet-01234567",
                    "VpcId": "vpc-0123456789abcdef0",
                }
            ]
        },
        result=lambda _answer: {"vpcId": "vpc-0123456789abcdef0", "availabilityZone": "us-east-2a"},
    ),
}
"""By the look-up's token."""
