"""The rights that each type needs: what CloudFormation calls by AWS's registry schemas, and the provider besides.

``python -m tests.witnesses.aws.deployer_rights`` writes the table of the EKS component anew. The component must not
need cfn-lint, so it keeps the rights of the types that a stack may declare.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from components.clusters.deployer_rights import ACCOUNT
from components.clusters.eks.deployer_rights import DEPLOYER_RIGHTS
from simulation.clouds.aws import vocabulary as v

from .published_types import TYPES, UNPUBLISHED
from .questions import QUESTIONS
from .schemas import schema

TABLE = DEPLOYER_RIGHTS.table
_CFN = f"cfn-lint {version('cfn-lint')}"
_HANDLERS = ("create", "read", "update", "delete")
_EC2 = "hashicorp/terraform-provider-aws internal/service/ec2"
_IAM = "hashicorp/terraform-provider-aws internal/service/iam"
_LINGERING = f"{_EC2}/vpc_security_group.go, deleteLingeringENIs"
_FSX = "FSx for Lustre user guide, API actions; its schema has no handlers"
_INTERFACES = ("ec2:DescribeNetworkInterfaces", "ec2:DetachNetworkInterface", "ec2:DeleteNetworkInterface")

NOT_CALLED: Mapping[str, str] = {
    **dict.fromkeys(("s3:REST.PUT.OBJECT", "ec2:ModifyTransitGatewayOptions"), "no action of IAM"),
    **dict.fromkeys(
        (
            *("firehose:TagDeliveryStream", "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:ListLogDeliveries"),
            *("logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
            *("logs:PutResourcePolicy", "logs:DeleteResourcePolicy", "logs:DescribeResourcePolicies"),
        ),
        "logs are not delivered elsewhere",
    ),
    **dict.fromkeys(
        (
            *("logs:DeleteDataProtectionPolicy", "logs:PutDataProtectionPolicy", "logs:GetDataProtectionPolicy"),
            *("logs:DeleteIndexPolicy", "logs:PutIndexPolicy", "logs:PutBearerTokenAuthentication"),
            "logs:PutLogGroupDeletionProtection",
        ),
        "no log group has one",
    ),
    **dict.fromkeys(
        (
            *("iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile"),
            *("iam:GetInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile"),
            "eks:ActivateCertificateAuthority",
        ),
        "of EKS Auto Mode, which is not used",
    ),
    **dict.fromkeys(
        (
            "vpc-lattice:CreateServiceNetworkVpcEndpointAssociation",
            "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation",
            "vpce:AllowMultiRegion",
        ),
        "endpoints are AWS' own, of their region",
    ),
    "sts:AssumeRole": "CloudFormation answers for another account; the provider has that account's own credentials",
    **dict.fromkeys(
        (
            *("ec2:CreateVpcEncryptionControl", "ec2:ModifyVpcTenancy", "ec2:AcceptAddressTransfer"),
            *("ec2:AssociateSubnetCidrBlock", "ec2:DisassociateSubnetCidrBlock"),
            *("ec2:AssignPrivateNatGatewayAddress", "ec2:AssociateNatGatewayAddress"),
            *("ec2:DisassociateNatGatewayAddress", "ec2:UnassignPrivateNatGatewayAddress"),
            *("elasticfilesystem:CreateReplicationConfiguration", "elasticfilesystem:DeleteReplicationConfiguration"),
            *("elasticfilesystem:PutFileSystemPolicy", "elasticfilesystem:DeleteFileSystemPolicy"),
            *("elasticfilesystem:PutBackupPolicy", "elasticfilesystem:UpdateFileSystemProtection"),
        ),
        "of properties that no stack sets",
    ),
}
"""What CloudFormation may call for a type, and this program never."""

PROVIDER: Mapping[str, Mapping[str, str]] = {
    v.VPC: {"ec2:DescribeRouteTables": f"{_EC2}/vpc_.go, findVPCMainRouteTable"},
    v.SUBNET: dict.fromkeys(_INTERFACES, f"{_EC2}/vpc_subnet.go, deleteLingeringENIs"),
    v.SECURITY_GROUP: dict.fromkeys(_INTERFACES, _LINGERING),
    v.DEFAULT_SECURITY_GROUP: dict.fromkeys(
        (
            *("ec2:DescribeSecurityGroups", "ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"),
            *("ec2:CreateTags", "ec2:DeleteTags"),
        ),
        f"{_EC2}/vpc_default_security_group.go",
    ),
    v.INGRESS_RULE: dict.fromkeys(
        ("ec2:DescribeSecurityGroupRules", "ec2:ModifySecurityGroupRules", "ec2:CreateTags", "ec2:DeleteTags"),
        f"{_EC2}/vpc_security_group_ingress_rule.go",
    ),
    v.EGRESS_RULE: dict.fromkeys(
        ("ec2:DescribeSecurityGroupRules", "ec2:ModifySecurityGroupRules", "ec2:CreateTags", "ec2:DeleteTags"),
        f"{_EC2}/vpc_security_group_egress_rule.go",
    ),
    v.INTERNET_GATEWAY: dict.fromkeys(
        ("ec2:AttachInternetGateway", "ec2:DetachInternetGateway"), f"{_CFN} AWS::EC2::VPCGatewayAttachment"
    ),
    v.VPN_GATEWAY: dict.fromkeys(
        ("ec2:AttachVpnGateway", "ec2:DetachVpnGateway"), f"{_CFN} AWS::EC2::VPCGatewayAttachment"
    ),
    v.EIP: {"ec2:DescribeAddressesAttribute": f"{_EC2}/ec2_eip.go, findEIPDomainNameAttributeByAllocationID"},
    v.ROUTE: {"ec2:DescribeRouteTables": f"{_EC2}/vpc_route.go", "ec2:ReplaceRoute": f"{_EC2}/vpc_route.go"},
    v.ROUTE_TABLE_ASSOCIATION: {"ec2:ReplaceRouteTableAssociation": f"{_EC2}/vpc_route_table_association.go"},
    v.LAUNCH_TEMPLATE: dict.fromkeys(
        ("ec2:DescribeLaunchTemplateVersions", "ec2:ModifyLaunchTemplate"), f"{_EC2}/ec2_launch_template.go"
    ),
    v.PLACEMENT_GROUP: dict.fromkeys(("ec2:CreateTags", "ec2:DeleteTags"), f"{_EC2}/ec2_placement_group.go"),
    v.ROLE: {"iam:ListInstanceProfilesForRole": f"{_IAM}/role.go, deleteRoleInstanceProfiles"},
    v.ROLE_POLICY_ATTACHMENT: dict.fromkeys(
        ("iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:ListAttachedRolePolicies"),
        f"{_IAM}/role_policy_attachment.go",
    ),
    v.CLUSTER: {"eks:AssociateEncryptionConfig": "hashicorp/terraform-provider-aws internal/service/eks/cluster.go"},
    v.LUSTRE: {
        **dict.fromkeys(
            (
                *("fsx:CreateFileSystem", "fsx:DescribeFileSystems", "fsx:UpdateFileSystem", "fsx:DeleteFileSystem"),
                *("fsx:TagResource", "fsx:UntagResource", "fsx:ListTagsForResource"),
                *("iam:CreateServiceLinkedRole", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
            ),
            _FSX,
        )
    },
    v.TRANSIT_ACCEPTOR: dict.fromkeys(
        ("directconnect:ConfirmTransitVirtualInterface", "directconnect:DescribeVirtualInterfaces"),
        "Direct Connect API reference, ConfirmTransitVirtualInterface",
    ),
    v.PRIVATE_ACCEPTER: dict.fromkeys(
        ("directconnect:ConfirmPrivateVirtualInterface", "directconnect:DescribeVirtualInterfaces"),
        "Direct Connect API reference, ConfirmPrivateVirtualInterface",
    ),
}
"""What the provider calls for a type beyond its schema, with the place."""

_PREFIXES = {"cloudcontrol": "cloudformation", "service-quotas": "servicequotas"}
# Reading a resource by Cloud Control reads it with the caller's own rights.
_BY_CLOUD_CONTROL = ("ec2:DescribeCapacityReservations",)


def rights() -> Iterator[tuple[str, str, str]]:
    """Type, right and source of each row."""
    for question in QUESTIONS.values():
        prefix = _PREFIXES.get(question.service, question.service)
        yield ACCOUNT, f"{prefix}:{question.operation}", f"botocore {version('botocore')} {question.service}"
    for right in _BY_CLOUD_CONTROL:
        yield ACCOUNT, right, f"{_CFN} AWS::EC2::CapacityReservation"
    for token in (*TYPES, *UNPUBLISHED):
        published = TYPES.get(token)
        handlers = schema(published.schema).handlers if published else {}
        for name in _HANDLERS:
            for right in handlers[name].permissions if name in handlers else ():
                if right not in NOT_CALLED:
                    yield token, right, f"{_CFN} {published.schema if published else ''}"
        for right, source in PROVIDER.get(token, {}).items():
            yield token, right, source


def table() -> str:
    """The table as it has to be; the first source of each right counts."""
    known: dict[tuple[str, str], str] = {}
    for used_by, right, source in rights():
        known.setdefault((used_by, right), source)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("used_by", "right", "source"))
    writer.writerows((*key, source) for key, source in sorted(known.items()))
    return out.getvalue()


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
