"""Launch templates and placement groups: what EC2 takes when they are written down.

EC2 looks at little of a template before a machine is started from it; that is in ``launching``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from ...provider.errors import CloudError
from ...provider.rules import Between, OneOf, Pattern
from ...provider.tables import Call, Kind, Prop, Unique
from ...provider.values import Object, Value, text, whole
from . import vocabulary as v

_TRUTH = OneOf("true", "false")
"""The provider takes these booleans as text, because left out is not false."""
_UNVERSIONED = frozenset({"tags", "updateDefaultVersion", "name", "namePrefix"})
"""Source: hashicorp/terraform-provider-aws, internal/service/ec2/ec2_launch_template.go, updateKeys."""

_DISKS: Mapping[str, Prop] = {
    "blockDeviceMappings": Prop(),
    "blockDeviceMappings.deviceName": Prop(allowed=Pattern(r"/dev/(sd[a-z]\d*|xvd[a-z]{1,2})")),
    "blockDeviceMappings.ebs": Prop(),
    "blockDeviceMappings.ebs.volumeSize": Prop(
        allowed=Between(1, 65536), source="https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html"
    ),
    "blockDeviceMappings.ebs.volumeType": Prop(allowed=OneOf("standard", "io1", "io2", "gp2", "sc1", "st1", "gp3")),
    "blockDeviceMappings.ebs.encrypted": Prop(allowed=_TRUTH),
    "blockDeviceMappings.ebs.deleteOnTermination": Prop(allowed=_TRUTH),
}
_METADATA: Mapping[str, Prop] = {
    "metadataOptions": Prop(managed=True, source=f"{v.EC2_API}/API_LaunchTemplateInstanceMetadataOptionsRequest.html"),
    "metadataOptions.httpEndpoint": v.one_of("enabled", "disabled", managed=True),
    "metadataOptions.httpTokens": v.one_of("optional", "required", managed=True),
    "metadataOptions.httpPutResponseHopLimit": Prop(allowed=Between(1, 64), managed=True),
}
_INTERFACES: Mapping[str, Prop] = {
    "networkInterfaces": Prop(
        source=f"{v.EC2_API}/API_LaunchTemplateInstanceNetworkInterfaceSpecificationRequest.html"
    ),
    "networkInterfaces.networkCardIndex": Prop(allowed=Between(0, 64)),
    "networkInterfaces.deviceIndex": Prop(allowed=Between(0, 64)),
    "networkInterfaces.interfaceType": v.one_of("interface", "efa", "efa-only"),
    "networkInterfaces.securityGroups": Prop(allowed=Pattern(r"sg-[0-9a-f]{8,17}"), unordered=True),
    "networkInterfaces.deleteOnTermination": Prop(allowed=_TRUTH),
    "networkInterfaces.associatePublicIpAddress": Prop(allowed=_TRUTH),
    "networkInterfaces.connectionTrackingSpecification": Prop(),
    "networkInterfaces.connectionTrackingSpecification.tcpEstablishedTimeout": Prop(allowed=Between(60, 432_000)),
}
_PURCHASE: Mapping[str, Prop] = {
    "instanceMarketOptions": Prop(),
    "instanceMarketOptions.marketType": v.one_of("spot", "capacity-block", "interruptible-capacity-reservation"),
    "capacityReservationSpecification": Prop(),
    "capacityReservationSpecification.capacityReservationPreference": v.one_of(
        "capacity-reservations-only", "open", "none"
    ),
    "capacityReservationSpecification.capacityReservationTarget": Prop(),
    "capacityReservationSpecification.capacityReservationTarget.capacityReservationId": Prop(
        allowed=Pattern(r"cr-[0-9a-f]{8,17}")
    ),
}
_TAGS: Mapping[str, Prop] = {
    "tagSpecifications": Prop(),
    "tagSpecifications.resourceType": v.one_of(
        "instance", "volume", "network-interface", "elastic-gpu", "spot-instances-request"
    ),
    "tagSpecifications.tags": v.TAGGED["tags"],
}


def _user_data(_call: Call, inputs: Object) -> None:
    """Source of the code: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html."""
    encoded = text(inputs, "userData")
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise CloudError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.") from error
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
    if len(decoded) > 16 * 1024:
        raise CloudError("InvalidParameterValue", "User data is limited to 16384 bytes")


def _versions(call: Call, inputs: Object) -> Object:
    """Each change makes a version, unless it is about what no version holds."""
    old = call.account.get(v.LAUNCH_TEMPLATE, call.identifier)
    if old is None:
        return {"latestVersion": 1, "defaultVersion": 1}
    latest, default = whole(old.computed, "latestVersion", 1), whole(old.computed, "defaultVersion", 1)
    if _versioned(old.inputs) != _versioned(inputs):
        latest += 1
        default = latest if inputs.get("updateDefaultVersion") is True else default
    return {"latestVersion": latest, "defaultVersion": default}


def _versioned(inputs: Object) -> dict[str, Value]:
    return {name: value for name, value in inputs.items() if name not in _UNVERSIONED}


LAUNCH_TEMPLATE = Kind(
    token=v.LAUNCH_TEMPLATE,
    source=f"{v.REGISTRY}/launch_template",
    service="EC2",
    noun="EC2 Launch Template",
    operation="LaunchTemplate",
    autoname="name",
    make_id=v.random_id("lt"),
    properties={
        "name": v.named(form=r"[a-zA-Z0-9().\-/_]{3,}", longest=125),
        "updateDefaultVersion": Prop(),
        "instanceType": Prop(allowed=Pattern(r"[a-z0-9-]+\.[a-z0-9-]+")),
        "vpcSecurityGroupIds": Prop(allowed=Pattern(r"sg-[0-9a-f]{8,17}"), unordered=True),
        "placement": Prop(),
        "placement.groupName": Prop(),
        "userData": Prop(),
        **_DISKS,
        **_METADATA,
        **_INTERFACES,
        **_PURCHASE,
        **_TAGS,
        **v.TAGGED,
    },
    unique=(
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        Unique(
            paths=("name",),
            code="InvalidLaunchTemplateName.AlreadyExistsException",
            message="Launch template name already in use.",
        ),
    ),
    demands=(_user_data,),
    compute=lambda call, _inputs: {"arn": v.arn(call, "ec2", f"launch-template/{call.identifier}")},
    recompute=_versions,
    volatile=("latestVersion", "defaultVersion"),
    missing=(
        "InvalidLaunchTemplateId.NotFound",
        "The specified launch template, with template ID {id}, does not exist",
    ),
)


def templates_in_use(call: Call) -> list[Object]:
    """The launch templates from which machines run now."""
    found: list[Object] = []
    for group in call.account.records(v.NODE_GROUP):
        template = call.account.get(v.LAUNCH_TEMPLATE, text(group.inputs, "launchTemplate.id"))
        if template is not None:
            found.append(template.inputs)
    return found


def _no_machines(call: Call, properties: Object) -> None:
    name = text(properties, "name")
    if any(text(template, "placement.groupName") == name for template in templates_in_use(call)):
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        raise CloudError(
            "InvalidPlacementGroup.InUse", f"The placement group '{name}' is in use and may not be deleted."
        )


PLACEMENT_GROUP = Kind(
    token=v.PLACEMENT_GROUP,
    source=f"{v.REGISTRY}/placement_group",
    service="EC2",
    noun="EC2 Placement Group",
    operation="PlacementGroup",
    autoname="name",
    make_id=v.id_from("name"),
    properties={
        "name": v.named(form=r"[ -~]+"),
        "strategy": v.one_of("cluster", "partition", "spread", fixed=True),
        **v.TAGGED,
    },
    on_delete=(_no_machines,),
    compute=lambda call, inputs: {
        "arn": v.arn(call, "ec2", f"placement-group/{text(inputs, 'name')}"),
        "placementGroupId": v.random_id("pg")(call, inputs),
    },
    exists=("InvalidPlacementGroup.Duplicate", "The placement group '{id}' already exists."),
    missing=("InvalidPlacementGroup.Unknown", "The placement group '{id}' is unknown."),
)

KINDS = (LAUNCH_TEMPLATE, PLACEMENT_GROUP)
"""Every type of this file."""
