"""Azure as one cloud: the tables of every service, and how its provider words things.

Each module of tables gives its types as ``KINDS`` and, where it has any, its look-ups as ``FUNCTIONS``.
"""

from __future__ import annotations

from dataclasses import replace

from ...provider.errors import CloudError
from ...provider.rules import OneOf, Pattern
from ...provider.tables import Call, Cloud, Function, Kind, Prop, Wording
from ...provider.values import UNKNOWN, Object, Value, at, text
from ..common.configuration import region_from
from . import agent_pools, clusters, files, groups, identities, links, logs, networks, private_dns, questions
from .account import provider_state, seed
from .dns import DNS
from .load_balancers import CONTROLLERS
from .regions import REGIONS
from .resource_manager import serve_lists

_KINDS: tuple[Kind, ...] = (
    *groups.KINDS,
    *networks.KINDS,
    *private_dns.KINDS,
    *identities.KINDS,
    *clusters.KINDS,
    *agent_pools.KINDS,
    *logs.KINDS,
    *files.KINDS,
    *links.KINDS,
)
_FUNCTIONS: tuple[Function, ...] = (*questions.FUNCTIONS,)


def _registered(kind: Kind) -> Kind:
    """The type, refused while its resource provider is not registered.

    Words: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-register-resource-provider.
    """

    def demand(call: Call, _inputs: Object) -> None:
        if provider_state(call.account, kind.service) != "Registered":
            raise CloudError(
                "MissingSubscriptionRegistration",
                f"The subscription is not registered to use namespace '{kind.service}'. See "
                "https://aka.ms/rps-not-found for how to register subscriptions.",
            )

    return replace(kind, on_create=(demand, *kind.on_create))


_THROTTLED = frozenset({"TooManyRequests", "ServerTimeout", "InternalServerError", "AnotherOperationInProgress"})
_ATTEMPTS = 4
"""Source: Azure/azure-sdk-for-go, sdk/azcore/policy, RetryOptions: three retries, and its status codes."""
_STATUS = {
    "ResourceGroupNotFound": 404,
    "ResourceNotFound": 404,
    "ParentResourceNotFound": 404,
    "RoleDefinitionDoesNotExist": 404,
    "LinkedAuthorizationFailed": 403,
    "AuthorizationFailed": 403,
    "RoleAssignmentExists": 409,
    "MissingSubscriptionRegistration": 409,
    "CannotDeleteResource": 409,
    "StorageAccountAlreadyTaken": 409,
    "SkuNotAvailable": 409,
    "OperationNotAllowed": 409,
    "TooManyRequests": 429,
}
"""Status of answers that are no 400."""


def _refused(operation: str, kind: Kind, name: str, error: CloudError, tries: int) -> str:
    del operation, name, tries
    if error.code == kind.exists[0] and error.message.startswith("cannot create already existing"):
        return error.message
    return f'Status={_STATUS.get(error.code, 400)} Code="{error.code}" Message="{error.message}"'


def _came_up_broken(kind: Kind, identifier: str, error: CloudError) -> str:
    del kind, identifier
    return f'Status=200 Code="{error.code}" Message="{error.message}"'


def _decorate(kind: Kind, inputs: Object, configuration: Object, region: str) -> Object:
    del configuration
    own: Object = {"location": region} if "location" in kind.properties and "location" not in inputs else {}
    # Identities are given as a list and answered by id.
    ids = at(inputs, "identity.userAssignedIdentities")
    if isinstance(ids, list):
        answered: Value = {str(identity): {} for identity in ids}
        own["identity"] = {"type": text(inputs, "identity.type"), "userAssignedIdentities": answered}
    return {**own, "region": region}


def _foreseen(inputs: Object) -> Object:
    """Identities are not shown as they are given: a preview maps inputs to the shape of outputs, where they are by id.

    Source: pulumi/pulumi-azure-native, provider/pkg/convert, PreviewOutputs.
    """
    if not isinstance(at(inputs, "identity.userAssignedIdentities"), list):
        return inputs
    identity: Object = {"type": text(inputs, "identity.type"), "userAssignedIdentities": UNKNOWN}
    return {**inputs, "identity": identity}


AZURE = Cloud(
    package="azure-native",
    kinds={kind.token: _registered(kind) for kind in _KINDS},
    functions={function.token: function for function in _FUNCTIONS},
    wording=Wording(refused=_refused, broken=_came_up_broken, retried=_THROTTLED, attempts=_ATTEMPTS),
    region_of=region_from(
        "location", "ARM_LOCATION", missing="Missing location: set azure-native:location, or location of the provider"
    ),
    decorate=_decorate,
    foreseen=_foreseen,
    seed=seed,
    service_controllers=CONTROLLERS,
    dns=DNS,
    configuration={
        "location": Prop(allowed=OneOf(*REGIONS)),
        "subscriptionId": Prop(allowed=Pattern(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
        "environment": Prop(allowed=OneOf("public")),
    },
    beside=serve_lists,
)
"""The simulated Azure."""
