"""Amazon EKS as an environment.

Each function loads what it calls: a program imports all environments and asks one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import pulumi

from ...contracts.api_access import ApiAccess
from ...contracts.cluster_facts import ClusterFacts
from ...contracts.costs import CostLine
from ...contracts.errors import Problem
from ...contracts.network_facts import NetworkFacts
from ...contracts.versions import LOAD_BALANCER_CONTROLLER_CHART
from ..cluster import Cluster
from ..deployer_rights import DeployerRights
from ..environment import Environment, EnvironmentContext, Pools, Presence, downloaded_kubeconfig
from .settings import EksTarget, LoadBalancerController


def _describe(target: EksTarget) -> str:
    return f"EKS cluster {target.name} in {target.region}"


def _problems(target: EksTarget, pools: Pools, now: datetime) -> Iterable[Problem]:
    from .rules import eks_problems  # noqa: PLC0415

    return eks_problems(target, pools, now)


def _facts(target: EksTarget, pools: Pools) -> ClusterFacts:
    from .facts import eks_facts  # noqa: PLC0415

    return eks_facts(target, pools)


def _network(stack: str, target: EksTarget) -> NetworkFacts | None:
    from .network import eks_network  # noqa: PLC0415

    return eks_network(stack, target)


def _costs(target: EksTarget, pools: Pools) -> tuple[CostLine, ...]:
    from .costs import eks_costs  # noqa: PLC0415

    return eks_costs(target, pools)


def _api_access(target: EksTarget) -> ApiAccess:
    return target.api_access


def _require_account(target: EksTarget, pools: Pools, _context: EnvironmentContext) -> None:
    from .account import require_account  # noqa: PLC0415
    from .args import EksClusterArgs  # noqa: PLC0415

    require_account(target.name, EksClusterArgs.of(target, pools))


def _create(
    target: EksTarget, pools: Pools, context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    from .cluster import EksClusterArgs, eks_cluster  # noqa: PLC0415

    args = replace(
        EksClusterArgs.of(target, pools),
        charts=context.charts,
        image_mirror=context.image_mirror,
        image_digests=context.image_digests,
    )
    return eks_cluster(target.name, args, opts)


def _charts(target: EksTarget) -> Mapping[str, str]:
    if target.load_balancer_controller is not LoadBalancerController.INSTALLED:
        return {}
    return {"target.load_balancer_controller": LOAD_BALANCER_CONTROLLER_CHART.name}


def _deployer_rights() -> DeployerRights:
    from .deployer_rights import DEPLOYER_RIGHTS  # noqa: PLC0415

    return DEPLOYER_RIGHTS


ENVIRONMENT = Environment(
    settings=EksTarget,
    presence=Presence.CLOUD,
    describe=_describe,
    problems=_problems,
    facts=_facts,
    network=_network,
    costs=_costs,
    api_access=_api_access,
    kubeconfig=downloaded_kubeconfig,
    require_account=_require_account,
    create=_create,
    deployer_rights=_deployer_rights,
    charts=_charts,
)
