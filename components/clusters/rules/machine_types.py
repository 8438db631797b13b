"""Machine types that no pool can have: unknown ones, ones of other accelerators, and ones of the wrong kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem, nearest
from ...contracts.machines import MachineNumbers
from ...contracts.pools import GpuPool
from ...planner.catalogs.clouds import clouds
from ...planner.catalogs.gpus import gpu, gpus
from ...planner.catalogs.instances import instances, known_instance
from ...planner.catalogs.other_accelerators import device_called, other_accelerators
from .pool_view import PoolView

_CATALOG = "components/planner/data/instances.csv"
_SHOWN = 60


def machine_type_problems(pools: Sequence[PoolView]) -> Iterator[Problem]:
    """Machine types that are unknown, or that do not suit the kind of their pool."""
    for view in pools:
        machine = view.machine
        accelerator = _other_accelerator(view)
        if not view.pool.instance_type.strip():
            yield view.problem(
                "instance_type",
                cause="is empty",
                consequence="nobody could tell which machines the pool is of",
                fix="name a machine type of the catalog, or give the machine of `machine:` a name, such as l40s-host",
            )
        elif accelerator:
            what, cloud = accelerator
            yield view.problem(
                "instance_type",
                cause=f"{view.pool.instance_type} has {what}",
                consequence="nothing could be planned or served on it: only NVIDIA GPUs have their memory and speed "
                "in the catalogs, an image of vLLM, and a device plugin",
                fix=f"use a machine with NVIDIA GPUs, such as {' or '.join(clouds()[cloud].gpu_machines)}",
            )
        elif view.pool.machine and (machine is None or (machine.gpu and not gpu(machine.gpu).is_nvidia)):
            yield _unknown_gpu(view, view.pool.machine)
        elif view.pool.machine and known_instance(view.pool.instance_type):
            yield view.problem(
                "machine",
                cause=f"{view.pool.instance_type} is in the instance catalog",
                consequence="two answers to what it holds could differ, and its RDMA cards and price would be lost",
                fix="leave machine out",
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


def _other_accelerator(view: PoolView) -> tuple[str, str] | None:
    """What a machine has in place of NVIDIA's GPUs by its name, whatever its numbers say, and its cloud."""
    name, machine = view.pool.instance_type, view.machine
    found = next(((row.what, row.cloud) for row in other_accelerators() if row.pattern.fullmatch(name)), None)
    if found or view.pool.machine or machine is None or machine.gpu is None or gpu(machine.gpu).is_nvidia:
        return found
    return f"{machine.gpu}, which is no GPU of NVIDIA", machine.cloud


def _unknown_gpu(view: PoolView, numbers: MachineNumbers) -> Problem:
    other = device_called(str(numbers.gpu))
    if other:
        return view.problem(
            "machine.gpu",
            cause=f"{str(numbers.gpu)[:_SHOWN]!r} names {other}",
            consequence="nothing could be planned or served on it: only NVIDIA GPUs have their memory and speed in the "
            "catalogs, an image of vLLM, and a device plugin",
            fix="use machines with NVIDIA GPUs",
        )
    names = [card.name for card in gpus() if card.is_nvidia]
    meant = _gpus_like(str(numbers.gpu)) or names
    return view.problem(
        "machine.gpu",
        cause=f"{str(numbers.gpu)[:_SHOWN]!r} is not an NVIDIA GPU of the catalog",
        consequence="its memory and speed are unknown, and nothing could be planned on it",
        fix=f"write one of {', '.join(meant)}" if len(meant) > 1 else f"write {meant[0]}",
    )


def _gpus_like(name: str) -> list[str]:
    """GPUs of that name in other letters, and those that it is the family of: all of H100 for ``h100``.

    Another number or letter is another GPU, such as H200 for GH200, so that nothing else is near.
    """
    plain = _plain(name)
    return [
        card.name
        for card in gpus()
        if card.is_nvidia
        and plain
        and (_plain(card.name).startswith(plain) or plain in {_plain(alias) for alias in card.aliases})
    ]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _unknown(view: PoolView) -> Problem:
    name = view.pool.instance_type
    cause = f"{name[:_SHOWN]!r} is not in the instance catalog"
    strange = next(((place, letter) for place, letter in enumerate(name) if not letter.isascii()), None)
    if strange:
        place, letter = strange
        spelled = unicodedata.name(letter, f"U+{ord(letter):04X}")
        cause += f": character {place + 1}, {letter!r}, is {spelled}, no ASCII letter"
    has_gpus = isinstance(view.pool, GpuPool)
    near = nearest(name, [machine.name for machine in instances() if bool(machine.gpus) is has_gpus])
    return view.problem(
        "instance_type",
        cause=cause,
        consequence="nothing is created; the stack stays as it is",
        fix=(f"did you mean {near!r}? If not," if near else f"choose one of {_CATALOG}, or")
        + " say what it holds, such as machine: {cpus: 96, memory: 768Gi, gpu: L40S, gpus: 4}",
    )
