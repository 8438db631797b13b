"""Azure Kubernetes Service as an environment."""

from __future__ import annotations

import pulumi

from ...contracts.api_access import ApiAccess
from ..cluster import Cluster
from ..environment import Environment, EnvironmentContext, Pools, Presence, downloaded_kubeconfig
from .costs import aks_costs
from .facts import aks_facts
from .network import aks_network
from .rules import aks_problems
from .settings import AksTarget


def _describe(target: AksTarget) -> str:
    return f"AKS cluster {target.name} in {target.region}"


def _api_access(target: AksTarget) -> ApiAccess:
    return target.api_access


def _require_account(target: AksTarget, pools: Pools, _context: EnvironmentContext) -> None:
    from .account import require_account  # noqa: PLC0415 - loads the SDK
    from .args import AksClusterArgs  # noqa: PLC0415 - loads Pulumi

    require_account(target.name, AksClusterArgs.of(target, pools))


def _create(
    target: AksTarget, pools: Pools, _context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    from .cluster import AksClusterArgs, aks_cluster  # noqa: PLC0415 - loads the SDK

    return aks_cluster(target.name, AksClusterArgs.of(target, pools), opts)


ENVIRONMENT = Environment(
    settings=AksTarget,
    presence=Presence.CLOUD,
    describe=_describe,
    problems=aks_problems,
    facts=aks_facts,
    network=aks_network,
    costs=aks_costs,
    api_access=_api_access,
    kubeconfig=downloaded_kubeconfig,
    require_account=_require_account,
    create=_create,
)
