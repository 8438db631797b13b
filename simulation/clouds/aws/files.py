"""EFS: file systems, mount targets and access points."""

from __future__ import annotations

import secrets

from ...provider.errors import CloudError
from ...provider.rules import Between
from ...provider.tables import Call, Kind, Prop, Reference, Unique
from ...provider.values import Object, text, texts
from . import vocabulary as v
from .firewalls import group
from .networks import network, vpc_of, zone_of
from .regions import zone_id

_API = "https://docs.aws.amazon.com/efs/latest/ug"
_SERVICE = "EFS"


def _file_system_computed(call: Call, inputs: Object) -> Object:
    return {
        "arn": v.arn(call, "elasticfilesystem", f"file-system/{call.identifier}"),
        "creationToken": text(inputs, "creationToken") or f"pulumi-{secrets.token_hex(13)}",
        "dnsName": f"{call.identifier}.efs.{call.region}.amazonaws.com",
        "encrypted": False,
        "numberOfMountTargets": 0,
        "ownerId": v.owner(call),
    }


def _to_files(*, holds: bool = True) -> Prop:
    return Prop(
        fixed=True,
        refers=Reference(
            kinds=(v.EFS_FILE_SYSTEM,),
            code="FileSystemNotFound",
            message="File system '{value}' does not exist.",
            holds=holds,
        ),
    )


FILE_SYSTEM = Kind(
    token=v.EFS_FILE_SYSTEM,
    source=f"{v.REGISTRY}/efs_file_system; {_API}/API_CreateFileSystem.html",
    service=_SERVICE,
    noun="EFS file system",
    operation="FileSystem",
    make_id=v.random_id("fs"),
    properties={
        "creationToken": Prop(allowed=Between(0, 64), fixed=True, managed=True),
        "encrypted": Prop(fixed=True, managed=True),
        "throughputMode": v.one_of("bursting", "provisioned", "elastic", default="bursting"),
        **v.TAGGED,
    },
    unique=(
        Unique(
            paths=("creationToken",),
            code="FileSystemAlreadyExists",
            message="File system '{id}' already exists with creation token '{0}'",
        ),
    ),
    compute=_file_system_computed,
    in_use=("FileSystemInUse", "File system '{id}' is in use by {holder}."),
    missing=("FileSystemNotFound", "File system '{id}' does not exist."),
    minutes=0.5,
    delete_minutes=0.5,
)


def _one_in_a_zone(call: Call, inputs: Object) -> None:
    """EFS user guide, API_CreateMountTarget.html; words: https://github.com/hashicorp/terraform-provider-aws/issues/2525."""
    subnet = text(inputs, "subnetId")
    for other in call.account.where(v.MOUNT_TARGET, "fileSystemId", text(inputs, "fileSystemId")):
        if vpc_of(call, other.text("subnetId")) != vpc_of(call, subnet):
            raise CloudError(
                "MountTargetConflict",
                "requested subnet for new mount target is not in the same VPC as existing mount targets",
            )
        if zone_of(call, other.text("subnetId")) == zone_of(call, subnet):
            raise CloudError("MountTargetConflict", "mount target already exists in this AZ")


def _groups_of_the_vpc(call: Call, inputs: Object) -> None:
    """EFS user guide, API_CreateMountTarget.html: up to five groups, of the subnet's VPC."""
    groups = texts(inputs, "securityGroups")
    if len(groups) > 5:  # noqa: PLR2004 - named above
        raise CloudError("SecurityGroupLimitExceeded", "The maximum number of security groups per interface is 5.")
    for identifier in groups:
        found = group(call, identifier)
        if found is not None and found.text("vpcId") != vpc_of(call, text(inputs, "subnetId")):
            raise CloudError("SecurityGroupNotFound", "One or more security groups specified not found")


def _target_computed(call: Call, inputs: Object) -> Object:
    files, subnet = text(inputs, "fileSystemId"), call.account.get(v.SUBNET, text(inputs, "subnetId"))
    zone = subnet.text("availabilityZone") if subnet else ""
    address = str(network(subnet.text("cidrBlock"))[-10]) if subnet else ""
    return {
        "availabilityZoneName": zone,
        "availabilityZoneId": zone_id(zone) if zone else "",
        "dnsName": f"{files}.efs.{call.region}.amazonaws.com",
        "mountTargetDnsName": f"{zone}.{files}.efs.{call.region}.amazonaws.com",
        "fileSystemArn": v.arn(call, "elasticfilesystem", f"file-system/{files}"),
        "networkInterfaceId": v.random_id("eni")(call, inputs),
        "ipAddress": address,
        "ownerId": v.owner(call),
    }


MOUNT_TARGET = Kind(
    token=v.MOUNT_TARGET,
    source=f"{v.REGISTRY}/efs_mount_target; {_API}/API_CreateMountTarget.html",
    service=_SERVICE,
    noun="EFS Mount Target",
    operation="MountTarget",
    make_id=v.random_id("fsmt"),
    properties={
        "fileSystemId": _to_files(),
        "subnetId": v.to_subnet(code="SubnetNotFound"),
        "securityGroups": v.to_groups(code="SecurityGroupNotFound"),
    },
    demands=(_groups_of_the_vpc,),
    on_create=(_one_in_a_zone,),
    compute=_target_computed,
    missing=("MountTargetNotFound", "Mount target '{id}' does not exist."),
    minutes=1.5,
    delete_minutes=1,
)


KINDS = (FILE_SYSTEM, MOUNT_TARGET)
"""Every type of this file."""
