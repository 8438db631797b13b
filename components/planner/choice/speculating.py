"""Speculative decoding of a request: what it takes of a replica, what a step yields, and where engines refuse it."""

from __future__ import annotations

from dataclasses import replace

from ...contracts.quantities import ByteSize
from ...contracts.serving import Engine, KvPrecision
from ...contracts.speculation import (
    Eagle3Speculation,
    MtpSpeculation,
    NgramSpeculation,
    Speculation,
    SpeculationPlan,
)
from ..catalogs.models import ModelSpec, Task
from ..memory.draft import VERIFIED_BYTES, Draft, eagle_head, own_head, prediction_heads
from ..memory.kv_cache import CacheShape
from ..memory.layout import Layout
from ..rules import Violation
from ..speed.terms import NO_DRAFTS, Drafting
from .question import Question

_NO_DRAFT = Draft()
_REFUSES = "the engine refuses to start"
_EAGLE3 = frozenset(
    {
        *("afmoe", "apertus", "deepseek_v2", "deepseek_v3", "deepseek_v4", "gemma4_text", "gpt_oss", "granite"),
        *("kimi_k2", "laguna", "llama", "llama4_text", "ministral3", "mistral", "mimo_v2_flash", "minimax_m2"),
        *("minimax_m3", "minimax_m3_vl", "muse_glimmer_text", "nemotron_h", "phi3", "qwen2", "qwen2_5_vl"),
        *("qwen2_5_vl_text", "qwen3", "qwen3_5_text", "qwen3_5_moe_text", "qwen3_moe", "qwen3_next"),
        *("qwen3_vl_text", "qwen3_vl_moe_text"),
    }
)
"""Families whose code in vLLM 0.33.0 is of ``SupportsEagle3``, or inherits from one that is."""

_EAGLE3_STAGES = frozenset(
    {
        *("deepseek_v4", "llama", "llama4_text", "ministral3", "mistral", "minimax_m3", "minimax_m3_vl", "phi3"),
        *("qwen2", "qwen2_5_vl", "qwen2_5_vl_text", "qwen3", "qwen3_vl_text"),
    }
)
"""Those of them whose stages hand hidden states on: ``supports_aux_hidden_states_over_pp``."""


def tokens_per_step(settings: Speculation | None) -> float:
    """Tokens that a step yields if the stated share of drafts is accepted: (1 - a^(k + 1)) / (1 - a)."""
    if settings is None:
        return 1.0
    return (1 - settings.acceptance ** (settings.tokens + 1)) / (1 - settings.acceptance)


def draft_of(question: Question, spec: ModelSpec, layout: Layout, precision: KvPrecision) -> Draft:
    """What drafts, in one replica."""
    match question.request.speculation:
        case MtpSpeculation():
            return own_head(spec, layout, precision)
        case Eagle3Speculation() if question.draft_head is not None:
            return eagle_head(spec, question.draft_head, layout, precision)
        case _:
            return _NO_DRAFT


def drafting_of(question: Question, draft: Draft) -> Drafting:
    """The same for the speed of a replica."""
    settings = question.request.speculation
    if settings is None:
        return NO_DRAFTS
    return Drafting(tokens=settings.tokens, share=draft.share, tokens_per_step=tokens_per_step(settings))


def shape_with(question: Question, shape: CacheShape, draft: Draft) -> CacheShape:
    """The cache with what drafts: its own layers, and a recurrent state for every drafted token."""
    settings = question.request.speculation
    if settings is None:
        return shape
    # vLLM 0.33.0, ``MambaSpec.max_memory_usage_bytes``: one state more for each (``num_speculative_blocks``).
    more = 1 + settings.tokens / shape.states if shape.states else 1.0
    return replace(shape, per_token=shape.per_token + draft.cache_per_token, per_request=shape.per_request * more)


def sampled_bytes(question: Question, spec: ModelSpec, per_sequence: float) -> float:
    """Bytes per sequence of the sampler, or of the verification of drafted tokens, whichever is more."""
    settings = question.request.speculation
    return max(per_sequence, VERIFIED_BYTES * spec.vocab * (1 + settings.tokens)) if settings else per_sequence


def speculation_plan(question: Question, draft: Draft) -> SpeculationPlan | None:
    """What the plan says of it; None without."""
    settings = question.request.speculation
    return settings and SpeculationPlan(
        asked=settings,
        tokens_per_step=round(tokens_per_step(settings), 4),
        weights=ByteSize(round(draft.weights)),
        cache_per_token=ByteSize(round(draft.cache_per_token)),
        checkpoint=ByteSize(draft.checkpoint),
    )


def refused_speculation(question: Question, spec: ModelSpec) -> Violation | None:
    """What no engine, or not the pinned release, does with ``spec``: the model, or its checkpoint in a precision."""
    settings = question.request.speculation
    if settings is None:
        return None
    if spec.task is not Task.GENERATE:
        return _broken("kind", f"{spec.id} generates nothing, so there is nothing to draft")
    if question.engine is not Engine.VLLM:
        return _broken("kind", f"speculative decoding is planned for vllm only, not for {question.engine.value}")
    match settings:
        case NgramSpeculation(shortest_match=shortest, longest_match=longest) if shortest > longest:
            return _broken("shortest_match", f"is {shortest}, above the longest_match of {longest}")
        case MtpSpeculation(tokens=tokens):
            heads = prediction_heads(spec)
            if not heads:
                return _broken("kind", f"no prediction head of {spec.id} is known")
            if tokens > heads and tokens % heads:
                return _broken("tokens", f"{tokens} drafted tokens are no multiple of the {heads} heads of {spec.id}")
        case Eagle3Speculation() if spec.family not in _EAGLE3:
            return _broken("kind", f"the engine has no hidden states of the family {spec.family} for a head of EAGLE-3")
        case _:
            pass
    return None


def split_head(question: Question, spec: ModelSpec, layout: Layout) -> Violation | None:
    """A head with a checkpoint of its own is split as the model is, and needs the hidden states of earlier stages.

    Source: vLLM 0.33.0, ``verify_with_parallel_config`` and ``verify_supports_aux_hidden_states_over_pp``.
    """
    head, tp = question.draft_head, layout.tensor_parallel
    if head is None:
        return None
    if layout.pipeline_parallel > 1 and spec.family not in _EAGLE3_STAGES:
        return Violation(
            field="pipeline_parallel",
            cause=f"stages of the family {spec.family} hand no hidden states on to a head of EAGLE-3",
            consequence=_REFUSES,
        )
    if head.heads % tp == 0 and head.intermediate % tp == 0:
        return None
    what = f"{head.heads} attention heads" if head.heads % tp else f"an intermediate size of {head.intermediate}"
    return Violation(
        field="tensor_parallel",
        cause=f"{what} of the draft head cannot be split over {tp} ranks",
        consequence=_REFUSES,
    )


def _broken(setting: str, cause: str) -> Violation:
    return Violation(field=f"speculation.{setting}", cause=cause, consequence=_REFUSES)
