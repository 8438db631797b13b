"""How well the planner predicts what fits: weights, memory left for the cache, and whether a deployment starts."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from components.planner.catalogs.gpus import GIB
from components.planner.memory.budget import budget, margin
from components.planner.memory.engine import EngineLimits, engine_memory
from components.planner.memory.kv_cache import CacheShape, cache_shape, longest_context
from components.planner.memory.weights import weights

from .deployments import FIRST_PROFILED, Deployment, Row, Worker, ineligible, read
from .stated import completed

SMALL_GPU_GIB = 24.0
OPTIMISTIC_GIB = 0.5
_SEQUENCES_OF_OTHERS = 256
"""Engines other than vLLM, and configurations of which only the shape is published, size their sampler by need."""
_LEAST_CONTEXT = 2048
_HIGHEST_UTILIZATION = 0.95
"""What a row may have set when it does not say: the highest that engines' guides use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kv:
    """Memory for keys and values on each GPU: predicted without margin, and measured, GiB."""

    row: Deployment
    predicted: float
    measured: float

    @property
    def error(self) -> float:
        """Predicted less measured, GiB; above 0 is optimistic."""
        return self.predicted - self.measured

    @property
    def relative(self) -> float:
        """Absolute error as a share of what was measured."""
        return abs(self.error) / abs(self.measured)

    @property
    def optimistic_with_margin(self) -> float:
        """What remains of an optimistic error once the plan's margin is taken off, GiB."""
        return self.error - margin(self.row.spec, self.row.card, self.row.workers[0].layout) / GIB


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether a deployment fits: predicted and seen."""

    row: Deployment
    predicted: bool
    works: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Errors of some rows."""

    name: str
    rows: int
    median: float
    p90: float
    bias_gib: float
    """Median signed error, GiB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All that was measured on placements."""

    kv: tuple[Kv, ...]
    weights: tuple[tuple[str, float], ...]
    """Row and signed relative error."""
    verdicts: tuple[Verdict, ...]
    overall: Group | None
    small: Group | None
    by_family: tuple[Group, ...]
    by_gpu: tuple[Group, ...]
    by_version: tuple[Group, ...]
    optimistic: tuple[str, ...]
    """Rows optimistic by more than half a GiB with the margin on."""
    rows: int
    """All rows given. Those that count, those left out and those not readable add up to them, for each measure."""
    left_out: tuple[tuple[str, int], ...]
    """Why rows do not test the memory for keys and values, and how many."""
    unjudged: tuple[tuple[str, int], ...]
    """Why rows do not test whether a deployment fits, and how many."""
    unread: tuple[tuple[str, int], ...]
    """Why rows of any kind cannot be put in the planner's terms, and how many."""

    @property
    def weights_median(self) -> float | None:
        """Median absolute relative error."""
        return statistics.median(abs(error) for _, error in self.weights) if self.weights else None

    @property
    def fits_right(self) -> float | None:
        """Share of verdicts that are right."""
        right = sum(verdict.predicted is verdict.works for verdict in self.verdicts)
        return right / len(self.verdicts) if self.verdicts else None

    @property
    def accepted_failures(self) -> tuple[str, ...]:
        """Deployments that failed and that the planner would accept."""
        return tuple(verdict.row.id for verdict in self.verdicts if verdict.predicted and not verdict.works)


def evaluate(rows: Iterable[Row]) -> Report:
    """Compare rows in the columns of ``placements_open.csv`` with their predictions."""
    deployments: list[Deployment] = []
    unread: Counter[str] = Counter()
    for row in completed(rows):
        deployment = read(row)
        if isinstance(deployment, str):
            unread[deployment] += 1
        else:
            deployments.append(deployment)
    kv, left_out = _kv(deployments)
    verdicts, unjudged = _verdicts(deployments)
    small = [result for result in kv if result.row.card.usable_gib <= SMALL_GPU_GIB]
    return Report(
        kv=tuple(kv),
        weights=tuple(_weights(deployments)),
        verdicts=tuple(verdicts),
        overall=_group("all", kv),
        small=_group(f"GPUs up to {SMALL_GPU_GIB:g} GiB", small),
        by_family=_groups(kv, lambda result: result.row.spec.family),
        by_gpu=_groups(kv, lambda result: result.row.card.name),
        by_version=_groups(
            kv, lambda result: ".".join(map(str, result.row.version)) if result.row.version else "not captured"
        ),
        optimistic=tuple(result.row.id for result in kv if result.optimistic_with_margin > OPTIMISTIC_GIB),
        rows=len(deployments) + unread.total(),
        left_out=tuple(left_out.most_common()),
        unjudged=tuple(unjudged.most_common()),
        unread=tuple(unread.most_common()),
    )


def _free(row: Deployment, worker: Worker, limits: EngineLimits, utilization: float) -> float:
    """Bytes left for keys and values on each GPU, without a margin."""
    engine = engine_memory(
        row.spec, row.card, worker.layout, limits, row.effective_version, eager=row.eager, nodes=worker.nodes
    )
    return budget(row.spec, row.card, worker.layout, engine, utilization, spare=row.outside_bytes).kv_cache


def _shape(row: Deployment, worker: Worker) -> CacheShape:
    return cache_shape(row.spec, worker.layout, row.kv_precision)


def _measured(row: Deployment) -> float | None:
    """Measured cache, GiB: as logged, else from logged parts, else from the tokens of a cache that only grows."""
    if row.kv_gib is not None:
        return row.kv_gib
    if row.weights_gib is not None and row.parts_gib is not None and row.utilization is not None:
        return row.utilization * row.card.usable_gib - row.weights_gib - row.parts_gib
    shape = _shape(row, row.workers[0])
    if row.kv_tokens is None or shape.window_per_token or shape.per_request or row.workers[0].layout.data_parallel > 1:
        return None
    return row.kv_tokens * shape.per_token / GIB


def _kv(deployments: Iterable[Deployment]) -> tuple[list[Kv], Counter[str]]:
    found: list[Kv] = []
    left_out: Counter[str] = Counter()
    for row in deployments:
        measured = _measured(row)
        why = _no_cache(row, measured) or ineligible(row)
        if why or measured is None:
            left_out[why] += 1
            continue
        free = _free(row, row.workers[0], row.limits, row.effective_utilization)
        found.append(Kv(row=row, predicted=free / GIB, measured=measured))
    return found, left_out


def _no_cache(row: Deployment, measured: float | None) -> str:
    """Why there is nothing to be off by a share of; whether the row fits is judged apart."""
    if measured is not None:
        return "" if measured > 0 else "no memory was left"
    return "size of the cache not given" if row.kv_tokens is None else "a hybrid's tokens are not those of its cache"


def _weights(deployments: Iterable[Deployment]) -> Iterable[tuple[str, float]]:
    for row in deployments:
        if row.weights_gib and not row.speculative:
            predicted = weights(row.spec, row.workers[0].layout, row.card).total / GIB
            yield row.id, predicted / row.weights_gib - 1


def _verdicts(deployments: Iterable[Deployment]) -> tuple[list[Verdict], Counter[str]]:
    found: list[Verdict] = []
    unjudged: Counter[str] = Counter()
    for row in deployments:
        why = _unjudgeable(row)
        if why:
            unjudged[why] += 1
        else:
            found.append(_verdict(row))
    return found, unjudged


def _tested(row: Deployment) -> bool:
    return row.engine == "vllm" and row.utilization is not None


def _unjudgeable(row: Deployment) -> str:
    """Why the row does not say whether the deployment starts; empty when it does.

    A server that started and ran out of memory later shared its GPU or was misconfigured, which is not in the inputs.
    """
    if row.outcome.startswith("OOM (runtime)"):
        return "ran out of memory after it had started"
    if row.version is not None and row.version < FIRST_PROFILED:
        return "engine V0 before it profiled with a dummy prefill"
    if not _tested(row) and row.outcome.startswith("FAIL"):
        return "failed, gpu_memory_utilization not captured or not vLLM"
    if row.version is None and row.card.compute_capability < 8.0:  # noqa: PLR2004 - see ineligible
        return "version not captured on a GPU where only V0 ran for long"
    return ""


def _verdict(row: Deployment) -> Verdict:
    """Whether the deployment starts and holds one request."""
    limits = row.limits
    if not _tested(row) and row.max_num_seqs is None:
        limits = replace(limits, max_num_seqs=min(limits.max_num_seqs, _SEQUENCES_OF_OTHERS))
    # A context that did not fit and is not given was the model's own, the engine's default.
    least = row.spec.context if "max_model_len" in row.outcome else min(_LEAST_CONTEXT, row.spec.context)
    wanted = row.context or least
    works = row.outcome.startswith("works")
    return Verdict(row=row, predicted=all(_holds(row, worker, limits, wanted) for worker in row.workers), works=works)


def _holds(row: Deployment, worker: Worker, limits: EngineLimits, context: int) -> bool:
    free = _free(row, worker, limits, row.utilization or _HIGHEST_UTILIZATION)
    if free <= 0:
        return False
    return longest_context(_shape(row, worker), free, limits.max_num_batched_tokens, context) >= context


def _group(name: str, kv: Sequence[Kv]) -> Group | None:
    if not kv:
        return None
    errors = sorted(result.relative for result in kv)
    return Group(
        name=name,
        rows=len(kv),
        median=statistics.median(errors),
        p90=percentile(errors, 0.9),
        bias_gib=statistics.median(result.error for result in kv),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Percentile of sorted values by linear interpolation, as NumPy's default."""
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _groups(kv: Sequence[Kv], key: Callable[[Kv], str]) -> tuple[Group, ...]:
    names = sorted({key(result) for result in kv})
    return tuple(filter(None, (_group(name, [result for result in kv if key(result) == name]) for name in names)))
