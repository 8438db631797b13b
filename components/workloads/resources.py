"""Requests and limits of containers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_kubernetes import core

from ..contracts.quantities import ByteSize, CpuAmount


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Requests and limits of a container.

    Attributes:
        cpu: Request; the limit is ``CPU_BURST`` times that.
        memory: Request and limit.
        ephemeral_storage: Request and limit.
        devices: Extended resources by name; Kubernetes takes request and limit as equal.
        claims: Claims of the pod whose devices the container gets.
    """

    cpu: CpuAmount
    memory: ByteSize
    ephemeral_storage: ByteSize
    devices: Mapping[str, int] = field(default_factory=dict[str, int])
    claims: Sequence[str] = ()

    def args(self) -> core.v1.ResourceRequirementsArgs:
        """As arguments of a container."""
        held = {"memory": str(self.memory), "ephemeral-storage": str(self.ephemeral_storage)}
        devices = {name: str(count) for name, count in self.devices.items() if count}
        return core.v1.ResourceRequirementsArgs(
            requests={"cpu": str(self.cpu), **held, **devices},
            limits={"cpu": str(CpuAmount(self.cpu * CPU_BURST)), **held, **devices},
            claims=[core.v1.ResourceClaimArgs(name=name) for name in self.claims] or None,
        )


# A limit has to exist for quotas to count; twice the request leaves room for start-up and tokenizing.
CPU_BURST = 2
