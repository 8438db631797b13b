"""Mistakes in shared file systems, made one at a time: each is refused with AWS's own code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulation.clouds.aws import vocabulary as v
from simulation.provider.errors import ProviderError
from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import AwsAccount, Made

_METADATA: Value = {"mode": "AUTOMATIC"}


def _efs(aws: AwsAccount, **other: Value) -> Made:
    return aws.create(v.EFS_FILE_SYSTEM, creationToken="shared", encrypted=True, throughputMode="elastic", **other)


def _mount(aws: AwsAccount, files: Made, subnet: Made, *groups: Made) -> Made:
    names: list[Value] = [group.identifier for group in groups]
    return aws.create(v.MOUNT_TARGET, fileSystemId=files.identifier, subnetId=subnet.identifier, securityGroups=names)


def _lustre_inputs(subnet: Made, group: Made, **other: Value) -> Object:
    return {
        "deploymentType": "PERSISTENT_2",
        "storageType": "SSD",
        "storageCapacity": 4800,
        "perUnitStorageThroughput": 250,
        "subnetIds": subnet.identifier,
        "securityGroupIds": [group.identifier],
        "efaEnabled": False,
        "metadataConfiguration": _METADATA,
        "dataCompressionType": "NONE",
        **other,
    }


def _open_to_itself(aws: AwsAccount, group: Made) -> None:
    for kind in (v.INGRESS_RULE, v.EGRESS_RULE):
        aws.create(kind, securityGroupId=group.identifier, referencedSecurityGroupId=group.identifier, ipProtocol="-1")


def _lustre(aws: AwsAccount, *, opened: bool = True, **other: Value) -> Made:
    vpc = aws.vpc()
    group = aws.group(vpc, "lustre")
    if opened:
        _open_to_itself(aws, group)
    return aws.create(v.LUSTRE, **_lustre_inputs(aws.subnet(vpc), group, **other))


def _two_targets_in_one_zone(aws: AwsAccount) -> None:
    vpc, files = aws.vpc(), _efs(aws)
    for number in range(2):
        _mount(aws, files, aws.subnet(vpc, f"10.0.{number}.0/24"))


def _targets_in_two_networks(aws: AwsAccount) -> None:
    files = _efs(aws)
    _mount(aws, files, aws.subnet(aws.vpc()))
    _mount(aws, files, aws.subnet(aws.vpc("10.1.0.0/16"), "10.1.0.0/24", "us-east-2a"))


def _group_of_another_network(aws: AwsAccount) -> None:
    _mount(aws, _efs(aws), aws.subnet(aws.vpc()), aws.group(aws.vpc("10.1.0.0/16")))


def _files_deleted_with_their_targets(aws: AwsAccount) -> None:
    files = _efs(aws)
    _mount(aws, files, aws.subnet(aws.vpc()))
    aws.delete(files)


def _group_deleted_under_a_target(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    group = aws.group(vpc)
    _mount(aws, _efs(aws), aws.subnet(vpc), group)
    aws.delete(group)


def _files_twice(aws: AwsAccount) -> None:
    _efs(aws)
    _efs(aws)


def _lustre_of_an_odd_size(aws: AwsAccount) -> None:
    _lustre(aws, storageCapacity=3600)


def _lustre_of_another_generation(aws: AwsAccount) -> None:
    _lustre(aws, perUnitStorageThroughput=200)


def _lustre_behind_closed_doors(aws: AwsAccount) -> None:
    _lustre(aws, opened=False)


def _lustre_open_on_one_port(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    group = aws.group(vpc, "lustre")
    for kind in (v.INGRESS_RULE, v.EGRESS_RULE):
        aws.create(
            kind, securityGroupId=group.identifier, cidrIpv4="0.0.0.0/0", ipProtocol="tcp", fromPort=988, toPort=988
        )
    aws.create(v.LUSTRE, **_lustre_inputs(aws.subnet(vpc), group, efaEnabled=True, storageCapacity=19200))


def _lustre_with_efa_and_nothing_else(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    group = aws.group(vpc, "lustre")
    _open_to_itself(aws, group)
    inputs = _lustre_inputs(aws.subnet(vpc), group, efaEnabled=True, storageCapacity=19200)
    del inputs["metadataConfiguration"]
    aws.create(v.LUSTRE, **inputs)


def _lustre_too_small_for_efa(aws: AwsAccount) -> None:
    _lustre(aws, efaEnabled=True)


_MISTAKES: list[tuple[Callable[[AwsAccount], None], str]] = [
    (_two_targets_in_one_zone, "MountTargetConflict: mount target already exists in this AZ"),
    (_targets_in_two_networks, "MountTargetConflict: requested subnet for new mount target is not in the same VPC"),
    (_group_of_another_network, "SecurityGroupNotFound: One or more security groups specified not found"),
    (_files_deleted_with_their_targets, "FileSystemInUse"),
    (_group_deleted_under_a_target, "DependencyViolation"),
    (_files_twice, "FileSystemAlreadyExists"),
    (_lustre_of_an_odd_size, "BadRequest: Invalid storage capacity 3600"),
    (_lustre_of_another_generation, "BadRequest: Invalid PerUnitStorageThroughput 200 for PERSISTENT_2"),
    (_lustre_behind_closed_doors, "do not permit Lustre LNET network traffic on port 988"),
    (_lustre_open_on_one_port, "Insufficient security group permissions to create an EFA-enabled file system."),
    (_lustre_with_efa_and_nothing_else, "BadRequest: EFA is only supported on file systems with the PERSISTENT_2"),
    (_lustre_too_small_for_efa, "takes multiples of 19200 GiB"),
]


@pytest.mark.parametrize(("mistake", "refusal"), _MISTAKES, ids=[case.__name__[1:] for case, _ in _MISTAKES])
def test_aws_refuses(aws: AwsAccount, mistake: Callable[[AwsAccount], None], refusal: str) -> None:
    with pytest.raises(ProviderError) as refused:
        mistake(aws)
    assert refusal in str(refused.value)


def test_a_lustre_file_system_grows_in_place_and_shrinks_by_replacement(aws: AwsAccount) -> None:
    vpc = aws.vpc()
    group, subnet = aws.group(vpc, "lustre"), aws.subnet(vpc)
    _open_to_itself(aws, group)
    made = aws.create(v.LUSTRE, **_lustre_inputs(subnet, group))
    assert not aws.diff(made, **_lustre_inputs(subnet, group, storageCapacity=7200)).replaces
    assert aws.diff(made, **_lustre_inputs(subnet, group, storageCapacity=2400)).replaces == ["storageCapacity"]
    assert aws.diff(made, **_lustre_inputs(subnet, group, efaEnabled=True)).replaces == ["efaEnabled"]


def test_a_volume_learns_where_the_file_system_is(aws: AwsAccount) -> None:
    made = _lustre(aws)
    assert made.outputs["dnsName"] == f"{made.identifier}.fsx.us-east-2.amazonaws.com"
    assert made.outputs["mountName"]
