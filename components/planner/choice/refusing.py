"""Why nothing works, and the nearest changes that do: each change is tried before it is offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from ...contracts.serving import Change, Refusal, ServingRequest
from ..rules import engine as engine_violation
from .answer import summary
from .changes import candidates
from .larger import larger
from .pools import GpuPool
from .question import Question, pose
from .search import FailedOption, Findings, search

_CHANGES = 6
_NOTHING = (Change(change="serve a smaller model", effect="no machine of the catalog holds this request"),)


def refusal(question: Question, pools: tuple[GpuPool, ...], findings: Findings) -> Refusal:
    """The refusal, explained by the option that passed the most checks, with changes that were planned successfully."""
    if not findings.failed:
        return _nowhere(question, pools)
    closest = max(findings.failed, key=lambda option: (option.step, -option.lacking))
    return Refusal(
        name=question.request.name,
        field=closest.field,
        cause=closest.cause,
        consequence=closest.consequence,
        changes=_offered(question, pools, closest),
    )


def _offered(question: Question, pools: tuple[GpuPool, ...], closest: FailedOption) -> tuple[Change, ...]:
    """Single changes where one is enough, and two at once where it is not."""
    request = question.request
    changed = tuple(islice(_changes(question, pools, closest), _CHANGES))
    single = (*changed, *(larger(question, pools, closest) if len(changed) < _CHANGES else ()))
    if single:
        return single[:_CHANGES]
    own = question.spec.native.precision
    if closest.field == "precision" and request.precision not in {None, own}:
        opened = replace(question, request=request.model_copy(update={"precision": own}))
        return _after(f"precision: {own.value}", refusal(opened, pools, search(opened, pools)).changes)
    if request.gpu is not None:
        opened = replace(question, request=request.model_copy(update={"gpu": None, "pool": None}))
        return _after("leave gpu and pool open", larger(opened, pools, closest)) or _NOTHING
    return _NOTHING


def _after(first: str, changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(Change(change=f"{first}, {change.change}", effect=change.effect) for change in changes)[:_CHANGES]


def not_deployable(question: Question, pools: tuple[GpuPool, ...]) -> Refusal | None:
    """The refusal of an engine or a topology for which no server can be started; None when both can be."""
    if question.engine not in question.deployable.engines:
        return _engine_not_deployable(question, pools)
    topology = question.request.topology
    if topology is None or topology in question.deployable.topologies:
        return None
    usable = " or ".join(sorted(allowed.value for allowed in question.deployable.topologies))
    opened = replace(question, request=question.request.model_copy(update={"topology": None}))
    findings = search(opened, pools)
    if findings.fleets:
        changes = (Change(change="leave topology open", effect=f"fits on {summary(findings.fleets[0])}"),)
    else:
        changes = refusal(opened, pools, findings).changes
    return Refusal(
        name=question.request.name,
        field="topology",
        cause=f"{topology.value} can be planned, but not deployed: servers are {usable}",
        consequence="the run would end before the first server is made, after the cluster is paid for",
        changes=changes,
    )


def _engine_not_deployable(question: Question, pools: tuple[GpuPool, ...]) -> Refusal:
    request, spec, engine = question.request, question.spec, question.engine.value
    changes: list[Change] = []
    for usable in sorted(question.deployable.engines):
        changed = pose(request.model_copy(update={"engine": usable}), spec, question.deployable)
        found = search(changed, pools).fleets if engine_violation(spec, usable) is None else ()
        if found:
            changes.append(Change(change=f"engine: {usable.value}", effect=f"fits on {summary(found[0])}"))
    return Refusal(
        name=request.name,
        field="engine" if request.engine else "model",
        cause=f"no server of {engine} can be started: {engine} has no adapter"
        if request.engine
        else f"{engine} would serve the encoder {spec.id}, and {engine} has no adapter",
        consequence="the run would end before the first server is made, after the cluster is paid for",
        changes=tuple(changes) or (Change(change="serve a model that generates", effect="vllm runs it"),),
    )


def _nowhere(question: Question, pools: tuple[GpuPool, ...]) -> Refusal:
    request = question.request
    have = ", ".join(f"{pool.facts.name} ({pool.gpu.name})" for pool in pools) or "none"
    wanted = [f"is named {request.pool}"] if request.pool else []
    wanted += [f"has {request.gpu}"] if request.gpu else []
    wanted += [f"allows the topology {request.topology.value}"] if request.topology else []
    loosened = request.model_copy(update={"gpu": None, "pool": None})
    found = _first(question, loosened, pools) if pools else None
    changes = (Change(change=f"gpu: {found[0]}", effect=found[1]),) if found else ()
    return Refusal(
        name=request.name,
        field="pool" if request.pool else "gpu",
        cause=f"no GPU pool {' and '.join(wanted) or 'is there'}; GPU pools: {have}",
        consequence="pods would stay pending",
        changes=changes or (Change(change="add a GPU pool", effect="gives the model a place to run"),),
    )


def _first(question: Question, request: ServingRequest, pools: tuple[GpuPool, ...]) -> tuple[str, str] | None:
    """GPU and summary of the best plan for a changed request; None when there is none either."""
    least = request.max_model_len or question.least_context
    changed = replace(
        question, request=request, least_context=least, wanted_context=request.max_model_len or question.wanted_context
    )
    found = search(changed, pools).fleets
    return (found[0].pool.gpu.name, f"fits on {summary(found[0])}") if found else None


def _changes(question: Question, pools: tuple[GpuPool, ...], closest: FailedOption) -> Iterator[Change]:
    for candidate in candidates(question, closest):
        for label, request in candidate.ways:
            found = _first(question, request, pools)
            if found is not None:
                yield Change(change=label, effect=found[1])
                break
