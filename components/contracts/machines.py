"""Numbers of a machine type that the instance catalog lacks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from .model import Contract
from .quantities import ByteSize, size_between


class Architecture(StrEnum):
    """Processors, as Kubernetes names them."""

    AMD64 = "amd64"
    ARM64 = "arm64"


class MachineNumbers(Contract):
    """What one machine holds, for a machine type that the catalog lacks.

    Its price and its quota are then unknown, and its nodes get no RDMA, as the layout of the cards is unknown too,
    unless the pool's ``fabric`` counts them: every replica of a model fits one node.
    """

    cpus: Annotated[int, Field(ge=1, le=4096)]
    """Virtual CPUs, as its operating system counts them."""
    memory: Annotated[ByteSize, size_between("1Gi", "64Ti", "1Mi")]
    """Memory as the vendor states it, such as ``768Gi``."""
    gpu: str | None = None
    """NVIDIA GPU of the catalog, such as ``L40S``."""
    gpus: Annotated[int, Field(ge=0, le=32)] = 0
    """Whole GPUs."""
    local_disks: ByteSize | None = None
    """Local NVMe disks together; none where left out, and nodes then use their root volume."""
    architecture: Architecture = Architecture.AMD64

    @model_validator(mode="after")
    def _gpus_have_a_kind(self) -> Self:
        if self.gpu and not self.gpus:
            raise ValueError(f"has {self.gpu[:60]} as gpu and no gpus; write how many, such as gpus: 4")
        if self.gpus and not self.gpu:
            raise ValueError(f"has {self.gpus} gpus and says not which; write their name, such as gpu: L40S")
        return self
