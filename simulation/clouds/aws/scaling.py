"""Scheduled actions of Auto Scaling groups, which here are those that EKS makes for its node groups.

Whether an action then runs is not simulated: it is written down and taken away again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ...provider.errors import CloudError
from ...provider.rules import Between, Pattern
from ...provider.tables import Call, Kind, Prop
from ...provider.values import Object, objects, text
from . import vocabulary as v

_INVALID = "ValidationError"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_TIME = Prop(
    allowed=Pattern(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z"),
    managed=True,
    source="hashicorp/terraform-provider-aws, internal/service/autoscaling/schedule.go, scheduleTimeLayout",
)
_SIZE = Prop(allowed=Between(-1, 10**6), managed=True)
"""-1 leaves it as it is; the provider sends 0 for what is left out."""


def _group_exists(call: Call, inputs: Object) -> None:
    """Source of the code: AutoScaling API reference, CommonErrors; the words are ours."""
    wanted = text(inputs, "autoscalingGroupName")
    groups = (group for owner in call.account.records(v.NODE_GROUP) for group in objects(owner.computed, "resources"))
    names = {text(scaling_group, "name") for group in groups for scaling_group in objects(group, "autoscalingGroups")}
    if wanted not in names:
        raise CloudError(_INVALID, f"Auto Scaling group {wanted} not found")


def _in_the_future(_call: Call, inputs: Object) -> None:
    """Words: https://github.com/hashicorp/terraform-provider-aws/pull/3033; also of changes: pulumi-aws issue 2473."""
    start = text(inputs, "startTime")
    if start and datetime.strptime(start, _MOMENT).replace(tzinfo=UTC) <= datetime.now(UTC):
        raise CloudError(_INVALID, "Given start time is in the past")


def _computed(call: Call, inputs: Object) -> Object:
    group, action = text(inputs, "autoscalingGroupName"), text(inputs, "scheduledActionName")
    resource = f"scheduledUpdateGroupAction:*:autoScalingGroupName/{group}:scheduledActionName/{action}"
    return {"arn": v.arn(call, "autoscaling", resource)}


SCHEDULE = Kind(
    token=v.SCHEDULE,
    source=(
        f"{v.REGISTRY}/autoscaling_schedule; "
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html"
    ),
    service="Auto Scaling",
    noun="Auto Scaling Scheduled Action",
    operation="ScheduledAction",
    # The provider's id is the action's name alone, which only its group keeps apart from others.
    make_id=v.id_from("autoscalingGroupName", "scheduledActionName", between="/"),
    properties={
        "autoscalingGroupName": Prop(fixed=True),
        "scheduledActionName": v.named(form=r".+"),
        "minSize": _SIZE,
        "maxSize": _SIZE,
        "desiredCapacity": _SIZE,
        "startTime": _TIME,
        "endTime": _TIME,
    },
    demands=(_group_exists, _in_the_future),
    compute=_computed,
    missing=(_INVALID, "Scheduled action name not found"),
)

KINDS = (SCHEDULE,)
"""Every type of this file."""
