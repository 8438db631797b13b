"""CloudWatch log groups.

EKS makes ``/aws/eks/<name>/cluster`` by itself when nobody did, without a retention and without an owner;
see ``clusters``.
"""

from __future__ import annotations

from ...provider.rules import Pattern
from ...provider.store import Account
from ...provider.tables import Call, Kind, Prop
from ...provider.values import Object, text
from . import vocabulary as v

_RETENTION_DAYS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html."""


def _computed(call: Call, inputs: Object) -> Object:
    return {"arn": v.arn(call, "logs", f"log-group:{text(inputs, 'name')}")}


LOG_GROUP = Kind(
    token=v.LOG_GROUP,
    source=(
        f"{v.REGISTRY}/cloudwatch_log_group; "
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"
    ),
    service="CloudWatch Logs",
    noun="CloudWatch Logs Log Group",
    operation="LogGroup",
    autoname="name",
    make_id=v.id_from("name"),
    properties={
        "name": Prop(allowed=Pattern(r"(?!aws/)[0-9A-Za-z_/.#-]{1,512}"), fixed=True),
        "retentionInDays": v.one_of(*_RETENTION_DAYS, default=0),
        **v.TAGGED,
    },
    compute=_computed,
    exists=("ResourceAlreadyExistsException", "The specified log group already exists"),
    missing=("ResourceNotFoundException", "The specified log group does not exist."),
)


def made_by_service(account: Account, name: str, arn: str) -> None:
    """A group that a service makes for itself where there is none; nobody's program owns it."""
    if account.get(v.LOG_GROUP, name) is None:
        account.seed(v.LOG_GROUP, name, {"name": name}, {"arn": arn})


KINDS = (LOG_GROUP,)
"""Every type of this file."""
