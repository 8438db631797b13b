"""The planner beside published recipes and nightly configurations: the same model on the same GPU type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from components.contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from components.contracts.pools import GpuPool
from components.contracts.serving import Refusal, ServingPlan, ServingRequest
from components.planner import plan
from components.planner.catalogs.gpus import Gpu
from components.planner.catalogs.instances import InstanceType, instances
from components.planner.memory.layout import Layout
from components.planner.shapes import pool_facts

from .deployments import Deployment, Row, read

_KINDS = ("published recipe", "benchmark config")
_NODES = 12
_DEFAULT_CONTEXT = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """GPUs of one replica: published, and the planner's for the same model, precision, GPU and context."""

    row: Deployment
    published: int
    planned: int | None
    """None when the planner refuses."""
    because: str

    @property
    def needs_more(self) -> bool:
        """Whether the planner asks for more GPUs than people use."""
        return self.planned is None or self.planned > self.published


def compare(rows: Iterable[Row]) -> tuple[tuple[Comparison, ...], tuple[tuple[str, int], ...]]:
    """Comparisons, and why other published rows cannot be put as a question, and how many."""
    found: list[Comparison] = []
    unread: Counter[str] = Counter()
    for row in rows:
        if not row["source_kind"].startswith(_KINDS) or not row["outcome"].startswith("works"):
            continue
        deployment = read(row)
        if isinstance(deployment, str):
            unread[deployment] += 1
            continue
        machine = _machine(deployment.card)
        if machine is None:
            unread["no machine with the GPU in the catalog"] += 1
            continue
        found.append(_compared(deployment, machine))
    return tuple(found), tuple(unread.most_common())


def _machine(card: Gpu) -> InstanceType | None:
    """The machine with most of these GPUs."""
    holds = [machine for machine in instances() if machine.gpu == card.name and machine.has_whole_gpus]
    return max(holds, key=lambda machine: (machine.gpus, machine.rdma_gbps), default=None)


def _compared(row: Deployment, machine: InstanceType) -> Comparison:
    volume = VolumeClass(name="shared", provisioner="benchmark", read_bytes_per_second=2e9)
    facts = ClusterFacts(
        name="benchmark",
        environment="benchmark",
        kubernetes_version="1.34",
        pools=(pool_facts(GpuPool(kind="gpu", name="gpus", instance_type=machine.name, count=_NODES)),),
        storage=StorageFacts(read_write_once=volume, read_write_many=volume),
    )
    request = ServingRequest(
        name="row",
        model=row.spec.id,
        precision=row.spec.native.precision,
        kv_precision=row.kv_precision,
        max_model_len=min(row.context or _DEFAULT_CONTEXT, row.spec.context),
        gpu_memory_utilization=row.utilization,
    )
    # The smallest worker decides what a replica needs; disaggregated rows have two kinds.
    smallest = min((worker.layout for worker in row.workers), key=lambda layout: layout.gpus)
    answer = plan(request, facts, model=row.spec)
    planned = answer.gpus if isinstance(answer, ServingPlan) else None
    because = ""
    if planned is None or planned > smallest.gpus:
        because = _why(request, facts, row, smallest)
    return Comparison(row=row, published=smallest.gpus, planned=planned, because=because)


def _why(request: ServingRequest, facts: ClusterFacts, row: Deployment, layout: Layout) -> str:
    """What the planner says to the published layout itself."""
    fixed = {
        "tensor_parallel": layout.tensor_parallel,
        "pipeline_parallel": layout.pipeline_parallel,
        "data_parallel": layout.data_parallel,
        "expert_parallel": layout.expert_parallel,
    }
    answer = plan(request.model_copy(update=fixed), facts, model=row.spec)
    return answer.cause if isinstance(answer, Refusal) else "works too, at more cost"
