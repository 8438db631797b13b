"""Which errors of NVIDIA's driver take a node out of service, and how its kernel log tells of them.

The driver writes a line for each, such as ``NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.`` What has to
be done is NVIDIA's "Immediate Action" of each Xid: https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html
(2025-10). Two sources disagree with it, and both are followed:

- k8s-device-plugin 0.19.0, ``internal/rm/health.go``, takes 13, 31, 43, 45, 68 and 109 for errors of applications. A
  server that makes its GPU report 109 would take down one node after the other.
- Drivers of R560 and later say with Xid 154 what they want done after any other, NVLink's workflows (74, 144 to 150)
  among them, which no list of numbers can follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

CONDITION = "GpuXidError"
"""Condition of a node whose GPUs need somebody."""
HEALTHY = "NoGpuXidError"
"""Its reason while they do not."""


class Action(StrEnum):
    """What NVIDIA's catalog asks for; all of it needs a node without pods."""

    RESET_GPU = "RESET_GPU"
    RESTART_BM = "RESTART_BM"
    """Reboot the machine."""
    RESTART_VM = "RESTART_VM"
    WORKFLOW_XID_48 = "WORKFLOW_XID_48"
    """Reset the GPU; replace it where the error comes back."""


DRAINED: Mapping[int, Action] = {
    46: Action.RESET_GPU,  # GPU stopped processing
    48: Action.WORKFLOW_XID_48,  # double-bit ECC error
    62: Action.RESET_GPU,  # internal micro-controller halt
    64: Action.RESET_GPU,  # failure to remap memory
    79: Action.RESTART_BM,  # GPU has fallen off the bus
    95: Action.RESET_GPU,  # uncontained memory error
    110: Action.RESET_GPU,  # security fault
    119: Action.RESET_GPU,  # GPU system processor: time-out of a call
    120: Action.RESET_GPU,  # GPU system processor: error
    136: Action.RESET_GPU,  # training of an NVLink failed
    140: Action.RESET_GPU,  # unrecovered ECC error
    143: Action.RESET_GPU,  # initialisation of the GPU
    151: Action.RESTART_VM,  # key rotation of confidential computing
    155: Action.RESET_GPU,  # NVLink: defined by software
    156: Action.RESET_GPU,  # retirement of a resource
    158: Action.RESET_GPU,  # fatal time-out
}
"""Action by number of the Xid."""
RECOVERY = 154
"""Says which action the driver wants now; 0x0 is none."""

_LINE = r"NVRM: Xid \(PCI:[^)]*\): {number}, {rest}"


def patterns() -> Mapping[str, str]:
    """Regular expressions of kernel messages, in Go's syntax, by the reason that the condition gets."""
    found = {f"Xid{number}": _LINE.format(number=number, rest=".*") for number in DRAINED}
    asked = _LINE.format(number=RECOVERY, rest=r"GPU recovery action changed .*to 0x[1-9a-f].*")
    return {**found, f"Xid{RECOVERY}": asked}
