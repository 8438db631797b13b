"""One layout on one GPU model: whether it runs and fits, with which limits and what capacity.

Owns the choice of ``max_num_seqs`` and of the context length, as both trade against the cache.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from ...contracts.serving import KvPrecision
from ..catalogs.gpus import Gpu
from ..catalogs.models import ModelSpec
from ..memory.budget import Budget, Capacity, budget, capacity
from ..memory.draft import Draft
from ..memory.engine import (
    EngineLimits,
    EngineMemory,
    default_limits,
    default_utilization,
    engine_memory,
    sampler_bytes_per_sequence,
)
from ..memory.kv_cache import CacheShape, cache_shape, longest_context, pool_of
from ..memory.layout import Layout
from .question import Question
from .speculating import draft_of, sampled_bytes, shape_with

_FEWEST_SEQS = 16
"""Fewer sequences free hardly more memory."""
_SEQS_STEP = 8
_CONTEXT_STEP = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """A sized replica; one with ``blame`` does not fit."""

    spec: ModelSpec
    layout: Layout
    limits: EngineLimits
    kv_precision: KvPrecision
    budget: Budget
    shape: CacheShape
    context: int
    """Context length planned, tokens."""
    capacity: Capacity
    draft: Draft
    """What speculative decoding adds; part of the budget and of the cache's shape."""
    batch: int
    """Requests of the planned lengths that run at once in the whole replica."""
    blame: str
    """What does not fit: ``weights``, ``cache``, or nothing."""


def fit(question: Question, spec: ModelSpec, gpu: Gpu, layout: Layout, nodes: int) -> Fit:
    """Size one replica of ``spec`` that spans ``nodes`` nodes of that GPU."""
    request = question.request
    kv = request.kv_precision or spec.cache
    utilization = request.gpu_memory_utilization or default_utilization(question.version)
    draft = draft_of(question, spec, layout, kv)
    shape = shape_with(question, cache_shape(spec, layout, kv, pool_of(question.version, gpu)), draft)
    limits = _limits(gpu, question.wanted_context, request.max_num_seqs)
    engine = _verifying(question, spec, engine_memory(spec, gpu, layout, limits, question.version, nodes=nodes), limits)
    memory = budget(spec, gpu, layout, engine, utilization)
    if draft.weights:
        memory = replace(memory, weights=memory.weights + draft.weights)
    request_bytes = shape.request(question.input_tokens + question.output_tokens, limits.max_num_batched_tokens)
    step = shape.per_step_token * limits.max_num_batched_tokens
    if not request.max_num_seqs and request_bytes and memory.kv_cache - step < request_bytes * limits.max_num_seqs:
        limits, memory = _balanced(question, spec, limits, memory, request_bytes, step)
    context = _context(question, spec, shape, memory.kv_cache, limits.max_num_batched_tokens)
    return Fit(
        spec=spec,
        layout=layout,
        limits=limits,
        kv_precision=kv,
        budget=memory,
        shape=shape,
        context=context,
        draft=draft,
        capacity=capacity(shape, memory.kv_cache, layout, max(1, context), limits.max_num_batched_tokens),
        batch=_batch(memory.kv_cache - step, request_bytes, limits) * layout.data_parallel,
        blame=_blame(question, memory, context),
    )


@lru_cache(maxsize=4096)
def _limits(gpu: Gpu, context: int, sequences: int | None) -> EngineLimits:
    usual = default_limits(gpu)
    return replace(usual, max_num_seqs=sequences or usual.max_num_seqs, context=context)


def _batch(cache: float, request_bytes: float, limits: EngineLimits) -> int:
    """Requests of the planned lengths that run at once on each data-parallel rank."""
    held = cache / request_bytes if request_bytes else limits.max_num_seqs
    return max(0, min(int(held), limits.max_num_seqs))


def _balanced(
    question: Question, spec: ModelSpec, limits: EngineLimits, memory: Budget, request_bytes: float, step: float
) -> tuple[EngineLimits, Budget]:
    """As many sequences as the cache then holds: more would only cost sampler memory.

    ``step`` is what the tokens of a running step take of the cache beside their requests. With s sequences it has
    C - max(F, h + c × s) bytes, for F of the forward pass, c of the sampler per sequence and h of hidden states, and s
    requests take r × s: so s = min((C - F) / r, (C - h) / (r + c)). Memory is shared out
    for this s, not for the rounded one, so that more memory never holds fewer requests.
    """
    per_sequence = sampled_bytes(question, spec, sampler_bytes_per_sequence(spec, question.version))
    activations = memory.engine.activations
    hidden = max(0.0, activations - per_sequence * limits.max_num_seqs) if per_sequence else 0.0
    forward = memory.engine.forward
    room = memory.kv_cache - step + activations
    ideal = min((room - forward) / request_bytes, (room - hidden) / (request_bytes + per_sequence))
    sequences = min(float(limits.max_num_seqs), max(float(_FEWEST_SEQS), ideal))
    whole = int(sequences) // _SEQS_STEP * _SEQS_STEP
    # Spelled out, as dataclasses.replace takes a third of the time of a plan.
    engine = EngineMemory(
        activations=max(forward, hidden + per_sequence * sequences),
        forward=forward,
        non_torch=memory.engine.non_torch,
        cuda_graphs=memory.engine.cuda_graphs,
    )
    return EngineLimits(
        max_num_seqs=whole, max_num_batched_tokens=limits.max_num_batched_tokens, context=limits.context
    ), Budget(
        usable=memory.usable,
        utilization=memory.utilization,
        weights=memory.weights,
        engine=engine,
        margin=memory.margin,
    )


def _verifying(question: Question, spec: ModelSpec, engine: EngineMemory, limits: EngineLimits) -> EngineMemory:
    """The engine with what the verification of drafted tokens takes beyond its sampler's warm-up."""
    sampler = sampler_bytes_per_sequence(spec, question.version)
    more = sampled_bytes(question, spec, sampler) - sampler
    if more <= 0:
        return engine
    verifying = engine.activations + more * min(limits.max_num_seqs, limits.max_num_batched_tokens)
    return replace(engine, activations=verifying)


def _blame(question: Question, memory: Budget, context: int) -> str:
    if memory.kv_cache <= 0:
        return "weights"
    return "cache" if context < question.least_context else ""


def _context(question: Question, spec: ModelSpec, shape: CacheShape, cache: float, step: int) -> int:
    """The wanted context, else the longest that fits in whole steps, but never below the least if that fits."""
    if not spec.has_kv_cache:
        return question.wanted_context
    longest = longest_context(shape, cache, step, question.wanted_context)
    if longest >= question.wanted_context or longest < question.least_context:
        return longest
    return max(question.least_context, longest // _CONTEXT_STEP * _CONTEXT_STEP)
