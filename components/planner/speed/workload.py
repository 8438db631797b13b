"""One replica of a model on its GPUs: how weights, cache and work are split."""

from __future__ import annotations

from dataclasses import dataclass

from ...contracts.serving import Engine
from .terms import NO_DRAFTS, PCIE_BYTES_PER_SECOND, Drafting, GpuTerms, ModelTerms


@dataclass(frozen=True, slots=True)
class Lengths:
    """Mean lengths of a request, in tokens."""

    input_tokens: float
    output_tokens: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workload:
    """One replica; raises ValueError when a parallel size is below 1.

    Compared and hashed by identity, so that what is worked out for it is cheap to look up.
    """

    model: ModelTerms
    gpu: GpuTerms
    engine: Engine
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    """Attention data-parallel ranks inside the replica."""
    expert_parallel: bool = False
    """Whole experts live on single GPUs, instead of a slice of every expert on all."""
    drafting: Drafting = NO_DRAFTS

    def __post_init__(self) -> None:
        if min(self.tensor_parallel, self.pipeline_parallel, self.data_parallel) < 1:
            raise ValueError("parallel sizes are at least 1")

    @property
    def gpus(self) -> int:
        """GPUs of the replica."""
        return self.tensor_parallel * self.pipeline_parallel * self.data_parallel

    @property
    def expert_gpus(self) -> int:
        """GPUs over which the experts of one layer are spread."""
        return self.tensor_parallel * self.data_parallel

    @property
    def kv_share(self) -> float:
        """Part of a sequence's cache on each GPU of its tensor-parallel group; heads replicate beyond the KV heads."""
        return 1.0 / min(self.tensor_parallel, self.model.kv_heads)

    @property
    def group_bandwidth(self) -> float:
        """Slowest link inside the tensor-parallel group, in bytes/s."""
        return self._bandwidth_over(self.tensor_parallel)

    @property
    def expert_bandwidth(self) -> float:
        """Slowest link inside the expert group, in bytes/s."""
        return self._bandwidth_over(self.expert_gpus)

    @property
    def stage_bandwidth(self) -> float:
        """Slowest link between two stages of the pipeline, in bytes/s."""
        return self._bandwidth_over(self.gpus)

    def _bandwidth_over(self, gpus: int) -> float:
        card = self.gpu
        if card.link_domain < gpus <= card.node_gpus:
            return PCIE_BYTES_PER_SECOND
        if gpus <= card.link_domain or card.fabric_bandwidth is None:
            return card.link_bandwidth
        return card.fabric_bandwidth
