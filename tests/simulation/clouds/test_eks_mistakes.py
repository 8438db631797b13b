"""Mistakes in clusters, node groups and their surroundings, made one at a time: each is refused with AWS's own code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from simulation.clouds.aws import vocabulary as v
from simulation.provider.errors import ProviderError
from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import InputsRefusedError
from tests.simulation.clouds.eks_account import EksAccount

_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
_BLOCK: Object = {
    "instanceType": "p5.48xlarge",
    "capacityReservationSpecification": {
        "capacityReservationPreference": "capacity-reservations-only",
        "capacityReservationTarget": {"capacityReservationId": "cr-0a1b2c3d4e5f60718"},
    },
}


@pytest.fixture
def eks(tmp_path: Path) -> EksAccount:
    return EksAccount(tmp_path)


def _one_zone(eks: EksAccount) -> None:
    eks.cluster(vpcConfig={"subnetIds": eks.subnets[:1]})


def _unknown_version(eks: EksAccount) -> None:
    eks.cluster(version="1.12")


def _minor_skipped(eks: EksAccount) -> None:
    made = eks.cluster(version="1.33")
    eks.aws.update(made, **eks.cluster_inputs(version="1.35"))


def _minor_back(eks: EksAccount) -> None:
    made = eks.cluster()
    eks.aws.update(made, **eks.cluster_inputs(version="1.33"))


def _upgraded_past_its_nodes(eks: EksAccount) -> None:
    made = eks.cluster(version="1.31")
    eks.group(version="1.31")
    for version in ("1.32", "1.33", "1.34", "1.35"):
        made = eks.aws.update(made, **eks.cluster_inputs(version=version))


def _encryption_removed(eks: EksAccount) -> None:
    inputs = eks.cluster_inputs()
    made = eks.cluster()
    del inputs["encryptionConfig"]
    eks.aws.update(made, **inputs)


def _access_mode_back(eks: EksAccount) -> None:
    made = eks.cluster()
    mode: Value = {"authenticationMode": "API_AND_CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": False}
    eks.aws.update(made, **eks.cluster_inputs(accessConfig=mode))


def _nobody_may_call(eks: EksAccount) -> None:
    eks.cluster(vpcConfig={"subnetIds": eks.subnets, "endpointPublicAccess": False})


def _private_network_on_the_internet(eks: EksAccount) -> None:
    eks.cluster(vpcConfig={"subnetIds": eks.subnets, "publicAccessCidrs": ["10.8.0.0/16"]})


def _entry_of_a_group_of_kubernetes(eks: EksAccount) -> None:
    eks.cluster()
    role = eks.role("team", "ec2.amazonaws.com")
    arn = role.outputs["arn"]
    eks.aws.create(v.ACCESS_ENTRY, clusterName="prod", principalArn=arn, kubernetesGroups=["system:masters"])


def _services_on_the_internet(eks: EksAccount) -> None:
    eks.cluster(kubernetesNetworkConfig={"serviceIpv4Cidr": "198.51.100.0/24"})


def _cluster_role_for_machines(eks: EksAccount) -> None:
    role = eks.role("wrong", "ec2.amazonaws.com", "AmazonEKSClusterPolicy")
    eks.cluster(roleArn=role.outputs["arn"])


def _cluster_role_without_policy(eks: EksAccount) -> None:
    eks.cluster(roleArn=eks.role("empty", "eks.amazonaws.com").outputs["arn"])


def _key_of_nobody(eks: EksAccount) -> None:
    key: Value = {"provider": {"keyArn": "arn:aws:kms:us-east-2:111122223333:key/0"}, "resources": ["secrets"]}
    eks.cluster(encryptionConfig=key)


def _cluster_twice(eks: EksAccount) -> None:
    eks.cluster()
    eks.cluster()


def _deleted_with_its_nodes(eks: EksAccount) -> None:
    made = eks.cluster()
    eks.group()
    eks.aws.delete(made)


def _deleted_though_protected(eks: EksAccount) -> None:
    eks.aws.delete(eks.cluster(deletionProtection=True))


def _subnet_deleted_under_it(eks: EksAccount) -> None:
    eks.cluster()
    eks.aws.delete(eks.private["us-east-2a"])


def _log_group_too_late(eks: EksAccount) -> None:
    eks.cluster()
    eks.aws.create(v.LOG_GROUP, name="/aws/eks/prod/cluster", retentionInDays=90)


def _entry_of_a_service(eks: EksAccount) -> None:
    eks.cluster()
    arn = "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"
    eks.aws.create(v.ACCESS_ENTRY, clusterName="prod", principalArn=arn)


def _entry_of_nobody(eks: EksAccount) -> None:
    eks.cluster()
    eks.aws.create(v.ACCESS_ENTRY, clusterName="prod", principalArn="arn:aws:iam::111122223333:role/gone")


def _entry_twice(eks: EksAccount) -> None:
    eks.cluster()
    for _ in range(2):
        eks.aws.create(v.ACCESS_ENTRY, clusterName="prod", principalArn=eks.node_role.outputs["arn"])


def _policy_without_entry(eks: EksAccount) -> None:
    eks.cluster()
    arn = eks.node_role.outputs["arn"]
    scope: Value = {"type": "cluster"}
    eks.aws.create(v.ACCESS_POLICY, clusterName="prod", principalArn=arn, policyArn=_ADMIN, accessScope=scope)


def _image_of_another_chip(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(instanceTypes=["m7g.2xlarge"])


def _gpu_image_without_gpus(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(amiType="AL2023_x86_64_NVIDIA")


def _old_image(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(amiType="AL2_x86_64")


def _type_in_both_places(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(eks.template(instanceType="m7i.2xlarge"))


def _spot_in_the_template(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(eks.template(instanceMarketOptions={"marketType": "spot"}))


def _block_without_market_type(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(eks.template(**_BLOCK), instanceTypes=None, capacityType="CAPACITY_BLOCK", amiType="AL2023_x86_64_NVIDIA")


def _node_role_for_control_planes(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(nodeRoleArn=eks.cluster_role.outputs["arn"])


def _group_twice(eks: EksAccount) -> None:
    eks.cluster()
    template = eks.template()
    eks.group(template)
    eks.group(template)


def _nodes_newer_than_the_cluster(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(version="1.35")


def _image_of_another_version(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(releaseVersion="1.33.5-20260401")


def _fewer_than_the_fewest(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(scalingConfig={"desiredSize": 1, "minSize": 2, "maxSize": 4})


def _label_of_kubernetes(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(labels={"kubernetes.io/role": "gpu"})


def _user_data_that_is_a_script(eks: EksAccount) -> None:
    eks.cluster()
    eks.group(eks.template(userData="IyEvYmluL3NoCg=="))


def _unknown_add_on(eks: EksAccount) -> None:
    eks.cluster()
    eks.add_on("aws-ebs-driver")


def _unknown_add_on_version(eks: EksAccount) -> None:
    eks.cluster()
    eks.add_on("eks-pod-identity-agent", addonVersion="v0.0.1-eksbuild.1")


def _proxy_newer_than_the_cluster(eks: EksAccount) -> None:
    eks.cluster()
    eks.add_on("kube-proxy", addonVersion="v1.35.0-eksbuild.1")


def _configuration_of_another_type(eks: EksAccount) -> None:
    eks.aws.create(v.CLUSTER, **eks.cluster_inputs())
    eks.add_on("vpc-cni", configurationValues=json.dumps({"enableNetworkPolicy": True}))


def _identity_of_another_account(eks: EksAccount) -> None:
    eks.cluster()
    role = eks.role("driver", "pods.eks.amazonaws.com", "service-role/AmazonEBSCSIDriverPolicy")
    eks.add_on(
        "aws-ebs-csi-driver",
        podIdentityAssociations=[{"roleArn": role.outputs["arn"], "serviceAccount": "ebs-csi"}],
    )


def _identity_that_pods_may_not_take(eks: EksAccount) -> None:
    eks.cluster()
    identity: Value = {"roleArn": eks.node_role.outputs["arn"], "serviceAccount": "ebs-csi-controller-sa"}
    eks.add_on("aws-ebs-csi-driver", podIdentityAssociations=[identity])


def _pods(eks: EksAccount, role: Value) -> None:
    eks.aws.create(
        v.POD_IDENTITY, clusterName="prod", namespace="kube-system", serviceAccount="controller", roleArn=role
    )


def _pods_with_two_roles(eks: EksAccount) -> None:
    eks.cluster()
    role = eks.role("pods", "pods.eks.amazonaws.com")
    for _ in range(2):
        _pods(eks, role.outputs["arn"])


def _pods_with_a_role_of_machines(eks: EksAccount) -> None:
    eks.cluster()
    _pods(eks, eks.node_role.outputs["arn"])


def _pods_with_a_role_that_does_not_exist(eks: EksAccount) -> None:
    eks.cluster()
    _pods(eks, "arn:aws:iam::111122223333:role/typo")


def _inline(eks: EksAccount, **statement: Value) -> None:
    document: Object = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*", **statement}],
    }
    eks.aws.create(v.ROLE_POLICY, name="own", role="nodes", policy=json.dumps(document))


def _inline_action_without_a_service(eks: EksAccount) -> None:
    _inline(eks, Action="DescribeVpcs")


def _inline_principal(eks: EksAccount) -> None:
    _inline(eks, Principal={"Service": "ec2.amazonaws.com"})


def _inline_too_long(eks: EksAccount) -> None:
    _inline(eks, Resource=[f"arn:aws:s3:::models-{number:04}" for number in range(500)])


def _add_on_twice(eks: EksAccount) -> None:
    eks.cluster()
    eks.add_on("vpc-cni")


def _policy_that_does_not_exist(eks: EksAccount) -> None:
    eks.role("typo", "eks.amazonaws.com", "AmazonEKSClusterPolcy")


def _role_twice(eks: EksAccount) -> None:
    eks.role("control-plane", "eks.amazonaws.com")


def _role_for_an_unknown_service(eks: EksAccount) -> None:
    eks.role("typo", "pod.eks.amazonaws.com")


def _role_deleted_with_its_policies(eks: EksAccount) -> None:
    eks.aws.delete(eks.node_role)


_MISTAKES: list[tuple[Callable[[EksAccount], None], str]] = [
    (_one_zone, "InvalidParameterException: Subnets specified must be in at least two different AZs"),
    (_unknown_version, "InvalidParameterException: unsupported Kubernetes version"),
    (_minor_skipped, "Unsupported Kubernetes minor version update from 1.33 to 1.35"),
    (_minor_back, "Unsupported Kubernetes minor version update from 1.34 to 1.33"),
    (_upgraded_past_its_nodes, "InvalidParameterException: Nodegroup(s) [system] must be updated"),
    (_encryption_removed, "InvalidRequestException: Cluster encryption configuration cannot be changed"),
    (_access_mode_back, "Unsupported authentication mode update from API to API_AND_CONFIG_MAP"),
    (_nobody_may_call, "Private and public endpoint access cannot be disabled"),
    (_entry_of_a_group_of_kubernetes, "The kubernetes group name system:masters is invalid"),
    (_services_on_the_internet, "The service IPv4 CIDR 198.51.100.0/24 must be within 10.0.0.0/8"),
    (_private_network_on_the_internet, "The following CIDRs are not allowed in publicAccessCidrs: [10.8.0.0/16]"),
    (_cluster_role_for_machines, "Role could not be assumed because the trusted entity is not correct"),
    (_cluster_role_without_policy, "The provided role doesn't have the Amazon EKS Managed Policies associated"),
    (_key_of_nobody, "KeyArn in encryptionConfig provider, arn:aws:kms:us-east-2:111122223333:key/0, does not exist"),
    (_cluster_twice, "ResourceInUseException: Cluster already exists with name: prod"),
    (_deleted_with_its_nodes, "ResourceInUseException: Cluster has nodegroups attached"),
    (_deleted_though_protected, "InvalidRequestException: Cluster prod has deletion protection"),
    (_subnet_deleted_under_it, "DependencyViolation"),
    (_log_group_too_late, "ResourceAlreadyExistsException: The specified log group already exists"),
    (_entry_of_a_service, "principalArn value of a Service Linked Role"),
    (_entry_of_nobody, "The specified principalArn is invalid: invalid principal."),
    (_entry_twice, "ResourceInUseException: The specified access entry resource is already in use"),
    (_policy_without_entry, "ResourceNotFoundException: The specified principalArn could not be found."),
    (_image_of_another_chip, "[m7g.2xlarge] is not a valid instance type for requested amiType AL2023_x86_64_STANDARD"),
    (_gpu_image_without_gpus, "[m7i.2xlarge] is not a valid instance type for requested amiType AL2023_x86_64_NVIDIA"),
    (_old_image, "AMI Type AL2_x86_64 is only supported for kubernetes versions 1.32 or earlier"),
    (_type_in_both_places, "Cannot specify instance types in launch template and API request"),
    (_spot_in_the_template, "Instance market options are not supported with the launch template"),
    (_block_without_market_type, "requires InstanceMarketOptions.MarketType capacity-block"),
    (_node_role_for_control_planes, "Following required service principals [ec2.amazonaws.com] were not found"),
    (_group_twice, "ResourceInUseException: NodeGroup already exists with name system and cluster name prod"),
    (_nodes_newer_than_the_cluster, "InvalidParameterException: Nodegroup Kubernetes version 1.35"),
    (_image_of_another_version, "Requested Nodegroup release version 1.33.5-20260401 is invalid"),
    (_fewer_than_the_fewest, "Minimum capacity 2 can't be greater than desired size 1"),
    (_label_of_kubernetes, "Label cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]"),
    (_user_data_that_is_a_script, "User data was not in the MIME multipart format."),
    (_unknown_add_on, "InvalidParameterException: Addon specified is not supported"),
    (_unknown_add_on_version, "InvalidParameterException: Addon version specified is not supported"),
    (_proxy_newer_than_the_cluster, "InvalidParameterException: Addon version specified is not supported"),
    (_configuration_of_another_type, "$.enableNetworkPolicy: boolean found, string expected"),
    (_identity_of_another_account, "Service account ebs-csi in pod identity configuration is not supported"),
    (_identity_that_pods_may_not_take, "Trust policy of the role provided is invalid."),
    (_pods_with_two_roles, "ResourceInUseException: Association already exists"),
    (_pods_with_a_role_of_machines, "Trust policy of the role provided is invalid"),
    (_pods_with_a_role_that_does_not_exist, "Role provided in the request does not exist"),
    (_inline_action_without_a_service, "Actions/Conditions must be prefaced by a vendor"),
    (_inline_principal, "Policy document should not specify a principal"),
    (_inline_too_long, "Maximum policy size of 10240 bytes exceeded for role nodes"),
    (_add_on_twice, "ResourceInUseException: Addon already exists."),
    (_policy_that_does_not_exist, "NoSuchEntity: Policy arn:aws:iam::aws:policy/AmazonEKSClusterPolcy does not exist"),
    (_role_twice, "EntityAlreadyExists: Role with name control-plane already exists."),
    (_role_for_an_unknown_service, 'MalformedPolicyDocument: Invalid principal in policy: "SERVICE":"pod.eks'),
    (_role_deleted_with_its_policies, "DeleteConflict: Cannot delete entity, must detach all policies first."),
]


@pytest.mark.parametrize(("mistake", "refusal"), _MISTAKES, ids=[case.__name__[1:] for case, _ in _MISTAKES])
def test_aws_refuses(eks: EksAccount, mistake: Callable[[EksAccount], None], refusal: str) -> None:
    with pytest.raises(ProviderError) as refused:
        mistake(eks)
    assert refusal in str(refused.value)


@pytest.mark.parametrize("days", [6, 31])
def test_a_key_is_deleted_after_seven_to_thirty_days(eks: EksAccount, days: int) -> None:
    with pytest.raises(InputsRefusedError, match=r"deletionWindowInDays: expected to be in the range \(7 - 30\)"):
        eks.aws.create(v.KEY, deletionWindowInDays=days)


def test_the_names_of_aws_are_no_aliases(eks: EksAccount) -> None:
    with pytest.raises(InputsRefusedError, match="'alias/aws/' is AWS's own"):
        eks.aws.create(v.ALIAS, name="alias/aws/eks", targetKeyId=eks.key.identifier)


def test_encryption_that_is_taken_away_replaces_the_cluster(eks: EksAccount) -> None:
    made = eks.cluster()
    without = eks.cluster_inputs()
    del without["encryptionConfig"]
    assert eks.aws.diff(made, **without).replaces == ["encryptionConfig"]


def test_encryption_that_is_added_changes_the_cluster_in_place(eks: EksAccount) -> None:
    without = eks.cluster_inputs()
    del without["encryptionConfig"]
    made = eks.aws.create(v.CLUSTER, **without)
    difference = eks.aws.diff(made, **eks.cluster_inputs())
    assert difference.changes
    assert not difference.replaces
