"""Google Kubernetes Engine as an environment."""

from __future__ import annotations

import pulumi

from ...contracts.api_access import ApiAccess
from ..cluster import Cluster
from ..environment import Environment, EnvironmentContext, Pools, Presence, downloaded_kubeconfig
from .costs import gke_costs
from .facts import gke_facts
from .network import gke_network
from .rules import gke_problems
from .settings import GkeTarget


def _describe(target: GkeTarget) -> str:
    return f"GKE cluster {target.name} in {target.region} of {target.project}"


def _api_access(target: GkeTarget) -> ApiAccess:
    return target.api_access


def _require_account(target: GkeTarget, pools: Pools, _context: EnvironmentContext) -> None:
    from .account import require_account  # noqa: PLC0415 - loads the SDK
    from .args import GkeClusterArgs  # noqa: PLC0415 - loads Pulumi

    require_account(target.name, GkeClusterArgs.of(target, pools))


def _create(
    target: GkeTarget, pools: Pools, _context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    from .cluster import GkeClusterArgs, gke_cluster  # noqa: PLC0415 - loads the SDK

    return gke_cluster(target.name, GkeClusterArgs.of(target, pools), opts)


ENVIRONMENT = Environment(
    settings=GkeTarget,
    presence=Presence.CLOUD,
    describe=_describe,
    problems=gke_problems,
    facts=gke_facts,
    network=gke_network,
    costs=gke_costs,
    api_access=_api_access,
    kubeconfig=downloaded_kubeconfig,
    require_account=_require_account,
    create=_create,
)
