"""Why a plan's numbers are what they are: the arithmetic, with its values."""

from __future__ import annotations

import math

from ...contracts.gpu_sharing import Mig, Mps, TimeSlicing
from ...contracts.quantities import ByteSize
from ...contracts.serving import Reason, Topology
from ..catalogs.gpus import GIB
from ..memory.weights import weights
from ..speed.efficiency import ERRORS, GPUS
from ..speed.pipeline import one_prompt
from ..startup import StartUp
from .fleet import Fleet
from .question import Question
from .speculating import tokens_per_step


def reasons(question: Question, chosen: Fleet, starting: StartUp) -> tuple[Reason, ...]:
    """One reason per number of the plan."""
    found = (
        *_choices(question, chosen),
        *_memory(question, chosen),
        *_fleet(chosen),
        _latency(question, chosen),
        *_storage(starting),
    )
    traffic = question.request.traffic
    users = traffic.users if traffic else None
    if users is None:
        return found
    return (Reason(subject="traffic", value=f"{users.requests_per_second:,.2f} requests/s", because=str(users)), *found)


def _fixed(value: object, otherwise: str) -> str:
    return "fixed by the request" if value is not None else otherwise


def _choices(question: Question, chosen: Fleet) -> tuple[Reason, ...]:
    request, sized = question.request, chosen.fit
    own = sized.spec.native.precision is question.spec.native.precision
    layout = sized.layout
    layout_reason = _fixed(
        request.tensor_parallel or request.pipeline_parallel or request.data_parallel,
        "the cheapest layout that satisfies every rule, fits and keeps the targets",
    )
    return (
        Reason(
            subject="engine",
            value=question.engine.value,
            because=_fixed(
                request.engine, "encoders run on tei, everything that generates on vllm, whose memory is predicted best"
            ),
        ),
        Reason(
            subject="precision",
            value=sized.spec.native.precision.value,
            because=_fixed(
                request.precision,
                "the checkpoint's own"
                if own
                else f"the checkpoint's own {question.spec.native.precision.value} fits nowhere within the request",
            ),
        ),
        Reason(
            subject="gpu",
            value=f"{chosen.pool.gpu.name} in pool {chosen.pool.facts.name}",
            because=_fixed(request.gpu or request.pool, "the cheapest of the pools that serve the request"),
        ),
        Reason(subject="layout", value=str(layout), because=layout_reason),
        Reason(
            subject="topology",
            value=chosen.topology.value,
            because=f"{layout.gpus} GPUs per replica, {chosen.pool.place.gpus_per_node} per node",
        ),
        *_slice(chosen),
        *_pipeline(chosen),
        *_speculation(question, chosen),
    )


def _speculation(question: Question, chosen: Fleet) -> tuple[Reason, ...]:
    """The assumption under which drafted tokens save time, and what they cost."""
    speculation, draft = question.request.speculation, chosen.fit.draft
    if speculation is None:
        return ()
    drafted, accepted = speculation.tokens, speculation.acceptance
    costs = (
        f"what drafts takes {draft.weights / GIB:.2f} GiB and {draft.cache_per_token:.0f} bytes of cache per token on "
        f"each GPU, and {draft.share:.1%} of a step for each token"
        if draft.weights
        else "drafting takes no GPU memory"
    )
    return (
        Reason(
            subject="speculation",
            value=f"{speculation.kind}, {drafted} tokens drafted, {tokens_per_step(speculation):.2f} per step",
            because=f"assumed, not predicted: a drafted token is accepted with probability {accepted:g} "
            f"once those before it are, so that a step yields (1 - {accepted:g}^{drafted + 1}) / "
            f"(1 - {accepted:g}) tokens; {costs}",
        ),
    )


def _pipeline(chosen: Fleet) -> tuple[Reason, ...]:
    """Batches in flight and the bubble, and whether too few requests run to fill the stages."""
    full, layout = chosen.occupancy(), chosen.fit.layout
    if full is None:
        return ()
    stages, layers = layout.pipeline_parallel, chosen.fit.spec.layers
    fewer = full.micro_batches < stages
    because = (
        f"{chosen.running:.1f} requests run in each replica, fewer than its {stages} stages, so that stages wait"
        if fewer
        else f"{chosen.running:.0f} requests fill {stages} stages"
    )
    alone = one_prompt(stages, chosen.chunks)
    return (
        Reason(
            subject="pipeline",
            value=f"{full.micro_batches:.1f} micro-batches in flight, bubble {full.bubble:.0%}",
            because=f"{because}; the fullest holds {math.ceil(layers / stages)} of {layers} layers; a prompt of "
            f"{chosen.input_tokens} tokens alone passes in {chosen.chunks} chunks, of whose time {alone.bubble:.0%} "
            "is bubble",
        ),
    )


def _slice(chosen: Fleet) -> tuple[Reason, ...]:
    """What of a shared GPU a replica has, and who keeps the others out."""
    part, sharing = chosen.pool.gpu, chosen.pool.facts.sharing
    match sharing:
        case None:
            return ()
        case Mig(profile=profile):
            because = (
                f"MIG gives each {profile} this memory in hardware, {part.bandwidth_gbs:.0f} GB/s of its own beside"
            )
        case Mps(replicas=replicas):
            because = f"the daemon of MPS limits each of {replicas} pods to an equal share of memory and processors"
        case TimeSlicing(replicas=replicas):
            because = f"an equal share for {replicas} pods, which the engine keeps to: nothing else holds it back"
    return (Reason(subject="slice", value=f"{part.usable_gib:.2f} GiB", because=because),)


def _memory(question: Question, chosen: Fleet) -> tuple[Reason, ...]:
    request, sized, memory = question.request, chosen.fit, chosen.fit.budget
    engine = memory.engine
    parts = (
        f"{memory.utilization:g} × {memory.usable / GIB:.2f} - {memory.weights / GIB:.2f} weights"
        f" - {engine.activations / GIB:.2f} activations - {engine.non_torch / GIB:.2f} CUDA and NCCL"
        f" - {engine.cuda_graphs / GIB:.2f} graphs - {memory.margin / GIB:.2f} margin GiB"
    )
    held = weights(sized.spec, sized.layout, chosen.pool.gpu)
    kinds = (
        ("embedding and head", held.embedding),
        ("attention", held.attention),
        ("feed-forward", held.feed_forward),
        ("experts", held.experts),
        ("replicated on every rank", held.replicated),
        ("16-bit copy for latent attention", held.absorbed),
        ("draft head", sized.draft.weights),
    )
    found = [
        Reason(
            subject="weights",
            value=f"{memory.weights / GIB:.2f} GiB",
            because=" + ".join(f"{size / GIB:.2f} {kind}" for kind, size in kinds if size) + " GiB on the fullest GPU",
        ),
        Reason(
            subject="gpu_memory_utilization",
            value=f"{memory.utilization:g}",
            because=_fixed(request.gpu_memory_utilization, f"default of vllm {question.engine_version}"),
        ),
        Reason(
            subject="max_num_seqs",
            value=str(sized.limits.max_num_seqs),
            because=_fixed(
                request.max_num_seqs,
                "as many requests of the planned lengths as the cache holds, up to the engine's default",
            ),
        ),
        Reason(
            subject="max_model_len",
            value=str(sized.context),
            because=_fixed(
                request.max_model_len, f"the longest up to {question.wanted_context} tokens that the cache holds"
            ),
        ),
    ]
    if not math.isinf(sized.capacity.concurrent):
        per_request = sized.shape.request(sized.context, sized.limits.max_num_batched_tokens)
        found += [
            Reason(subject="kv_cache", value=f"{memory.kv_cache / GIB:.2f} GiB", because=parts),
            Reason(
                subject="kv_tokens",
                value=str(sized.capacity.tokens),
                because=f"{memory.kv_cache / GIB:.2f} GiB / {per_request / GIB:.3f} GiB per request of {sized.context}"
                f" tokens × {sized.layout.data_parallel} data-parallel ranks = {sized.capacity.concurrent:.1f} at once",
            ),
        ]
    return tuple(found)


def _fleet(chosen: Fleet) -> tuple[Reason, ...]:
    cost = chosen.cost
    price = chosen.pool.gpu_price
    return (
        Reason(subject="replicas", value=str(chosen.replicas), because=chosen.because),
        Reason(
            subject="cost",
            value="unknown" if cost.per_hour is None else f"${cost.per_hour:.2f} per hour",
            because="no price of this machine is known"
            if price is None
            else f"{chosen.gpus} GPUs × ${price:.3f} per GPU and hour, its share of the node ({cost.priced_on})",
        ),
    )


def _latency(question: Question, chosen: Fleet) -> Reason:
    """What the predicted times rest on: measurements of this engine and GPU, or an assumption."""
    engine, gpu = question.engine, chosen.pool.gpu.name
    error, measured = ERRORS.get(engine), ", ".join(GPUS)
    if error is None:
        because = f"assumed: {engine.value} was not measured; it is given what the measured engines share"
    elif gpu not in GPUS:
        because = f"assumed: {gpu} was not measured; its data sheet with {engine.value}'s share of it on {measured}"
    else:
        because = (
            f"measured runs of {engine.value} on {measured}: median error {error:.0%} on models left out of the fit"
        )
    if chosen.topology is Topology.DISAGGREGATED:
        because += (
            "; assumed: prefill and decode apart are as fast as together, which was not compared with measurements"
        )
    return Reason(subject="latency", value=f"{chosen.speed.tpot * 1e3:.1f} ms per token", because=because)


def _storage(starting: StartUp) -> tuple[Reason, ...]:
    plan = starting.storage
    return (
        Reason(subject="volume", value=_gib(plan.volume), because=starting.volume_because),
        Reason(subject="load", value=str(plan.load), because=starting.load_because),
        Reason(subject="start", value=str(plan.start), because=starting.start_because),
        Reason(subject="startup_budget", value=str(plan.startup_budget), because=starting.budget_because),
    )


def _gib(size: ByteSize) -> str:
    return f"{size.in_gib:.1f} GiB"
