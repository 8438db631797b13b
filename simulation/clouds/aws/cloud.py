"""AWS as one cloud: the tables of every service, and how its provider words things.

Each module of tables gives its types as ``KINDS`` and, where it has any, its look-ups as ``FUNCTIONS``.
"""

from __future__ import annotations

import uuid

from ...provider.errors import CloudError
from ...provider.rules import OneOf
from ...provider.tables import Cloud, Function, Kind, Prop, Wording
from ...provider.values import Object
from ..common.configuration import region_from
from . import (
    access,
    add_ons,
    circuits,
    clusters,
    files,
    firewalls,
    identities,
    keys,
    links,
    logs,
    lustre,
    machines,
    networks,
    node_groups,
    questions,
    reservations,
    scaling,
)
from . import vocabulary as v
from .account import seed
from .dns import DNS
from .load_balancers import CONTROLLERS
from .regions import REGIONS

_KINDS: tuple[Kind, ...] = (
    *networks.KINDS,
    *firewalls.KINDS,
    *machines.KINDS,
    *identities.KINDS,
    *keys.KINDS,
    *logs.KINDS,
    *clusters.KINDS,
    *access.KINDS,
    *node_groups.KINDS,
    *scaling.KINDS,
    *add_ons.KINDS,
    *files.KINDS,
    *lustre.KINDS,
    *circuits.KINDS,
    *links.KINDS,
)
_FUNCTIONS: tuple[Function, ...] = (*questions.FUNCTIONS, *reservations.FUNCTIONS)

_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Source: aws/aws-sdk-go-v2, aws/retry/standard.go, DefaultThrottleErrorCodes and DefaultRetryableErrorCodes."""
_ATTEMPTS = 25
"""Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#max_retries."""
_PARTICIPLES = {"create": "creating", "read": "reading", "update": "updating", "delete": "deleting"}
_VERBS = {"create": "Create", "read": "Describe", "update": "Modify", "delete": "Delete"}
_OWN_NAMES = {
    ("create", v.EIP): "AllocateAddress",
    ("delete", v.EIP): "ReleaseAddress",
    ("create", v.ROUTE_TABLE_ASSOCIATION): "AssociateRouteTable",
    ("delete", v.ROUTE_TABLE_ASSOCIATION): "DisassociateRouteTable",
    ("create", v.INGRESS_RULE): "AuthorizeSecurityGroupIngress",
    ("delete", v.INGRESS_RULE): "RevokeSecurityGroupIngress",
    ("create", v.EGRESS_RULE): "AuthorizeSecurityGroupEgress",
    ("delete", v.EGRESS_RULE): "RevokeSecurityGroupEgress",
    ("create", v.SCHEDULE): "PutScheduledUpdateGroupAction",
    ("update", v.SCHEDULE): "PutScheduledUpdateGroupAction",
    ("update", v.LAUNCH_TEMPLATE): "CreateLaunchTemplateVersion",
}
"""Operations that are not called after what they do."""


def _operation(operation: str, kind: Kind) -> str:
    own = _OWN_NAMES.get((operation, kind.token))
    verb = "Update" if operation == "update" and kind.service != "EC2" else _VERBS[operation]
    return own or f"{verb}{kind.operation}"


def _refused(operation: str, kind: Kind, name: str, error: CloudError, tries: int) -> str:
    given_up = f"exceeded maximum number of attempts, {tries}, " if tries >= _ATTEMPTS else ""
    status = 503 if error.code == "RequestLimitExceeded" else 400
    # EC2's errors have no types in the SDK, so they read differently.
    api = "api error " if kind.service == "EC2" else ""
    return (
        f"1 error occurred:\n\t* {_PARTICIPLES[operation]} {kind.noun} ({name}): operation error {kind.service}: "
        f"{_operation(operation, kind)}, {given_up}https response error StatusCode: {status}, "
        f"RequestID: {uuid.uuid4()}, {api}{error.code}: {error.message}\n\n"
    )


def _came_up_broken(kind: Kind, identifier: str, error: CloudError) -> str:
    state = f"unexpected state '{kind.failed}', wanted target '{kind.states[1]}'. last error: " if kind.failed else ""
    return f"1 error occurred:\n\t* waiting for {kind.noun} ({identifier}) create: {state}{error}\n\n"


def _decorate(kind: Kind, inputs: Object, configuration: Object, region: str) -> Object:
    tags: Object = {"tagsAll": v.all_tags(inputs, configuration)} if "tags" in kind.properties else {}
    return {**tags, "region": region}


AWS = Cloud(
    package="aws",
    kinds={kind.token: kind for kind in _KINDS},
    functions={function.token: function for function in _FUNCTIONS},
    wording=Wording(refused=_refused, broken=_came_up_broken, retried=_THROTTLED, attempts=_ATTEMPTS),
    region_of=region_from(
        "region",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        missing="Missing region configuration: set aws:region, or region of the provider",
    ),
    decorate=_decorate,
    seed=seed,
    service_controllers=CONTROLLERS,
    dns=DNS,
    configuration={
        "region": Prop(allowed=OneOf(*REGIONS)),
        "defaultTags": Prop(),
        "defaultTags.tags": v.TAGGED["tags"],
        "skipCredentialsValidation": Prop(),
        "skipRegionValidation": Prop(),
    },
)
"""The simulated AWS."""
