"""All options to serve a request on a cluster, the best first, and those that fail with what they lack."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ...contracts.quantities import CpuAmount
from ...contracts.serving import Engine, KvPrecision, Precision, ServingRequest, Topology
from .. import floors, host, rules
from ..catalogs.gpus import GIB
from ..catalogs.models import ModelSpec
from ..memory.engine import default_utilization
from ..memory.layout import Layout
from .fit import Fit, fit
from .fleet import Fleet, fleet, split_fleet
from .layouts import layouts
from .over_tcp import FIELD as OVER_TCP
from .over_tcp import shared_cards, unasked
from .pools import GpuPool
from .question import Question, at_precision, choices_of_precision, departure
from .speculating import refused_speculation, split_head

_STEPS = ("precision", "rules", "weights", "cache", "targets", "pool", "budget")
"""Checks from first to last; the option that passed the most explains a refusal best."""
_CACHE = _STEPS.index("cache")


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedOption:
    """An option that does not work."""

    step: int
    """Index into the checks; a higher one passed more of them."""
    lacking: float
    """How much is missing in units of what there is; the smallest of a step explains best."""
    field: str
    cause: str
    consequence: str
    fit: Fit | None = None
    pool: GpuPool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What a search found."""

    fleets: tuple[Fleet, ...]
    """Options that work, best first."""
    failed: tuple[FailedOption, ...]


def search(question: Question, pools: tuple[GpuPool, ...]) -> Findings:
    """Try every precision, pool and layout that the request leaves open.

    A precision other than the checkpoint's own changes answers slightly, the more the fewer bits it has, so it is
    chosen only where the user asks for it or nothing nearer works; it is still listed among the alternatives.
    """
    working: list[Fleet] = []
    failed: list[FailedOption] = []
    own = question.spec.native.precision
    for precision in choices_of_precision(question):
        # Where the checkpoint's own precision works, others are compared only on the pool that it works on.
        compared = (min(working, key=_cost_order).pool,) if working else pools
        for several in (False, True) if _may_span_nodes(question) else (False,):
            options = tuple(_options(question, precision, compared, several=several))
            working += (option for option in options if isinstance(option, Fleet))
            failed += (option for option in options if isinstance(option, FailedOption))
            # A replica over several nodes is slower and harder to run: only where one node cannot hold the model.
            if any(isinstance(option, Fleet) or option.step > _CACHE for option in options):
                break
    working.sort(key=lambda option: (departure(own, option.fit.spec.native.precision), _cost_order(option)))
    return Findings(fleets=tuple(working), failed=tuple(failed))


def _may_span_nodes(question: Question) -> bool:
    return Topology.MULTI_NODE in question.deployable.topologies


def _cost_order(option: Fleet) -> tuple[float, int, float, int, int, float]:
    """Cheapest first; unknown prices last and then by GPUs.

    With traffic given the cheapest fleet per hour also has the cheapest tokens; of equals the one with the longer
    context, less bandwidth to spare and the simpler layout wins, then the faster.
    """
    hourly = option.hourly
    return (
        math.inf if hourly is None else round(hourly, 6),
        -option.fit.context,
        option.gpus * option.pool.gpu.bandwidth_gbs,
        option.gpus,
        option.fit.layout.expert_parallel + option.fit.layout.pipeline_parallel,
        option.speed.tpot,
    )


class _Bar:
    """What is no better than the options of a pool that are known already: within a pool cost goes by GPUs."""

    def __init__(self, context: int) -> None:
        self._context = context
        self._fewest = self._without_stages = math.inf

    def excludes(self, layout: Layout) -> bool:
        """Whether one replica takes more GPUs than another layout needs for all, or with stages as many."""
        return layout.gpus > self._fewest or (layout.pipeline_parallel > 1 and layout.gpus >= self._without_stages)

    def lower(self, option: Fleet) -> None:
        """Take an option into account; stages may still give a longer context than it has."""
        self._fewest = min(self._fewest, option.gpus)
        if option.fit.layout.pipeline_parallel == 1 and option.fit.context >= self._context:
            self._without_stages = min(self._without_stages, option.gpus)


def _options(
    question: Question, precision: Precision, pools: tuple[GpuPool, ...], *, several: bool
) -> Iterator[Fleet | FailedOption]:
    """Options in one precision, with replicas inside one node or over ``several``."""
    spec = _checkpoint(question, precision)
    if isinstance(spec, FailedOption):
        if not several:
            yield spec
        return
    request = question.request
    for pool in pools:
        if (request.pool and pool.facts.name != request.pool) or not _same_gpu(pool, request.gpu):
            continue
        if precision is not question.spec.native.precision and _pointless(precision, request, pool, question.engine):
            continue
        bar = _Bar(question.wanted_context)
        for layout in layouts(spec, pool.place, pool.facts.nodes, request):
            nodes = max(1, math.ceil(layout.gpus / pool.place.gpus_per_node))
            if nodes > 1 and not _may_span_nodes(question):
                yield _spans_nodes(question, layout, pool, nodes)
            if (nodes > 1) is not several or not _topology(request.topology, nodes) or bar.excludes(layout):
                continue
            option = _option(question, spec, layout, pool, nodes)
            if isinstance(option, Fleet):
                bar.lower(option)
            yield option


def _checkpoint(question: Question, precision: Precision) -> ModelSpec | FailedOption:
    """The model in one precision, as far as there is such a checkpoint, and it drafts tokens where it has to."""
    spec = at_precision(question.spec, precision)
    if spec is None:
        return FailedOption(
            step=0,
            lacking=0,
            field="precision",
            cause=f"{question.spec.id} holds {question.spec.native.precision.value} weights, and no {precision.value} "
            "checkpoint of it is in the catalog",
            consequence="the engine would load the checkpoint as it is",
        )
    broken = refused_speculation(question, spec)
    if broken is None:
        return spec
    return FailedOption(step=0, lacking=0, field=broken.field, cause=broken.cause, consequence=broken.consequence)


def _pointless(precision: Precision, request: ServingRequest, pool: GpuPool, engine: Engine) -> bool:
    """FP16 in place of BF16 helps only GPUs before Ampere, which lack BF16."""
    return precision is Precision.FP16 and request.precision is None and floors.runs(pool.gpu, Precision.BF16, engine)


def _same_gpu(pool: GpuPool, name: str | None) -> bool:
    folded = name.casefold() if name else None
    return folded is None or folded == pool.gpu.name.casefold() or folded in (a.casefold() for a in pool.gpu.aliases)


def _topology(wanted: Topology | None, nodes: int) -> bool:
    if wanted is Topology.REPLICATED:
        return nodes == 1
    return nodes > 1 if wanted is Topology.MULTI_NODE else True


def _option(question: Question, spec: ModelSpec, layout: Layout, pool: GpuPool, nodes: int) -> Fleet | FailedOption:
    broken = rules.violation(spec, layout, pool.place, question.engine) or split_head(question, spec, layout)
    if broken is None and question.request.topology is Topology.DISAGGREGATED:
        broken = rules.cache_transfer(spec) or shared_cards(layout, pool)
    broken, step = broken or _host(question.engine, layout, pool, nodes), 1
    if broken is None and (question.request.kv_precision or spec.cache) is KvPrecision.FP8:
        broken, step = rules.fp8_cache(spec, pool.place), 2
    if broken is not None:
        return FailedOption(
            step=step,
            lacking=layout.gpus,
            field=broken.field,
            cause=broken.cause,
            consequence=broken.consequence,
            pool=pool,
        )
    sized = fit(question, spec, pool.gpu, layout, nodes)
    if sized.blame:
        return _too_small(question, sized, pool)
    slow = unasked(question, sized, pool)
    if slow is not None:
        return FailedOption(
            step=_CACHE + 1,
            lacking=slow.slowdown,
            field=OVER_TCP,
            cause=slow.cause,
            consequence=slow.consequence,
            fit=sized,
            pool=pool,
        )
    disaggregated = question.request.topology is Topology.DISAGGREGATED
    found = (split_fleet if disaggregated else fleet)(question, sized, pool, nodes)
    if found.missed:
        return FailedOption(
            step=4,
            lacking=found.speed.tpot,
            field=found.missed,
            cause=f"on {layout} of {pool.gpu.name}, {found.missed_because}",
            consequence="users would wait longer than asked, and requests would pile up",
            fit=sized,
            pool=pool,
        )
    return _affordable(question, found)


def _spans_nodes(question: Question, layout: Layout, pool: GpuPool, nodes: int) -> FailedOption:
    request = question.request
    fixed = [name for name in ("pipeline_parallel", "data_parallel", "tensor_parallel") if getattr(request, name)]
    return FailedOption(
        step=1,
        lacking=layout.gpus,
        field=fixed[0] if fixed else "model",
        cause=f"a replica of {layout} takes {layout.gpus} GPUs, {nodes} nodes of pool {pool.facts.name} with "
        f"{pool.place.gpus_per_node} each",
        consequence="a Deployment cannot form a server of pods on several nodes",
        pool=pool,
    )


def _host(engine: Engine, layout: Layout, pool: GpuPool, nodes: int) -> rules.Violation | None:
    """What a node lacks for a server besides GPUs."""
    gpus, facts = math.ceil(layout.gpus / nodes), pool.facts
    cpu = CpuAmount(facts.cpu_per_node * gpus // pool.place.gpus_per_node)
    if cpu < host.LEAST_CPU:
        return rules.Violation(
            field="pool",
            cause=f"{facts.instance_type} leaves {cpu} CPUs to a server on {gpus} of its {pool.place.gpus_per_node} "
            f"GPUs, and a server takes {host.LEAST_CPU}",
            consequence="pods would stay pending",
        )
    if facts.ephemeral_storage_per_node < host.SERVER_DISK:
        return rules.Violation(
            field="pool",
            cause=f"{facts.instance_type} has {facts.ephemeral_storage_per_node.in_gib:.1f} GiB of disk for pods, and "
            f"a server takes {host.SERVER_DISK.in_gib:.0f} GiB",
            consequence="pods would stay pending",
        )
    needed = host.least_gib(gpus, layout.data_parallel, engine)
    available = host.available_gib(facts.memory_per_node, gpus, pool.place.gpus_per_node)
    if needed <= available:
        return None
    return rules.Violation(
        field="pool",
        cause=f"{facts.instance_type} has {available:.1f} GiB of host memory for {gpus} GPUs, and a server takes "
        f"{needed:g} GiB",
        consequence="the server would be killed for memory while it loads",
    )


def _too_small(question: Question, sized: Fit, pool: GpuPool) -> FailedOption:
    memory = sized.budget
    what = f"{sized.spec.id} at {sized.spec.native.precision.value} on {sized.layout} of {pool.gpu.name}"
    have = memory.utilization * memory.usable
    if sized.blame == "weights":
        need = memory.weights + memory.engine.total + memory.margin
        usual = default_utilization(question.version) * memory.usable
        lowered = question.request.gpu_memory_utilization is not None and need <= usual
        return FailedOption(
            step=2,
            lacking=need / have,
            field="gpu_memory_utilization" if lowered else "model",
            cause=f"{what} needs {memory.weights / GIB:.1f} GiB of weights and "
            f"{(memory.engine.total + memory.margin) / GIB:.1f} GiB beside them on each GPU, "
            f"which gives {have / GIB:.1f} GiB",
            consequence="the engine runs out of memory while it loads",
            fit=sized,
            pool=pool,
        )
    least = question.least_context
    need = sized.shape.request(least, sized.limits.max_num_batched_tokens)
    return FailedOption(
        step=3,
        lacking=need / memory.kv_cache,
        field="max_model_len",
        cause=f"{what} leaves {memory.kv_cache / GIB:.2f} GiB for keys and values, "
        f"and {least} tokens take {need / GIB:.2f} GiB",
        consequence="the engine refuses to start, or a request of that length never runs",
        fit=sized,
        pool=pool,
    )


def _affordable(question: Question, found: Fleet) -> Fleet | FailedOption:
    request, pool, layout = question.request, found.pool, found.fit.layout
    room = pool.replicas(layout.gpus)
    wanted = found.replicas + found.prefill_replicas
    if wanted > room:
        return FailedOption(
            step=5,
            lacking=wanted / max(room, 0.5),
            field="replicas" if request.replicas else "pool",
            cause=f"{wanted} replicas of {layout.gpus} × {pool.gpu.name} need {found.gpus} GPUs; pool "
            f"{pool.facts.name} has {pool.facts.gpus}, {pool.used} of them taken, which makes room for {room} replicas",
            consequence="pods would stay pending",
            fit=found.fit,
            pool=pool,
        )
    hourly = found.hourly
    if request.budget_per_hour is None or (hourly is not None and hourly <= request.budget_per_hour):
        return found
    price = "has no known price" if hourly is None else f"costs ${hourly:.2f} per hour"
    return FailedOption(
        step=6,
        lacking=math.inf if hourly is None else hourly / request.budget_per_hour,
        field="budget_per_hour",
        cause=f"the cheapest option on {pool.gpu.name} {price}, above the budget of ${request.budget_per_hour:g}",
        consequence="the budget would be exceeded, or could not be checked",
        fit=found.fit,
        pool=pool,
    )
