"""Amazon EKS as an environment."""

from __future__ import annotations

import pulumi

from ...contracts.api_access import ApiAccess
from ..cluster import Cluster
from ..environment import Environment, EnvironmentContext, Pools, Presence, downloaded_kubeconfig
from .costs import eks_costs
from .facts import eks_facts
from .network import eks_network
from .rules import eks_problems
from .settings import EksTarget


def _describe(target: EksTarget) -> str:
    return f"EKS cluster {target.name} in {target.region}"


def _api_access(target: EksTarget) -> ApiAccess:
    return target.api_access


def _require_account(target: EksTarget, pools: Pools, _context: EnvironmentContext) -> None:
    from .account import require_account  # noqa: PLC0415 - loads the SDK
    from .args import EksClusterArgs  # noqa: PLC0415 - loads Pulumi

    require_account(target.name, EksClusterArgs.of(target, pools))


def _create(
    target: EksTarget, pools: Pools, _context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    from .cluster import EksClusterArgs, eks_cluster  # noqa: PLC0415 - loads the SDK

    return eks_cluster(target.name, EksClusterArgs.of(target, pools), opts)


ENVIRONMENT = Environment(
    settings=EksTarget,
    presence=Presence.CLOUD,
    describe=_describe,
    problems=eks_problems,
    facts=eks_facts,
    network=eks_network,
    costs=eks_costs,
    api_access=_api_access,
    kubeconfig=downloaded_kubeconfig,
    require_account=_require_account,
    create=_create,
)
