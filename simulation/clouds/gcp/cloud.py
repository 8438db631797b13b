"""Google Cloud as one cloud: the tables of every service, and how its provider words things.

Each module of tables gives its types as ``KINDS`` and, where it has any, its look-ups as ``FUNCTIONS``.
"""

from __future__ import annotations

from ...provider.errors import CloudError
from ...provider.rules import OneOf
from ...provider.tables import Cloud, Function, Kind, Prop, Wording
from ...provider.values import Object
from ..common.configuration import region_from
from . import clusters, files, identities, links, networks, node_pools, questions
from . import vocabulary as v
from .account import seed
from .dns import DNS
from .load_balancers import CONTROLLERS
from .regions import REGIONS

_KINDS: tuple[Kind, ...] = (
    *identities.KINDS,
    *networks.KINDS,
    *clusters.KINDS,
    *node_pools.KINDS,
    *files.KINDS,
    *links.KINDS,
)
_FUNCTIONS: tuple[Function, ...] = (*questions.FUNCTIONS,)

_STATUS = {
    "accessNotConfigured": 403,
    "alreadyExists": 409,
    "backendError": 503,
    "conflict": 409,
    "failedPrecondition": 400,
    "forbidden": 403,
    "notFound": 404,
    "quotaExceeded": 403,
    "rateLimitExceeded": 429,
}
"""HTTP status by reason: https://cloud.google.com/storage/docs/json_api/v1/status-codes; all else is 400."""
_RETRIED = frozenset({"backendError", "rateLimitExceeded", "resourceNotReady"})
"""Source: terraform-provider-google, google/transport/error_retry_predicates.go."""
_ATTEMPTS = 10
_PARTICIPLES = {"create": "creating", "read": "reading", "update": "updating", "delete": "deleting"}


def _said(error: CloudError) -> str:
    return f"googleapi: Error {_STATUS.get(error.code, 400)}: {error.message}, {error.code}"


def _refused(operation: str, kind: Kind, name: str, error: CloudError, tries: int) -> str:
    del tries
    if kind.token == v.CLUSTER:
        # The provider hands errors of the container API on as they are.
        return f"1 error occurred:\n\t* {_said(error)}\n\n"
    what = "waiting for Deleting" if operation == "delete" and kind.service == "compute" else _PARTICIPLES[operation]
    return f"1 error occurred:\n\t* Error {what} {kind.noun}: {_said(error)} ({name})\n\n"


def _came_up_broken(kind: Kind, identifier: str, error: CloudError) -> str:
    what = "creating GKE " if kind.service == "container" else "to create "
    return f"1 error occurred:\n\t* Error waiting for {what}{kind.noun} ({identifier}): {error}\n\n"


def _decorate(kind: Kind, inputs: Object, configuration: Object, region: str) -> Object:
    del region, configuration
    # Parts of what the program gave, where computed outputs do not reach.
    if kind.token == v.FILESTORE:
        return {"networks": files.filestore_networks(inputs)}
    if kind.token == v.NODE_POOL and node_pools.is_short_lived(inputs):
        return {"upgradeSettings": {"strategy": "SHORT_LIVED"}}
    return {}


GCP = Cloud(
    package="gcp",
    kinds={kind.token: kind for kind in _KINDS},
    functions={function.token: function for function in _FUNCTIONS},
    wording=Wording(refused=_refused, broken=_came_up_broken, retried=_RETRIED, attempts=_ATTEMPTS, asked=_said),
    region_of=region_from(
        "region",
        "GOOGLE_REGION",
        missing="region: required field is not set: set gcp:region, or region of the provider",
    ),
    decorate=_decorate,
    seed=seed,
    service_controllers=CONTROLLERS,
    dns=DNS,
    configuration={
        "project": v.IN_PROJECT["project"],
        "region": Prop(allowed=OneOf(*REGIONS)),
        "defaultLabels": Prop(allowed=v.LABELS),
    },
)
"""The simulated Google Cloud."""
