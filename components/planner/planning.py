"""The planner's entry point."""

from __future__ import annotations

from collections.abc import Mapping

from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import StrataError
from ..contracts.serving import Change, Refusal, ServingPlan, ServingRequest
from . import rules
from .catalogs.models import ModelSpec
from .catalogs.other_accelerators import device_called
from .choice.answer import serving_plan
from .choice.pools import gpu_pools
from .choice.question import Question, pose
from .choice.refusing import not_deployable, refusal
from .choice.search import search
from .choice.speculating import refused_speculation
from .deployable import EVERYTHING, Deployable


def plan(
    request: ServingRequest,
    facts: ClusterFacts,
    *,
    used_gpus: Mapping[str, int] | None = None,
    model: ModelSpec | None = None,
    deployable: Deployable = EVERYTHING,
) -> ServingPlan | Refusal:
    """Choose everything that the request leaves open, or refuse with the nearest changes that would work.

    Args:
        request: What the user knows and fixes; all of it is respected and checked.
        facts: Pools and storage of the cluster.
        used_gpus: GPUs per pool that other models of the stack hold; plans never exceed a pool.
        model: Shape of the model, when it is neither in the catalog nor given by ``config_json``.
        deployable: Engines and topologies that the plan may use.
    """
    try:
        question = pose(request, model, deployable)
    except StrataError as error:
        return _unknown(request, error)
    early = _impossible(question)
    if early is not None:
        return early
    pools = gpu_pools(facts, used_gpus or {})
    early = not_deployable(question, pools)
    if early is not None:
        return early
    findings = search(question, pools)
    if not findings.fleets:
        return refusal(question, pools, findings)
    return serving_plan(question, findings.fleets[0], findings.fleets[1:], facts)


def _unknown(request: ServingRequest, error: StrataError) -> Refusal:
    problem = error.problems[0]
    if problem.field.startswith("speculation"):
        changes = (Change(change=problem.fix, effect="lets the planner size what drafts"),)
    else:
        changes = (
            Change(change=problem.fix, effect="is in the catalog"),
            Change(change="config_json: path of the model's config.json", effect="lets the planner size any model"),
        )
    return Refusal(
        name=request.name,
        field=problem.field,
        cause=problem.cause,
        consequence=problem.consequence,
        changes=changes,
    )


def _refused(question: Question, broken: rules.Violation, change: Change) -> Refusal:
    return Refusal(
        name=question.request.name,
        field=broken.field,
        cause=broken.cause,
        consequence=broken.consequence,
        changes=(change,),
    )


def _impossible(question: Question) -> Refusal | None:
    """Refusals that no hardware of the catalogs changes: other makers', the engine, or a context beyond the model's."""
    request, spec = question.request, question.spec
    other = device_called(request.gpu or "")
    if other:
        return Refusal(
            name=request.name,
            field="gpu",
            cause=f"{request.gpu} names {other}",
            consequence="nothing could be planned or served on it: only NVIDIA GPUs are in the catalogs",
            changes=(Change(change="leave gpu open", effect="the planner takes a pool of NVIDIA GPUs"),),
        )
    broken = rules.engine(spec, question.engine)
    if broken is not None:
        return _refused(
            question, broken, Change(change="leave engine open", effect="the planner takes one that runs the model")
        )
    broken = refused_speculation(question, spec)
    if broken is not None:
        return _refused(
            question,
            broken,
            Change(change="leave speculation out", effect="every token is computed in a step of its own"),
        )
    wanted = question.least_context
    if wanted <= spec.context:
        return None
    return Refusal(
        name=request.name,
        field="max_model_len" if request.max_model_len else "traffic.input_tokens",
        cause=f"{wanted} tokens exceed the {spec.context} that {spec.id} was made for",
        consequence="the engine refuses to start, or answers beyond its positions are noise",
        changes=(Change(change=f"max_model_len ≤ {spec.context}", effect="is what the model was made for"),),
    )
