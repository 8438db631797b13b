"""How one replica is laid out over its GPUs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..catalogs.models import ModelSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Parallel sizes of one replica; all at least 1."""

    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    """Attention data-parallel ranks; each holds the whole attention and its own cache."""
    expert_parallel: bool = False
    """Whole experts per GPU instead of a slice of each."""

    @property
    def gpus(self) -> int:
        """GPUs of the replica."""
        return self.tensor_parallel * self.pipeline_parallel * self.data_parallel

    @property
    def expert_gpus(self) -> int:
        """GPUs that share the experts of one layer."""
        return self.tensor_parallel * self.data_parallel

    def stage_share(self, layers: int) -> float:
        """Share of ``layers`` that the fullest pipeline stage holds: ``ceil(layers / stages)`` of them."""
        return math.ceil(layers / self.pipeline_parallel) / layers if layers else 0.0

    def __str__(self) -> str:
        parts = [f"TP{self.tensor_parallel}"]
        parts += [f"PP{self.pipeline_parallel}"] if self.pipeline_parallel > 1 else []
        parts += [f"DP{self.data_parallel}"] if self.data_parallel > 1 else []
        return " ".join(parts + (["EP"] if self.expert_parallel else []))


def expert_share(spec: ModelSpec, layout: Layout) -> float:
    """Share of all routed experts that the fullest GPU holds; whole experts do not always divide evenly."""
    if spec.experts is None:
        return 0.0
    if layout.expert_parallel:
        per_layer = math.ceil(spec.experts.count / layout.expert_gpus) / spec.experts.count
    else:
        per_layer = 1 / layout.expert_gpus
    stage_layers = min(math.ceil(spec.layers / layout.pipeline_parallel), spec.experts.layers)
    return per_layer * stage_layers / spec.experts.layers
