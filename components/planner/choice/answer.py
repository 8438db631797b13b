"""The chosen fleet as a ``ServingPlan``, every number with its reason."""

from __future__ import annotations

import math

from ...contracts.cluster_facts import ClusterFacts
from ...contracts.quantities import ByteSize, Duration
from ...contracts.serving import (
    Alternative,
    MemoryBudget,
    Performance,
    PipelineLoad,
    Precision,
    Role,
    RolePlan,
    ServingPlan,
)
from ..catalogs.gpu_slices import visible_share
from ..memory.weights import checkpoint_bytes
from ..startup import start_up, sustained
from .fleet import Fleet
from .question import Question
from .reasons import reasons
from .speculating import speculation_plan

_RUNNERS_UP = 4


def serving_plan(question: Question, chosen: Fleet, others: tuple[Fleet, ...], facts: ClusterFacts) -> ServingPlan:
    """The plan for the best fleet, with the runners-up."""
    sized, pool = chosen.fit, chosen.pool
    # The engine converts it on loading: the volume holds the checkpoint as it is published.
    same_checkpoint = sized.spec.id == question.spec.id
    starting = start_up(
        checkpoint_bytes(question.spec if same_checkpoint else sized.spec) + sized.draft.checkpoint,
        sized.budget.weights,
        sustained(facts.storage.read_write_many, question.request.storage_read),
        has_graphs=not sized.spec.is_encoder,
    )
    return ServingPlan(
        name=question.request.name,
        model=question.request.model,
        engine=question.engine,
        engine_version=question.engine_version,
        precision=sized.spec.native.precision,
        kv_precision=sized.kv_precision,
        checkpoint=sized.spec.id,
        quantized_on_load=same_checkpoint
        and sized.spec.native.precision is Precision.FP8
        and question.spec.native.precision is not Precision.FP8,
        gpu=pool.gpu.name,
        pool=pool.facts.name,
        instance_type=pool.facts.instance_type,
        topology=chosen.topology,
        max_model_len=sized.context,
        gpu_memory_utilization=sized.budget.utilization,
        gpu_share=visible_share(pool.facts.sharing),
        roles=_roles(chosen),
        storage=starting.storage.model_copy(update={"load": _written(starting.storage.load)}),
        performance=_as_written(chosen.performance),
        speculation=speculation_plan(question, sized.draft),
        cost=chosen.cost,
        reasons=reasons(question, chosen, starting),
        alternatives=_alternatives(chosen, others),
    )


def _written(duration: Duration) -> Duration:
    """The duration as it reads back from text, so that a plan that went through a file is the same plan."""
    return Duration.parse(str(duration))


def _as_written(performance: Performance) -> Performance:
    return performance.model_copy(
        update={name: _written(getattr(performance, name)) for name in ("ttft_low", "ttft_high", "tpot")}
    )


def _roles(chosen: Fleet) -> tuple[RolePlan, ...]:
    if chosen.prefill_replicas:
        return _role(chosen, Role.PREFILL, chosen.prefill_replicas), _role(chosen, Role.DECODE, chosen.replicas)
    return (_role(chosen, Role.SERVE, chosen.replicas),)


def _role(chosen: Fleet, role: Role, replicas: int) -> RolePlan:
    sized = chosen.fit
    return RolePlan(
        role=role,
        replicas=replicas,
        nodes_per_replica=chosen.nodes_per_replica,
        tensor_parallel=sized.layout.tensor_parallel,
        pipeline_parallel=sized.layout.pipeline_parallel,
        data_parallel=sized.layout.data_parallel,
        expert_parallel=sized.layout.expert_parallel,
        max_num_seqs=sized.limits.max_num_seqs,
        max_num_batched_tokens=max(sized.limits.max_num_batched_tokens, 1),
        memory=_memory(chosen),
        pipeline=_pipeline(chosen, role),
    )


def _pipeline(chosen: Fleet, role: Role) -> PipelineLoad | None:
    full = chosen.occupancy(prefills=role is Role.PREFILL)
    return full and PipelineLoad(micro_batches=round(full.micro_batches, 2), bubble=round(full.bubble, 4))


def _memory(chosen: Fleet) -> MemoryBudget:
    sized, memory = chosen.fit, chosen.fit.budget
    endless = math.isinf(sized.capacity.concurrent)
    return MemoryBudget(
        usable=ByteSize(round(memory.usable)),
        weights=ByteSize(round(memory.weights)),
        activations=ByteSize(round(memory.engine.activations)),
        non_torch=ByteSize(round(memory.engine.non_torch)),
        cuda_graphs=ByteSize(round(memory.engine.cuda_graphs)),
        margin=ByteSize(round(memory.margin)),
        kv_cache=ByteSize(0 if endless else round(memory.kv_cache)),
        kv_tokens=sized.capacity.tokens,
        concurrent_requests=float(sized.limits.max_num_seqs) if endless else sized.capacity.concurrent,
    )


def summary(fleet: Fleet) -> str:
    """Such as ``2 × L40S, TP1, fp8``."""
    return f"{fleet.gpus} × {fleet.pool.gpu.name}, {fleet.fit.layout}, {fleet.fit.spec.native.precision.value}"


def _alternatives(chosen: Fleet, others: tuple[Fleet, ...]) -> tuple[Alternative, ...]:
    """The best other fleet on each pool and precision."""
    seen = {(chosen.pool.facts.name, chosen.fit.spec.native.precision, chosen.fit.layout)}
    kinds: set[tuple[str, str]] = set()
    found: list[Alternative] = []
    for fleet in others:
        key = (fleet.pool.facts.name, fleet.fit.spec.native.precision, fleet.fit.layout)
        kind = (fleet.pool.facts.name, fleet.fit.spec.native.precision.value)
        if key in seen or kind in kinds:
            continue
        kinds.add(kind)
        found.append(Alternative(summary=summary(fleet), cost=fleet.cost, why_not=_why_not(chosen, fleet)))
    return tuple(found[:_RUNNERS_UP])


def _why_not(chosen: Fleet, fleet: Fleet) -> str:
    if fleet.fit.spec.native.precision is not chosen.fit.spec.native.precision:
        return "other precision than the checkpoint's own; ask for it by precision"
    ours, theirs = chosen.hourly, fleet.hourly
    if theirs is None:
        return "its price is unknown" if ours is not None else "holds more GPU bandwidth than needed"
    if ours is not None and theirs > ours:
        return f"${theirs - ours:.2f} per hour more"
    return "costs the same and is no better"
