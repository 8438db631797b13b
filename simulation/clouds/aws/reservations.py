"""Questions about capacity that is reserved: the reservation itself, and the machines of a node group."""

from __future__ import annotations

import json

from ...provider.errors import CloudError
from ...provider.store import Record
from ...provider.tables import Call
from ...provider.values import Object, Value, mapping, objects, text, texts, whole
from ..common.lookups import functions
from . import vocabulary as v
from .account import require_allowed
from .control_planes import template_of

_SOURCE = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources"
_READ = "cloudformation:GetResource"
_TARGET = "capacityReservationSpecification.capacityReservationTarget.capacityReservationId"


def _resource(call: Call, arguments: Object) -> Object:
    """Cloud Control; words: hashicorp/terraform-provider-aws, internal/service/cloudcontrol/resource_data_source.go."""
    kind, identifier = text(arguments, "typeName"), text(arguments, "identifier")
    require_allowed(call.account, _READ)
    if kind != "AWS::EC2::CapacityReservation":
        raise CloudError("TypeNotFoundException", f"the simulated cloud reads no {kind}")
    found = call.account.get(v.CAPACITY_RESERVATION, identifier)
    if found is None or found.text("region") != call.region:
        raise CloudError(
            "ResourceNotFoundException",
            f"reading Cloud Control API (AWS) Resource ({identifier}): couldn't find resource",
        )
    return {
        "id": identifier,
        "identifier": identifier,
        "typeName": kind,
        "properties": json.dumps(_properties(call, found)),
    }


def _properties(call: Call, found: Record) -> Object:
    total = whole(found.inputs, "instanceCount")
    group = found.text("placementGroupArn")
    placed: Object = {"PlacementGroupArn": group} if group else {}
    return {
        "Id": found.identifier,
        "AvailabilityZone": found.text("availabilityZone"),
        "AvailableInstanceCount": total - _used(call, found.identifier),
        "InstanceMatchCriteria": found.text("instanceMatchCriteria"),
        "InstancePlatform": found.text("instancePlatform"),
        "InstanceType": found.text("instanceType"),
        "ReservationType": found.text("reservationType"),
        "State": found.text("state"),
        "Tenancy": "default",
        "TotalInstanceCount": total,
        **placed,
    }


def _used(call: Call, reservation: str) -> int:
    """Machines of node groups that run in it."""
    groups = call.account.records(v.NODE_GROUP)
    return sum(
        whole(group.properties, "scalingConfig.desiredSize")
        for group in groups
        if group.status != "CREATE_FAILED" and text(template_of(call.account, group), _TARGET) == reservation
    )


def _instances(call: Call, arguments: Object) -> Object:
    """Machines by the tags that EKS sets: https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html."""
    tags = mapping(arguments, "instanceTags")
    unknown = (tags.keys() - {"eks:cluster-name", "eks:nodegroup-name"}) | {
        text(query, "name") for query in objects(arguments, "filters")
    }
    if unknown or set(texts(arguments, "instanceStateNames")) - {"pending", "running"}:
        raise CloudError("InvalidParameterValue", f"the simulated cloud does not find machines by {sorted(unknown)}")
    identifier = f"{tags.get('eks:cluster-name', '')}:{tags.get('eks:nodegroup-name', '')}"
    group = call.account.get(v.NODE_GROUP, identifier)
    running = group is not None and group.status != "CREATE_FAILED"
    count = whole(group.properties, "scalingConfig.desiredSize") if group and running else 0
    ids: list[Value] = [f"i-{number:017x}" for number in range(count)]
    return {"id": call.region, "ids": ids, "privateIps": [], "publicIps": [], "ipv6Addresses": []}


FUNCTIONS = functions(
    _SOURCE,
    (
        ("aws:cloudcontrol/getResource:getResource", "cloudcontrolapi_resource", _resource),
        ("aws:ec2/getInstances:getInstances", "instances", _instances),
    ),
)
"""Every look-up of this file."""
