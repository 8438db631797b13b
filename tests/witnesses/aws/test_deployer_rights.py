"""The policy of whoever deploys allows what has to be called, and no more of roles than the stack's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from components.clusters.deployer_rights import ACCOUNT, Declared, Json, read_rights
from components.clusters.eks.deployer_rights import DEPLOYER_RIGHTS
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.cloud import AWS
from tests.conftest import PROJECT
from tests.witnesses.declared import declared

from .deployer_rights import NOT_CALLED, PROVIDER, TABLE, table
from .managed_policies import Document
from .questions import QUESTIONS
from .service_models import has_operation

pytestmark = [pytest.mark.slow]
_SERVICES = {"elasticfilesystem": "efs", "servicequotas": "service-quotas", "cloudformation": "cloudcontrol"}
_NO_CALLS = {"iam:PassRole": "is asked of whoever hands a role to a service"}
_MOST_CHARACTERS = 6144
"""Of a managed policy, without blanks: IAM user guide, reference_iam-quotas."""

MUST = (
    # terraform-aws-modules/terraform-aws-eks, docs/iam-permissions.md, at 13ee091: what its users found the same
    # provider to need, without what this program has not (groups of its own, launch configurations, DHCP options).
    *("ec2:AllocateAddress", "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress"),
    *("ec2:AuthorizeSecurityGroupIngress", "ec2:CreateInternetGateway", "ec2:CreateNatGateway", "ec2:CreateRoute"),
    *("ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateTags", "ec2:CreateVpc"),
    *("ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteNetworkInterface", "ec2:DeleteRoute"),
    *("ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteTags", "ec2:DeleteVpc"),
    *("ec2:DetachInternetGateway", "ec2:DetachNetworkInterface", "ec2:DisassociateAddress", "ec2:ReleaseAddress"),
    *("ec2:DisassociateRouteTable", "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint"),
    *("ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress", "ec2:CreateLaunchTemplate"),
    *("ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplate", "ec2:ModifyLaunchTemplate", "ec2:RunInstances"),
    *("ec2:DescribeLaunchTemplateVersions", "ec2:DescribeVpcs", "ec2:DescribeNetworkInterfaces"),
    *("eks:CreateCluster", "eks:DeleteCluster", "eks:DescribeCluster", "eks:ListClusters", "eks:DescribeUpdate"),
    *("eks:UpdateClusterConfig", "logs:CreateLogGroup", "logs:DescribeLogGroups", "logs:DeleteLogGroup"),
    "logs:PutRetentionPolicy",
)
MUST_OF_ROLES = (
    *("iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DetachRolePolicy", "iam:GetRole"),
    *("iam:PassRole", "iam:TagRole", "iam:UpdateAssumeRolePolicy", "iam:ListRolePolicies"),
    *("iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole"),
)
_ROLES = "arn:aws:iam::111122223333:role"


@dataclass(frozen=True)
class Judge:
    """A policy, as moto's access control reads it."""

    document: Mapping[str, Json]

    def allows(self, action: str, resource: str = "*") -> bool:
        """Whether it allows a call."""
        from .managed_policies import PermissionResult  # noqa: PLC0415

        read = Document.model_validate(self.document)
        results = [statement.permits(action, resource, {}) for statement in read.statements]
        return PermissionResult.PERMITTED in results and PermissionResult.DENIED not in results


@cache
def resources(stack: str) -> Mapping[str, list[Declared]]:
    """What a stack and each of its variants declare."""
    import tempfile  # noqa: PLC0415

    found: dict[str, list[Declared]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for made in declared(PROJECT, Path(folder), stack, "aws"):
            found.setdefault(made.origin, []).append(Declared(made.token, made.inputs))
    shutil.rmtree(folder, ignore_errors=True)
    return found


def policies() -> Iterator[tuple[str, Mapping[str, Json]]]:
    for label, made in resources("aws").items():
        wanted = DEPLOYER_RIGHTS.wanted(label, made)
        assert wanted is not None
        yield label, DEPLOYER_RIGHTS.document(wanted)


def example() -> Judge:
    return Judge(dict(policies())["aws"])


def test_the_table_is_the_published_one() -> None:
    assert TABLE.read_text(encoding="utf-8") == table(), "run python -m tests.witnesses.aws.deployer_rights"


def test_every_type_that_a_stack_may_declare_has_its_rights() -> None:
    assert read_rights(TABLE).keys() == {ACCOUNT, *AWS.kinds} - {v.CAPACITY_RESERVATION}


def test_every_right_is_a_call_of_aws() -> None:
    rights = {right for found in read_rights(TABLE).values() for right in found} - _NO_CALLS.keys()
    assert len(rights) > 200
    assert [right for right in sorted(rights) if not _is_call(right)] == []
    assert not _is_call("ec2:DescribeEverything")


def _is_call(right: str) -> bool:
    service, _, operation = right.partition(":")
    return has_operation(f"{_SERVICES.get(service, service)}:{operation}")


def test_what_is_left_out_is_in_a_schema_and_what_is_added_is_in_none() -> None:
    rights = {right for found in read_rights(TABLE).values() for right in found}
    assert not rights & NOT_CALLED.keys()
    assert PROVIDER.keys() <= AWS.kinds.keys()


@pytest.mark.parametrize("action", MUST)
def test_the_policy_allows_what_others_needed(action: str) -> None:
    assert example().allows(action)


@pytest.mark.parametrize("action", MUST_OF_ROLES)
def test_the_policy_allows_the_stack_s_own_roles(action: str) -> None:
    judge = example()
    assert judge.allows(action, f"{_ROLES}/strata-aws-nodes")
    assert not judge.allows(action, f"{_ROLES}/admin"), "a role with more rights could be taken over"


def test_the_policy_allows_every_question_to_the_account() -> None:
    judge = example()
    asked = {f"{question.service}:{question.operation}" for question in QUESTIONS.values()}
    known = {published: ours for ours, published in _SERVICES.items()}
    names = [f"{known.get(name.partition(':')[0], name.partition(':')[0])}:{name.partition(':')[2]}" for name in asked]
    public = "arn:aws:ssm:us-east-2::parameter/aws/service/eks/optimized-ami/1.35/recommended"
    resources = {"ssm:GetParameter": public}
    assert [name for name in names if not judge.allows(name, resources.get(name, "*"))] == []
    assert not judge.allows("ssm:GetParameter", "arn:aws:ssm:us-east-2:111122223333:parameter/password")


def test_the_policy_makes_roles_of_services_and_nobody_new() -> None:
    judge = example()
    own = f"{_ROLES}/aws-service-role/eks-nodegroup.amazonaws.com/AWSServiceRoleForAmazonEKSNodegroup"
    assert judge.allows("iam:CreateServiceLinkedRole", own)
    assert judge.allows("iam:GetRole", own), "EKS asks for it when a node group is made"
    for action in ("iam:CreateUser", "iam:CreateAccessKey", "iam:PutRolePolicy", "s3:GetObject", "ec2:StopInstances"):
        assert not judge.allows(action)


def test_every_policy_fits_into_a_managed_one() -> None:
    sizes = {label: len(json.dumps(document, separators=(",", ":"))) for label, document in policies()}
    assert len(sizes) > 10
    assert {label: size for label, size in sizes.items() if size > _MOST_CHARACTERS} == {}


def test_a_right_that_is_taken_away_is_missed() -> None:
    document = json.loads(json.dumps(example().document).replace('"eks:CreateCluster", ', ""))
    assert not Judge(document).allows("eks:CreateCluster")


def test_a_type_without_rights_is_refused() -> None:
    with pytest.raises(LookupError, match="aws:s3/bucket:Bucket"):
        DEPLOYER_RIGHTS.wanted("aws", [Declared("aws:s3/bucket:Bucket", {})])
