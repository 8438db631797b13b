"""Numbers of a machine that cannot be right: disks without room for a pod, and the wrong processors beside a GPU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from ...contracts.errors import Problem
from ...contracts.machines import MachineNumbers
from ...contracts.quantities import ByteSize
from ...planner.catalogs.clouds import clouds
from ...planner.catalogs.described import described
from ...planner.catalogs.instances import InstanceType, instances
from ...planner.host import SERVER_DISK
from ...planner.shapes import node_shape
from .pool_view import PoolView

# Room for logs and scratch files of ordinary pods.
_ORDINARY_PODS = ByteSize.gib(2)
_LARGEST_PROPOSAL_GIB = 2048


def number_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Numbers that contradict what the machine is for or what its GPU is sold with."""
    for view in pools:
        numbers, machine = view.pool.machine, view.machine
        if numbers is None or machine is None:
            continue
        yield from _disks(view, numbers, machine)
        sold_with = _only_architecture().get(machine.gpu or "")
        if sold_with and machine.architecture != sold_with:
            yield view.problem(
                "machine.architecture",
                cause=f"machines with {machine.gpu} have {sold_with} processors, and the numbers say "
                f"{machine.architecture}",
                consequence="images would be chosen for the wrong processors, and end with 'exec format error'",
                fix=f"write architecture: {sold_with}",
            )


def _disks(view: PoolView, numbers: MachineNumbers, machine: InstanceType) -> Iterator[Problem]:
    needed = SERVER_DISK if view.pool.kind == "gpu" else _ORDINARY_PODS
    left = node_shape(machine).allocatable.ephemeral_storage
    if numbers.local_disks is None or left >= needed:
        return
    yield view.problem(
        "machine.local_disks",
        cause=f"{numbers.local_disks} leave {left.in_gib:.0f} GiB for pods besides what the node keeps, and one "
        f"takes {needed.in_gib:.0f} GiB",
        consequence="pods would stay pending",
        fix=f"write {_enough(view, numbers, machine, needed)} or more, or leave it out if nodes use their root volume",
    )


def _enough(view: PoolView, numbers: MachineNumbers, machine: InstanceType, needed: ByteSize) -> str:
    """The smallest disks that leave so much; whole ones where a cloud sells them in one size."""
    step = clouds()[machine.cloud].local_disk_gb
    sizes = (f"{count * step:.0f}G" if step else f"{count}Gi" for count in range(1, _LARGEST_PROPOSAL_GIB))
    for size in sizes:
        larger = numbers.model_copy(update={"local_disks": ByteSize(size)})
        if node_shape(described(view.pool.instance_type, larger)).allocatable.ephemeral_storage >= needed:
            return size
    return f"{_LARGEST_PROPOSAL_GIB}Gi"


@cache
def _only_architecture() -> Mapping[str, str]:
    """The processors of GPUs that are sold with one kind only, other than amd64: Grace's with GB200, for example."""
    found: dict[str, set[str]] = {}
    for machine in instances():
        if machine.gpu:
            found.setdefault(machine.gpu, set()).add(machine.architecture)
    return {gpu: next(iter(kinds)) for gpu, kinds in found.items() if len(kinds) == 1 and kinds != {"amd64"}}
