"""Machine types of a pool: of which cloud they are, and which processors one pool may mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...contracts.errors import Problem, nearest
from ...contracts.names import MAX_LABEL, is_label_value
from ...planner.catalogs.clouds import clouds
from ...planner.catalogs.instances import InstanceType, instances, known_instance
from .pool_view import PoolView, known_pools
from .taints import takes_any_pod


def cloud_problems(pools: Sequence[PoolView], cloud: str, environment: str) -> Iterator[Problem]:
    """Machine types of another cloud, and names that no cloud gives to machines.

    Args:
        pools: The pools.
        cloud: As the instance catalog spells it, such as ``aws``.
        environment: For people to read, such as ``EKS``.
    """
    for view, machine in known_pools(pools):
        if machine.cloud == cloud:
            continue
        by_users = clouds()[machine.cloud].machine_names is None and not known_instance(machine.name)
        yield view.problem(
            "instance_type",
            cause=f"{machine.name!r} is not a name that {cloud} gives to machines"
            if by_users
            else f"{machine.name} is a machine of {machine.cloud}",
            consequence=f"{environment} has no such machine, and the pool would be refused",
            fix=_own_machine(view, machine, cloud),
        )


def _own_machine(view: PoolView, machine: InstanceType, cloud: str) -> str:
    if view.pool.machine and clouds()[cloud].machine_names is None:
        return "give the machine a name of your own without a dot and without Standard_, such as l40s-host"
    near = nearest(machine.name, [known.name for known in instances() if known.cloud == cloud])
    if near and near.casefold() == machine.name.casefold():
        return f"write {near}" + (", and leave machine out: it is in the catalog" if view.pool.machine else "")
    example = near or clouds()[cloud].gpu_machines[0]
    return f"use a machine of {cloud}, with its name as {cloud} writes it, such as {example}"


def own_machines(pools: Sequence[PoolView], cloud: str) -> tuple[PoolView, ...]:
    """The pools, without the machine types that are refused as a whole: further rules would blame them once more.

    Args:
        pools: The pools.
        cloud: As the instance catalog spells it, such as ``aws``.
    """
    return tuple(
        view
        if view.machine and view.machine.cloud == cloud and (view.pool.kind == "gpu") == bool(view.machine.gpus)
        else replace(view, machine=None)
        for view in pools
    )


def label_name_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Names of machines that no node can carry as its label ``node.kubernetes.io/instance-type``."""
    for view in pools:
        name = view.pool.instance_type
        if view.pool.machine and name.strip() and not is_label_value(name):
            yield view.problem(
                "instance_type",
                cause=f"{name[:60]!r} is not a value that labels of nodes may have",
                consequence="nodes carry it as node.kubernetes.io/instance-type, and the API server would refuse them",
                fix=f"use 1 to {MAX_LABEL} of A-Z, a-z, 0-9, '-', '_' and '.', beginning and ending with a letter or "
                "digit, such as l40s-host",
            )


def architecture_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Nodes of both architectures that take the same pods: an image of one of them fails on the other's nodes."""
    first: InstanceType | None = None
    for view, machine in known_pools(pools):
        if not takes_any_pod(view.pool):
            continue
        if first is not None and machine.architecture != first.architecture:
            yield view.problem(
                "instance_type",
                cause=f"{machine.name} is {machine.architecture}, {first.name} is {first.architecture}, "
                "and both pools take any pod",
                consequence="pods whose image is built for one of them end with 'exec format error' on the other",
                fix="use one architecture for pools without taints, or give this pool a taint",
            )
        first = first or machine
