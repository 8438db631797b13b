"""Machine types that no pool can have: unknown ones, ones of other accelerators, and ones of the wrong kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem, nearest
from ...planner.catalogs.clouds import clouds
from ...planner.catalogs.gpus import gpu
from ...planner.catalogs.instances import InstanceType, instances
from ...planner.catalogs.other_accelerators import other_accelerators
from .pool_view import PoolView

_CATALOG = "components/planner/data/instances.csv"
_SHOWN = 60


def machine_type_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Machine types that are unknown, or that do not suit the kind of their pool."""
    for view in pools:
        machine = view.machine
        accelerator = _other_accelerator(view.pool.instance_type, machine)
        if accelerator and (view.pool.kind == "gpu" or machine is None):
            what, cloud = accelerator
            yield view.problem(
                "instance_type",
                cause=f"{view.pool.instance_type} has {what}",
                consequence="nothing could be planned or served on it: only NVIDIA GPUs have their memory and speed "
                "in the catalogs, an image of vLLM, and a device plugin",
                fix=f"use a machine with NVIDIA GPUs, such as {' or '.join(clouds()[cloud].gpu_machines)}",
            )
        elif machine is None:
            yield _unknown(view)
        elif (view.pool.kind == "gpu") != bool(machine.gpus):
            has = f"{machine.gpus} GPUs" if machine.gpus else "no GPU"
            yield view.problem(
                "instance_type",
                cause=f"{machine.name} has {has}, but the pool is of kind {view.pool.kind}",
                consequence="its nodes would carry the wrong labels and taints",
                fix=f"write kind: {'gpu' if machine.gpus else 'cpu'}, or choose another instance type",
            )


def _other_accelerator(name: str, machine: InstanceType | None) -> tuple[str, str] | None:
    """What a machine has in place of NVIDIA's GPUs, and its cloud."""
    if machine and (not machine.gpu or gpu(machine.gpu).is_nvidia):
        return None
    found = next(((row.what, row.cloud) for row in other_accelerators() if row.pattern.fullmatch(name)), None)
    if machine and not found:
        return f"{machine.gpu}, which is no GPU of NVIDIA", machine.cloud
    return found


def _unknown(view: PoolView) -> Problem:
    name = view.pool.instance_type
    cause = f"{name[:_SHOWN]!r} is not in the instance catalog"
    strange = next(((place, letter) for place, letter in enumerate(name) if not letter.isascii()), None)
    if strange:
        place, letter = strange
        spelled = unicodedata.name(letter, f"U+{ord(letter):04X}")
        cause += f": character {place + 1}, {letter!r}, is {spelled}, no ASCII letter"
    near = nearest(name, [machine.name for machine in instances()])
    return view.problem(
        "instance_type",
        cause=cause,
        consequence="nothing is created; the stack stays as it is",
        fix=f"did you mean {near!r}?" if near else f"choose one of {_CATALOG}",
    )
