"""Azure Kubernetes Service as an environment.

Each function loads what it calls: a program imports all environments and asks one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pulumi

from ...contracts.api_access import ApiAccess
from ...contracts.cluster_facts import ClusterFacts
from ...contracts.costs import CostLine
from ...contracts.errors import Problem
from ...contracts.network_facts import NetworkFacts
from ..cluster import Cluster
from ..deployer_rights import DeployerRights
from ..environment import Environment, EnvironmentContext, Pools, Presence, downloaded_kubeconfig
from .settings import AksTarget


def _describe(target: AksTarget) -> str:
    return f"AKS cluster {target.name} in {target.region}"


def _problems(target: AksTarget, pools: Pools, now: datetime) -> Iterable[Problem]:
    from .rules import aks_problems  # noqa: PLC0415

    return aks_problems(target, pools, now)


def _facts(target: AksTarget, pools: Pools) -> ClusterFacts:
    from .facts import aks_facts  # noqa: PLC0415

    return aks_facts(target, pools)


def _network(stack: str, target: AksTarget) -> NetworkFacts | None:
    from .network import aks_network  # noqa: PLC0415

    return aks_network(stack, target)


def _costs(target: AksTarget, pools: Pools) -> tuple[CostLine, ...]:
    from .costs import aks_costs  # noqa: PLC0415

    return aks_costs(target, pools)


def _api_access(target: AksTarget) -> ApiAccess:
    return target.api_access


def _require_account(target: AksTarget, pools: Pools, _context: EnvironmentContext) -> None:
    from .account import require_account  # noqa: PLC0415
    from .args import AksClusterArgs  # noqa: PLC0415

    require_account(target.name, AksClusterArgs.of(target, pools))


def _create(
    target: AksTarget, pools: Pools, context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    from .cluster import AksClusterArgs, aks_cluster  # noqa: PLC0415

    args = replace(
        AksClusterArgs.of(target, pools), image_mirror=context.image_mirror, image_digests=context.image_digests
    )
    return aks_cluster(target.name, args, opts)


def _deployer_rights() -> DeployerRights:
    from .deployer_rights import DEPLOYER_RIGHTS  # noqa: PLC0415

    return DEPLOYER_RIGHTS


ENVIRONMENT = Environment(
    settings=AksTarget,
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
)
