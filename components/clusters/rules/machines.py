"""Machine types of a pool: of which cloud they are, and which processors one pool may mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem, nearest
from ...planner.catalogs.instances import InstanceType, instances
from .pool_view import PoolView, known_pools
from .taints import takes_any_pod


def cloud_problems(pools: Sequence[PoolView], cloud: str, environment: str) -> Iterator[Problem]:
    """Machine types of another cloud.

    Args:
        pools: The pools.
        cloud: As the instance catalog spells it, such as ``aws``.
        environment: For people to read, such as ``EKS``.
    """
    names = [machine.name for machine in instances() if machine.cloud == cloud]
    for view, machine in known_pools(pools):
        if machine.cloud != cloud:
            near = nearest(machine.name, names)
            yield view.problem(
                "instance_type",
                cause=f"{machine.name} is a machine of {machine.cloud}",
                consequence=f"{environment} has no such machine, and the pool would be refused",
                fix=f"choose a machine of {cloud}" + (f", such as {near}" if near else ""),
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
