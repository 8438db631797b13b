"""Single changes of a request that was refused, and how far each is from what was asked.

Owns which changes there are and their order; ``refusing`` tries them, and offers only those that were planned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...contracts.serving import KvPrecision, Precision, ServingRequest
from ..catalogs.gpus import GIB
from .over_tcp import FIELD as OVER_TCP
from .question import Question, at_precision, departure
from .search import FailedOption

Way = tuple[str, ServingRequest]
"""What a change is called, and the request with it."""

_CUDA_CONTEXT_GIB = 0.6
"""What a process has of a GPU before vLLM compares what is free with the utilization (0.33.0, ``request_memory``)."""
_OPEN = ("pipeline_parallel", "data_parallel", "expert_parallel", "topology", "max_num_seqs")
_LAYOUT = ("tensor_parallel", "pipeline_parallel", "data_parallel", "expert_parallel", "topology")
_MOST_RANKS = 64

# How far a change is from what was asked, 0 for nothing that users notice. A shorter context counts as the share that
# is lost, so that it comes before keys and values in 8 bit while less than a fifth is.
_UTILIZATION, _PLACEMENT, _WHOLE_LAYOUT, _REPLICAS = 0.01, 0.05, 0.08, 0.09
_FP8_CACHE = 0.2
_OVER_TCP = 0.3
_ELSEWHERE, _OTHER_PRECISION, _PER_BIT = 0.4, 0.45, 0.01
_TARGETS, _BUDGET = 1.1, 1.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One kind of change; of its ways the first that works is offered."""

    distance: float
    ways: Sequence[Way]


def candidates(question: Question, closest: FailedOption) -> list[Candidate]:
    """The changes to try, nearest first."""
    return sorted(_candidates(question, closest), key=lambda candidate: candidate.distance)


def _candidates(question: Question, closest: FailedOption) -> Iterator[Candidate]:
    request = question.request
    shares = [*_utilizations(question, closest), *_opened(request, "gpu_memory_utilization")]
    yield Candidate(distance=_UTILIZATION, ways=shares)
    yield Candidate(distance=_PLACEMENT, ways=[*_ranks(request, closest), *_opened(request, "tensor_parallel")])
    for setting in _OPEN:
        yield Candidate(distance=_PLACEMENT, ways=_opened(request, setting))
    if closest.field == OVER_TCP:
        yield Candidate(distance=_OVER_TCP, ways=[("over_tcp: true", request.model_copy(update={"over_tcp": True}))])
    if sum(getattr(request, setting) is not None for setting in _LAYOUT) > 1:
        opened = request.model_copy(update=dict.fromkeys(_LAYOUT))
        yield Candidate(distance=_WHOLE_LAYOUT, ways=[("leave the layout open", opened)])
    if request.speculation is not None:
        plain = request.model_copy(update={"speculation": None})
        yield Candidate(distance=_REPLICAS, ways=[("leave speculation out", plain)])
    yield Candidate(distance=_REPLICAS, ways=_opened(request, "replicas"))
    yield from _cache(question, closest)
    yield from _other_precisions(question)
    if request.gpu is not None or request.pool is not None:
        opened = request.model_copy(update={"gpu": None, "pool": None})
        yield Candidate(distance=_ELSEWHERE, ways=[("leave gpu and pool open", opened)])
    if request.targets.ttft is not None or request.targets.tpot is not None:
        opened = request.model_copy(update={"targets": type(request.targets)()})
        yield Candidate(distance=_TARGETS, ways=[("drop the latency targets", opened)])
    if request.budget_per_hour is not None:
        opened = request.model_copy(update={"budget_per_hour": None})
        yield Candidate(distance=_BUDGET, ways=[("raise budget_per_hour", opened)])


def _opened(request: ServingRequest, setting: str) -> list[Way]:
    if getattr(request, setting) is None:
        return []
    return [(f"leave {setting} open", request.model_copy(update={setting: None}))]


def _utilizations(question: Question, closest: FailedOption) -> Iterator[Way]:
    """The share of the memory that would be enough, where the engine can have it, and a hundredth more."""
    sized = closest.fit
    if sized is None or not sized.blame:
        return
    memory, step = sized.budget, sized.limits.max_num_batched_tokens
    needed = sized.shape.request(question.least_context, step) + sized.shape.per_step_token * step
    enough = math.ceil(100 * (memory.utilization + (needed - memory.kv_cache) / memory.usable)) / 100
    most = 1 - _CUDA_CONTEXT_GIB * GIB / memory.usable
    for share in (enough, round(enough + 0.01, 2)):
        if memory.utilization < share <= most:
            changed = question.request.model_copy(update={"gpu_memory_utilization": share})
            yield f"gpu_memory_utilization: {share:g}", changed


def _ranks(request: ServingRequest, closest: FailedOption) -> Iterator[Way]:
    """Other numbers of tensor-parallel ranks, the nearest first, and of two as near the smaller."""
    asked = request.tensor_parallel
    too_small = closest.fit is not None and closest.fit.blame
    if asked is None or not (too_small or closest.field == "tensor_parallel"):
        return
    others = [2**power for power in range(int(math.log2(_MOST_RANKS)) + 1) if 2**power != asked]
    for ranks in sorted(others, key=lambda other: (abs(math.log2(other / asked)), other)):
        yield f"tensor_parallel: {ranks}", request.model_copy(update={"tensor_parallel": ranks})


def _cache(question: Question, closest: FailedOption) -> Iterator[Candidate]:
    request = question.request
    longest = closest.fit.context if closest.fit is not None and closest.fit.blame == "cache" else 0
    if longest > 0:
        shorter = request.model_copy(update={"max_model_len": longest})
        lost = 1 - longest / question.least_context
        yield Candidate(distance=lost, ways=[(f"max_model_len ≤ {longest}", shorter)])
    ways = _opened(request, "kv_precision")
    if closest.field == "kv_precision":
        sixteen = request.model_copy(update={"kv_precision": KvPrecision.BF16})
        yield Candidate(distance=_PLACEMENT, ways=[("kv_precision: bf16", sixteen)])
    elif request.kv_precision is not KvPrecision.FP8:
        ways = [("kv_precision: fp8", request.model_copy(update={"kv_precision": KvPrecision.FP8})), *ways]
    yield Candidate(distance=_FP8_CACHE, ways=ways)


def _other_precisions(question: Question) -> Iterator[Candidate]:
    request, own = question.request, question.spec.native.precision
    for precision in (Precision.BF16, Precision.FP16, Precision.FP8, Precision.NVFP4, Precision.AWQ_INT4):
        # FP16 differs from BF16 only for GPUs that lack BF16.
        pointless = precision is Precision.FP16 and request.precision is not Precision.BF16
        if pointless or precision is request.precision or at_precision(question.spec, precision) is None:
            continue
        changed = request.model_copy(update={"precision": precision})
        far = _OTHER_PRECISION + _PER_BIT * departure(own, precision)
        yield Candidate(distance=far, ways=[(f"precision: {precision.value}", changed)])
