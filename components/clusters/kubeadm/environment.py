"""Hosts of one's own, joined by kubeadm, as an environment.

Each function loads what it calls: a program imports all environments and asks one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pulumi

from ...contracts.api_access import ApiAccess, PrivateAccess
from ...contracts.cluster_facts import ClusterFacts
from ...contracts.costs import CostLine
from ...contracts.errors import Problem
from ...contracts.network_facts import NetworkFacts
from ..cluster import Cluster
from ..environment import Environment, EnvironmentContext, Pools, Presence, SecretNeed, downloaded_kubeconfig
from .settings import KubeadmTarget

SSH_PRIVATE_KEY = "ssh_private_key"


def _describe(target: KubeadmTarget) -> str:
    first, *others = target.networks.subnets
    more = f" and {len(others)} more subnets" if others else ""
    return f"cluster {target.name} on {len(target.workers)} hosts of {first}{more}"


def _problems(target: KubeadmTarget, pools: Pools, _now: datetime) -> Iterator[Problem]:
    from .rules import kubeadm_problems  # noqa: PLC0415

    return kubeadm_problems(target, pools)


def _facts(target: KubeadmTarget, pools: Pools) -> ClusterFacts:
    from .facts import kubeadm_facts  # noqa: PLC0415

    return kubeadm_facts(target, pools)


def _network(stack: str, target: KubeadmTarget) -> NetworkFacts | None:
    from .network import kubeadm_network  # noqa: PLC0415

    return kubeadm_network(stack, target)


def _costs(target: KubeadmTarget, pools: Pools) -> tuple[CostLine, ...]:
    from .costs import kubeadm_costs  # noqa: PLC0415

    return kubeadm_costs(target, pools)


def _require_hosts(target: KubeadmTarget) -> None:
    from .reachability import require_hosts  # noqa: PLC0415

    require_hosts(target)


def _with_paths(target: KubeadmTarget, project: Path) -> KubeadmTarget:
    if target.ca_bundle is None:
        return target
    return target.model_copy(update={"ca_bundle": str(project / target.ca_bundle)})


def _api_access(target: KubeadmTarget) -> ApiAccess:
    return PrivateAccess(kind="private", cidrs=target.networks.subnets)


def _create(
    target: KubeadmTarget, pools: Pools, context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    from .cluster import KubeadmClusterArgs, kubeadm_cluster  # noqa: PLC0415

    key = context.secrets.get(SSH_PRIVATE_KEY, pulumi.Output.secret(""))
    return kubeadm_cluster(target.name, KubeadmClusterArgs.of(target, pools, key), opts)


ENVIRONMENT = Environment(
    settings=KubeadmTarget,
    presence=Presence.HOSTS,
    describe=_describe,
    with_paths=_with_paths,
    problems=_problems,
    facts=_facts,
    network=_network,
    costs=_costs,
    api_access=_api_access,
    kubeconfig=downloaded_kubeconfig,
    secrets=(
        SecretNeed(
            name=SSH_PRIVATE_KEY,
            consequence="no host could be reached",
            fix="write secrets: {ssh_private_key: sshPrivateKey}, and pulumi config set --secret sshPrivateKey < key",
        ),
    ),
    require_hosts=_require_hosts,
    create=_create,
)
