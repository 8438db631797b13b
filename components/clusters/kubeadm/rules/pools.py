"""Node pools of hosts that are one's own: they can be neither bought nor scaled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....contracts.capacity import OnDemand
from ....contracts.errors import Problem
from ....contracts.pools import DriverOwner, NodePool
from ...rules_common import (
    advertiser_problems,
    architecture_problems,
    cloud_problems,
    driver_problems,
    fabric_problems,
    home_problems,
    known_machines,
    label_problems,
    minor,
    taint_problems,
)
from ..facts import DEFAULT_DRIVER
from ..settings import KubeadmTarget

# v1beta4 of kubeadm's configuration exists from 1.31; Cilium 1.20 is tested from 1.31 on, and both up to 1.35.
_OLDEST, _NEWEST = 31, 35
_MOST_TAINTS = 20
_OWNED_LABELS = ("topology.kubernetes.io/zone", "node.kubernetes.io/instance-type")


def pool_problems(target: KubeadmTarget, pools: Sequence[NodePool]) -> Iterator[Problem]:
    """Wrong pools of a cluster."""
    machines = known_machines(pools)
    yield from cloud_problems(machines, "onprem", "a site of one's own")
    yield from label_problems(pools, reserved=(), owned=_OWNED_LABELS)
    yield from taint_problems(pools, reserved=(), most=_MOST_TAINTS)
    yield from home_problems(pools, "CoreDNS")
    yield from architecture_problems(pools, machines)
    yield from fabric_problems(pools, machines)
    yield from advertiser_problems(pools, machines, target.kubernetes_version)
    yield from driver_problems(
        pools,
        {DriverOwner.PLATFORM: "means the cloud, and there is none"},
        DEFAULT_DRIVER,
    )
    yield from _bought_or_scaled(pools)
    yield from _version(target)


def _bought_or_scaled(pools: Sequence[NodePool]) -> Iterator[Problem]:
    for index, pool in enumerate(pools):
        if not isinstance(pool.capacity, OnDemand):
            yield Problem(
                field=f"node_pools[{index}].capacity.kind",
                cause=f"{pool.capacity.kind!r} is a way to buy machines from a cloud",
                consequence="hosts of one's own are there already; nothing would be bought",
                fix="leave capacity out",
            )
        if pool.autoscaled is not None:
            yield Problem(
                field=f"node_pools[{index}].autoscaled",
                cause="nobody can make another host",
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
