"""The request made definite: the model's shape, the engine, the lengths to plan for.

Owns the defaults of everything that the user left open and that does not depend on the hardware.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ...contracts.serving import Engine, Precision, ServingRequest
from ...contracts.speculation import Eagle3Speculation, Speculation
from ...contracts.versions import SGLANG_VERSION, TEI_VERSION, TENSORRT_LLM_VERSION, VLLM_VERSION
from ..catalogs.draft_heads import DraftHead, read_head
from ..catalogs.hf_config import read_config
from ..catalogs.models import ModelSpec, Task, model
from ..catalogs.quantized import Quantization
from ..deployable import EVERYTHING, Deployable
from ..memory.engine import Version, parse_version

DEFAULT_CONTEXT = 32768
"""Context planned for when none is asked: long enough for retrieval, and a cache that small GPUs can hold."""
SMALLEST_CONTEXT = 4096
TYPICAL_INPUT, TYPICAL_OUTPUT = 1024, 256
"""Lengths by which candidates are compared when no traffic is given, tokens."""

_VERSIONS = {
    Engine.VLLM: VLLM_VERSION,
    Engine.SGLANG: SGLANG_VERSION,
    Engine.TENSORRT_LLM: TENSORRT_LLM_VERSION,
    Engine.TEI: TEI_VERSION,
}
_SIXTEEN_BIT = frozenset({Precision.BF16, Precision.FP16})
_BITS = {Precision.BF16: 16, Precision.FP16: 16, Precision.FP8: 8}
"""Bits of a weight; 4 in all other precisions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A request with its model looked up."""

    request: ServingRequest
    spec: ModelSpec
    """At the checkpoint's own precision."""
    engine: Engine
    engine_version: str
    version: Version
    input_tokens: int
    output_tokens: int
    wanted_context: int
    """Context to reach when memory allows."""
    least_context: int
    """Context below which the request is refused."""
    deployable: Deployable = EVERYTHING
    """Engines and topologies that the plan may use."""
    draft_head: DraftHead | None = None
    """Head with a checkpoint of its own that drafts tokens; None where nothing or the model itself does."""


def pose(request: ServingRequest, spec: ModelSpec | None = None, deployable: Deployable = EVERYTHING) -> Question:
    """Look the model up and fill in the defaults.

    Raises:
        StrataError: when the model is unknown, or a ``config.json`` unreadable.
    """
    if spec is None:
        spec = (
            read_config(Path(request.config_json), name=request.model) if request.config_json else model(request.model)
        )
    engine = request.engine or (Engine.TEI if spec.is_encoder else Engine.VLLM)
    traffic = request.traffic
    embeds = spec.task is not Task.GENERATE
    input_tokens = traffic.input_tokens if traffic else min(TYPICAL_INPUT, max(1, spec.context - TYPICAL_OUTPUT))
    output_tokens = 1 if embeds else traffic.output_tokens if traffic else TYPICAL_OUTPUT
    needed = input_tokens + (0 if embeds else output_tokens)
    least = request.max_model_len or (needed if traffic else min(SMALLEST_CONTEXT, spec.context))
    wanted = request.max_model_len or min(spec.context, max(DEFAULT_CONTEXT, needed))
    return Question(
        request=request,
        spec=spec,
        engine=engine,
        engine_version=_VERSIONS[engine],
        version=parse_version(engine, _VERSIONS[engine]),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        wanted_context=wanted,
        least_context=least,
        deployable=deployable,
        draft_head=_draft_head(request.speculation),
    )


def _draft_head(speculation: Speculation | None) -> DraftHead | None:
    return read_head(Path(speculation.config_json)) if isinstance(speculation, Eagle3Speculation) else None


@lru_cache(maxsize=1024)
def at_precision(spec: ModelSpec, precision: Precision) -> ModelSpec | None:
    """The model with its weights in ``precision``; None when no checkpoint or on-the-fly conversion gives it.

    A published checkpoint is preferred; engines also turn 16-bit weights into the other 16-bit type or FP8 on loading.
    """
    if precision is spec.native.precision:
        return spec
    variant = dict(spec.variants).get(precision)
    if variant is not None:
        return model(variant)
    if spec.native.precision in _SIXTEEN_BIT and precision in {Precision.FP8, *_SIXTEEN_BIT}:
        return spec.sized(quantization=Quantization(precision=precision), name=spec.id)
    return None


def choices_of_precision(question: Question) -> tuple[Precision, ...]:
    """Precisions to consider, those nearest to the checkpoint's own first: what the user fixes, or all that exist."""
    fixed = question.request.precision
    if fixed is not None:
        return (fixed,)
    spec = question.spec
    if spec.is_encoder:
        return (spec.native.precision,)
    return _choices(spec)


@lru_cache(maxsize=1024)
def _choices(spec: ModelSpec) -> tuple[Precision, ...]:
    own = spec.native.precision
    possible = dict.fromkeys((own, *(precision for precision, _ in spec.variants), Precision.FP8, Precision.FP16))
    there = (precision for precision in possible if at_precision(spec, precision) is not None)
    return tuple(sorted(there, key=lambda precision: departure(own, precision)))


def departure(own: Precision, precision: Precision) -> int:
    """How far a precision is from the checkpoint's own: 0 for the same, more the more bits it gives up."""
    if precision is own:
        return 0
    return 1 + max(0, _BITS.get(own, 4) - _BITS.get(precision, 4))
