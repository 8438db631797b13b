"""The inventory: which hosts there are, and whether they can become one cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from ....contracts.errors import Problem, nearest
from ...rules.pool_view import PoolView
from ..hosts import Host
from ..settings import KubeadmTarget
from .addresses import hosts
from .subnets import listed, network_is_wrong, subnet_of, subnets

_WITHOUT_MAJORITY = 2


def host_problems(target: KubeadmTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Wrong hosts of a cluster."""
    by_path = dict(hosts(target))
    yield from _even_control_plane(target)
    yield from _doubles(by_path)
    yield from _outside(target, by_path)
    yield from _pools_and_workers(target, pools)


def _even_control_plane(target: KubeadmTarget) -> Iterator[Problem]:
    count = len(target.control_plane.hosts)
    if count % 2 == 0:
        spared = (count - 1) // 2
        yield Problem(
            field="target.control_plane.hosts",
            cause=f"{count} hosts run etcd, which needs a majority of them",
            consequence=f"it survives {spared} lost hosts, no more than {count - 1} hosts would"
            + (": either of the two stops the cluster" if count == _WITHOUT_MAJORITY else ""),
            fix=f"use {count - 1} or {count + 1} hosts",
        )


def _doubles(by_path: dict[str, Host]) -> Iterator[Problem]:
    for what, consequence in (
        ("name", "the second would take over the first one's node"),
        ("address", "both resources would prepare and reset the same machine"),
        (
            "host_key",
            "one machine is listed twice, or two were cloned, and one can pose as the other",
        ),
    ):
        first: dict[str, str] = {}
        for path, host in by_path.items():
            value = str(getattr(host, what))
            if value in first:
                yield Problem(
                    field=f"{path}.{what}",
                    cause=f"{value[:40]} is that of {first[value]} too",
                    consequence=consequence,
                    fix=f"give each host its own {what.replace('_', ' ')}",
                )
            first.setdefault(value, path)


def _outside(target: KubeadmTarget, by_path: dict[str, Host]) -> Iterator[Problem]:
    known = subnets(target)
    where = f"outside {known[0]}, the network of the hosts" if len(known) == 1 else f"in none of {listed(known)}"
    consequence = "routes and firewalls are made for that network; the node would join and not be reached"
    if network_is_wrong(target):
        outside = [host for host in by_path.values() if subnet_of(IPv4Address(host.address), known) is None]
        yield Problem(
            field="target.networks.nodes",
            cause=f"{len(outside)} of {len(by_path)} hosts, such as {outside[0].name} at {outside[0].address}, "
            f"are {where}",
            consequence=consequence,
            fix="write the network that the hosts are in, or list their other subnets in target.networks.other_subnets",
        )
        return
    for path, host in by_path.items():
        if subnet_of(IPv4Address(host.address), known) is None:
            yield Problem(
                field=f"{path}.address",
                cause=f"{host.address} is {where}",
                consequence=consequence,
                fix="correct the address, widen target.networks.nodes, "
                "or list the host's subnet in target.networks.other_subnets",
            )


def _pools_and_workers(target: KubeadmTarget, pools: Sequence[PoolView]) -> Iterator[Problem]:
    by_name = {view.pool.name: view.pool for view in pools}
    counted = Counter(worker.pool for worker in target.workers)
    for index, worker in enumerate(target.workers):
        pool = by_name.get(worker.pool)
        if pool is None:
            near = nearest(worker.pool, by_name)
            yield Problem(
                field=f"target.workers[{index}].pool",
                cause=f"no pool is named {worker.pool!r}",
                consequence="the host would not join, and its GPUs stay idle",
                fix=f"did you mean {near!r}?" if near else f"use {' or '.join(by_name)}",
            )
        elif worker.zone not in pool.zones:
            zones = dict.fromkeys(pool.zones)
            yield Problem(
                field=f"target.workers[{index}].zone",
                cause=f"{worker.zone!r} is not among the zones of pool {pool.name}: {', '.join(zones)}",
                consequence="pods are spread over zones of the pool, and its node would be in none of them",
                fix=f"use {' or '.join(zones)}, or add the zone to the pool",
            )
    for view in pools:
        pool = view.pool
        found = counted[pool.name]
        # A host whose pool is misspelt is refused there.
        meant = sum(
            nearest(worker.pool, by_name) == pool.name for worker in target.workers if worker.pool not in by_name
        )
        if found != pool.count and found + meant != pool.count:
            yield view.problem(
                "count",
                cause=f"pool {pool.name} has {pool.count} nodes, and target.workers names {found} hosts for it",
                consequence="the planner would count on machines that are not there, or leave some unused",
                fix=f"use count: {found}, or list {pool.count} hosts",
            )
