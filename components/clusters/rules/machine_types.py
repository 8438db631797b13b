"""Machine types that no pool can have: unknown ones, ones of other accelerators, and ones of the wrong kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from ...contracts.errors import Problem, nearest
from ...planner.catalogs.gpus import gpu
from ...planner.catalogs.instances import InstanceType, instances
from .pool_view import PoolView

# AWS, Google Cloud and Azure documentation, machine families of accelerated computing.
_OTHER_ACCELERATORS = (
    (re.compile(r"(ct\d+[a-z]*|tpu\d+[a-z]*)-.+"), "gcp", "TPUs, for which pods ask by google.com/tpu and a topology"),
    (re.compile(r"trn\d+[a-z]*\..+"), "aws", "AWS Trainium chips, for which vLLM and pods need AWS Neuron"),
    (re.compile(r"inf\d+[a-z]*\..+"), "aws", "AWS Inferentia chips, for which vLLM and pods need AWS Neuron"),
    (re.compile(r"dl1\..+"), "aws", "Gaudi accelerators, for which vLLM and pods need Intel's plugins"),
    (re.compile(r"dl2q\..+"), "aws", "Qualcomm accelerators"),
    (re.compile(r"(f\d|vt1)\..+"), "aws", "FPGAs or video chips"),
    (re.compile(r"g4ad\..+"), "aws", "AMD GPUs, for which vLLM and pods need ROCm"),
    (re.compile(r"Standard_N.*_MI\d+.*", re.IGNORECASE), "azure", "AMD GPUs, for which vLLM and pods need ROCm"),
    (re.compile(r"Standard_NV\d+as_v4|Standard_NG\d+.*", re.IGNORECASE), "azure", "AMD GPUs of workstations"),
    (re.compile(r"Standard_NP\d+.*", re.IGNORECASE), "azure", "FPGAs"),
)
NVIDIA_MACHINES = {
    "aws": "g6e.12xlarge or p5.48xlarge",
    "gcp": "g2-standard-48 or a3-highgpu-8g",
    "azure": "Standard_NC40ads_H100_v5 or Standard_ND96isr_H100_v5",
    "onprem": "hgx-h100",
}
"""Machines with NVIDIA GPUs that a cloud has, for people to read."""
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
                fix=f"use a machine with NVIDIA GPUs, such as {NVIDIA_MACHINES[cloud]}",
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
    found = next(((what, cloud) for form, cloud, what in _OTHER_ACCELERATORS if form.fullmatch(name)), None)
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
