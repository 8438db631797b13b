"""Hosts of one's own, joined by kubeadm, as an environment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pulumi

from ...contracts.api_access import ApiAccess, PrivateAccess
from ...contracts.errors import Problem
from ..cluster import Cluster
from ..environment import Environment, EnvironmentContext, Pools, Presence, SecretNeed, downloaded_kubeconfig
from .costs import kubeadm_costs
from .facts import kubeadm_facts
from .network import kubeadm_network
from .reachability import require_hosts
from .rules import kubeadm_problems
from .settings import KubeadmTarget

SSH_PRIVATE_KEY = "ssh_private_key"


def _describe(target: KubeadmTarget) -> str:
    first, *others = target.networks.subnets
    more = f" and {len(others)} more subnets" if others else ""
    return f"cluster {target.name} on {len(target.workers)} hosts of {first}{more}"


def _problems(target: KubeadmTarget, pools: Pools, _now: datetime) -> Iterator[Problem]:
    return kubeadm_problems(target, pools)


def _with_paths(target: KubeadmTarget, project: Path) -> KubeadmTarget:
    if target.ca_bundle is None:
        return target
    return target.model_copy(update={"ca_bundle": str(project / target.ca_bundle)})


def _api_access(target: KubeadmTarget) -> ApiAccess:
    return PrivateAccess(kind="private", cidrs=target.networks.subnets)


def _create(
    target: KubeadmTarget, pools: Pools, context: EnvironmentContext, opts: pulumi.ResourceOptions | None
) -> Cluster:
    from .cluster import KubeadmClusterArgs, kubeadm_cluster  # noqa: PLC0415 - loads the SDK

    key = context.secrets.get(SSH_PRIVATE_KEY, pulumi.Output.secret(""))
    return kubeadm_cluster(target.name, KubeadmClusterArgs.of(target, pools, key), opts)


ENVIRONMENT = Environment(
    settings=KubeadmTarget,
    presence=Presence.HOSTS,
    describe=_describe,
    with_paths=_with_paths,
    problems=_problems,
    facts=kubeadm_facts,
    network=kubeadm_network,
    costs=kubeadm_costs,
    api_access=_api_access,
    kubeconfig=downloaded_kubeconfig,
    secrets=(
        SecretNeed(
            name=SSH_PRIVATE_KEY,
            consequence="no host could be reached",
            fix="write secrets: {ssh_private_key: sshPrivateKey}, and pulumi config set --secret sshPrivateKey < key",
        ),
    ),
    require_hosts=require_hosts,
    create=_create,
)
