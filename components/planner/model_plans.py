"""Plans for several models that share the node pools of one cluster.

Pure: no Pulumi, no files, no network. The checks of a stack, its preview and the component
``ServedModels`` all plan here, so that none of them accepts what another refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..contracts.arguments import checked
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import Problem, duplicate_names, raise_problems
from ..contracts.served_models import ServedModel
from ..contracts.serving import Refusal, ServingPlan
from .deployable import MODEL_SERVERS
from .placement import stranded_servers
from .planning import plan
from .scaling import missing_autoscalers, scaling_problems


@checked
def plan_models(models: Sequence[ServedModel], facts: ClusterFacts) -> dict[str, ServingPlan]:
    """The plan of each model by its name; models are planned in order, each on the GPUs that earlier ones left.

    Args:
        models: The models to serve; problems name them as ``models[0]``, ``models[1]`` and so on.
        facts: The cluster that serves them.

    Raises:
        StrataError: Two models share a name, an autoscaler is missing on the cluster, a model cannot be
            served, or only by an engine or in a topology that is not deployable, its weights are published in another
            repository, or smaller servers can leave it without a node; all problems at once.
    """
    raise_problems(duplicate_names("models", [model.name for model in models]))
    plans: dict[str, ServingPlan] = {}
    problems = list(missing_autoscalers(models, facts))
    for index, model in enumerate(models):
        answer = plan(model.as_request(), facts, used_gpus=used_gpus(plans), deployable=MODEL_SERVERS)
        match answer:
            case ServingPlan() if answer.checkpoint != model.model:
                problems.append(_other_checkpoint(f"models[{index}]", answer))
            case ServingPlan():
                plans[model.name] = answer
            case Refusal():
                problems.append(answer.problem(f"models[{index}]"))
    problems += scaling_problems(models, plans, facts)
    problems += stranded_servers(models, plans, facts)
    raise_problems(problems)
    return plans


def used_gpus(plans: Mapping[str, ServingPlan]) -> dict[str, int]:
    """GPUs that the plans take, by pool."""
    used: dict[str, int] = {}
    for serving_plan in plans.values():
        used[serving_plan.pool] = used.get(serving_plan.pool, 0) + serving_plan.gpus
    return used


def _other_checkpoint(path: str, answer: ServingPlan) -> Problem:
    return Problem(
        field=f"{path}.model",
        cause=f"{answer.model} in {answer.precision.value} is published as {answer.checkpoint}",
        consequence="the revision given belongs to another repository, and the download would fail",
        fix=f"write model: {answer.checkpoint} with a revision of it",
    )
