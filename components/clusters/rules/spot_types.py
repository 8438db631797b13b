"""Several machine types in one spot pool: as alike as the planner takes them to be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...contracts.capacity import Spot
from ...contracts.errors import Problem, nearest
from ...planner.catalogs.instances import InstanceType, instances, known_instance
from .duplicates import duplicate_problems
from .pool_view import PoolView, known_pools

# EC2 user guide, instance-types (naming conventions): c, m and r have 2, 4 and 8 GiB for each CPU, and a size has as
# many CPUs in each of them; g stands for Graviton, d for local disks. Sizes of -flex may not be used whole.
_AWS_NAME = re.compile(r"(?P<family>[cmr])[5-9](?P<options>[a-z]*)\.(?P<size>\d*x?large)")


def spot_type_problems(pools: Sequence[PoolView], environment: str, *, may_mix: bool) -> Iterator[Problem]:
    """Further machine types that the environment does not take, or that differ from the pool's own.

    Args:
        pools: The pools.
        environment: For people to read, such as ``EKS``.
        may_mix: Whether its node pools take several types.
    """
    for view, machine in known_pools(pools):
        further = view.pool.capacity.instance_types if isinstance(view.pool.capacity, Spot) else ()
        if further and not may_mix:
            yield view.problem(
                "capacity.instance_types",
                cause=f"a node pool of {environment} has one machine type",
                consequence="the others would be ignored",
                fix="make a pool of its own for each type",
            )
            continue
        path = view.path("capacity.instance_types")
        yield from duplicate_problems(path, further, "a type counts once")
        for index, name in enumerate(further):
            if name not in further[:index] and not _is_as_large(view, machine, name):
                yield from _differences(view, machine, index, name)


def _is_as_large(view: PoolView, machine: InstanceType, name: str) -> bool:
    """Whether a type that the catalog lacks is of the pool's size: by its name, or as the pool's numbers say."""
    if known_instance(name) is not None:
        return False
    own, other = _AWS_NAME.fullmatch(machine.name), _AWS_NAME.fullmatch(name)
    if own is None or other is None:
        return view.pool.machine is not None
    is_arm, has_disks = "g" in other["options"], "d" in other["options"]
    return (
        (own["family"], own["size"]) == (other["family"], other["size"])
        and is_arm == (machine.architecture == "arm64")
        and has_disks == bool(machine.nvme_gb)
    )


def _differences(view: PoolView, machine: InstanceType, index: int, name: str) -> Iterator[Problem]:
    setting = f"capacity.instance_types[{index}]"
    alike = [other for other in instances() if other is not machine and _is_alike(other, machine)]
    if name in {other.name for other in alike}:
        return
    known = known_instance(name)
    names = [other.name for other in alike]
    near = nearest(name, names) or (names[0] if names else None)
    yield view.problem(
        setting,
        cause=f"{name} is {'the type of the pool itself' if name == machine.name else _size(known)}; {machine.name} "
        f"is {_size(machine)}",
        consequence="the pool has it anyway"
        if name == machine.name
        else "plans count on every node being the same, and pods would not fit, or GPUs be left over",
        fix=f"use one that is alike, such as {near}" if near else "leave it out; the catalog has none that is alike",
    )


def _is_alike(one: InstanceType, other: InstanceType) -> bool:
    return _properties(one) == _properties(other) and not (one.rdma_nics or other.rdma_nics)


def _properties(machine: InstanceType) -> tuple[object, ...]:
    return (
        machine.cloud,
        machine.architecture,
        machine.vcpus,
        machine.memory_gib,
        machine.gpu,
        machine.gpus,
        machine.gpu_fraction,
        bool(machine.nvme_gb),
    )


def _size(machine: InstanceType | None) -> str:
    if machine is None:
        return "not in the instance catalog"
    gpus = f", {machine.gpus} × {machine.gpu}" if machine.gpus else ""
    disks = "local disks" if machine.nvme_gb else "no local disks"
    fabric = ", RDMA cards" if machine.rdma_nics else ""
    return f"{machine.vcpus} CPUs, {machine.memory_gib:g}Gi, {machine.architecture}, {disks}{gpus}{fabric}"
