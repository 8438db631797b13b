"""Node pools of hosts that are one's own: they can be neither bought nor scaled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....contracts.errors import Problem
from ....contracts.pools import DriverOwner
from ...rules.capacity import ON_DEMAND_ONLY, OWNED
from ...rules.disks import unmade_disk_problems
from ...rules.duplicates import duplicate_problems
from ...rules.pool_policy import PoolPolicy, policy_problems
from ...rules.pool_view import PoolView
from ...rules.versions import minor
from ..facts import DEFAULT_DRIVER
from ..settings import KubeadmTarget

# v1beta4 of kubeadm's configuration exists from 1.31; Cilium 1.20 is tested from 1.31 on, and both up to 1.35.
_OLDEST, _NEWEST = 31, 35
# https://kubernetes.io/releases/patch-releases: monthly for 14 months; urgent ones came on top, 20 at most up to 1.18.
_MOST_PATCHES = 40
POLICY = PoolPolicy(
    cloud="onprem",
    environment="a site of one's own",
    needed_by="CoreDNS",
    sold=ON_DEMAND_ONLY,
    unsold=OWNED,
    default_driver=DEFAULT_DRIVER,
    refused_drivers={DriverOwner.PLATFORM: "means the cloud, and there is none"},
    owned_labels=("topology.kubernetes.io/zone", "node.kubernetes.io/instance-type"),
    most_taints=20,
    own_fabric=True,
)
"""What hosts of one's own allow of node pools; nobody buys them, so no other kind of capacity makes sense."""


def pool_problems(target: KubeadmTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Wrong pools of a cluster."""
    yield from policy_problems(POLICY, pools, kubernetes_version=target.kubernetes_version)
    for view in pools:
        yield from duplicate_problems(view.path("zones"), view.pool.zones, "its nodes would be counted twice")
    yield from _scaled(pools)
    yield from unmade_disk_problems(pools)
    yield from _version(target)


def _scaled(pools: Sequence[PoolView]) -> Iterator[Problem]:
    for view in pools:
        if view.pool.autoscaled is not None:
            yield view.problem(
                "autoscaled",
                cause="a site cannot create hosts",
                consequence="pods would wait for nodes that never come",
                fix="leave autoscaled out, and list further hosts in target.workers",
            )


def _version(target: KubeadmTarget) -> Iterator[Problem]:
    if not _OLDEST <= minor(target.kubernetes_version) <= _NEWEST:
        yield Problem(
            field="target.kubernetes_version",
            cause=f"{target.kubernetes_version} is outside 1.{_OLDEST} to 1.{_NEWEST}",
            consequence="the configuration of kubeadm or the pod network is not made for it",
            fix=f"use a version from 1.{_OLDEST} to 1.{_NEWEST}",
        )
    elif int(target.kubernetes_version.split(".")[2]) > _MOST_PATCHES:
        yield Problem(
            field="target.kubernetes_version",
            cause=f"no patch {target.kubernetes_version} of Kubernetes exists: patches come once a month for 14 months",
            consequence="the hosts find no package of that version, and the first one fails half-way",
            fix="use a version that https://kubernetes.io/releases/patch-releases/ lists",
        )
