"""One layout on one GPU model: whether it runs and fits, with which limits and what capacity.

Owns the choice of ``max_num_seqs`` and of the context length, as both trade against the cache.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...contracts.serving import KvPrecision
from ..catalogs.gpus import Gpu
from ..catalogs.models import ModelSpec
from ..memory.budget import Budget, Capacity, budget, capacity
from ..memory.engine import EngineLimits, default_limits, default_utilization, engine_memory
from ..memory.kv_cache import CacheShape, cache_shape, longest_context
from ..memory.layout import Layout
from .question import Question

_FEWEST_SEQS = 16
"""Fewer sequences free hardly more memory."""
_CONTEXT_STEP = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """One replica sized; with ``blame``, one that does not fit."""

    spec: ModelSpec
    layout: Layout
    limits: EngineLimits
    kv_precision: KvPrecision
    budget: Budget
    shape: CacheShape
    context: int
    """Context length planned, tokens."""
    capacity: Capacity
    batch: int
    """Requests of the planned lengths that run at once in the whole replica."""
    blame: str
    """What does not fit: ``weights``, ``cache``, or nothing."""


def fit(question: Question, spec: ModelSpec, gpu: Gpu, layout: Layout, nodes: int) -> Fit:
    """Size one replica of ``spec`` that spans ``nodes`` nodes of that GPU."""
    fixed = question.request.max_num_seqs
    limits = default_limits(gpu)
    if fixed:
        return _sized(question, spec, gpu, layout, nodes, _with_seqs(limits, fixed))
    sized = _sized(question, spec, gpu, layout, nodes, limits)
    # More sequences than the cache holds only cost sampler memory: lower the limit until they meet.
    while (
        spec.has_kv_cache
        and limits.max_num_seqs > _FEWEST_SEQS
        and sized.batch * 2 <= limits.max_num_seqs * layout.data_parallel
    ):
        limits = _with_seqs(limits, limits.max_num_seqs // 2)
        sized = _sized(question, spec, gpu, layout, nodes, limits)
    return sized


def _with_seqs(limits: EngineLimits, seqs: int) -> EngineLimits:
    return EngineLimits(max_num_seqs=seqs, max_num_batched_tokens=limits.max_num_batched_tokens)


def _sized(question: Question, spec: ModelSpec, gpu: Gpu, layout: Layout, nodes: int, limits: EngineLimits) -> Fit:
    request = question.request
    kv = request.kv_precision or KvPrecision.BF16
    utilization = request.gpu_memory_utilization or default_utilization(question.version)
    engine = engine_memory(spec, gpu, layout, limits, question.version, nodes=nodes)
    memory = budget(spec, gpu, layout, engine, utilization)
    shape = cache_shape(spec, layout, kv)
    step = limits.max_num_batched_tokens
    context = _context(question, spec, shape, memory.kv_cache, step)
    held = capacity(shape, memory.kv_cache, layout, max(1, context), step)
    at_planned = capacity(shape, memory.kv_cache, layout, question.input_tokens + question.output_tokens, step)
    blame = ""
    if memory.kv_cache <= 0:
        blame = "weights"
    elif context < question.least_context:
        blame = "cache"
    return Fit(
        spec=spec,
        layout=layout,
        limits=limits,
        kv_precision=kv,
        budget=memory,
        shape=shape,
        context=context,
        capacity=held,
        batch=int(min(at_planned.concurrent, limits.max_num_seqs * layout.data_parallel)),
        blame=blame,
    )


def _context(question: Question, spec: ModelSpec, shape: CacheShape, cache: float, step: int) -> int:
    """The wanted context, else the longest that fits in whole steps, but never below the least if that fits."""
    if not spec.has_kv_cache:
        return question.wanted_context
    longest = longest_context(shape, cache, step, question.wanted_context)
    if longest >= question.wanted_context or longest < question.least_context:
        return longest
    return max(question.least_context, longest // _CONTEXT_STEP * _CONTEXT_STEP)
