"""Plans of models together with what users add to them: all that can be refused before anything is declared."""

from __future__ import annotations

from collections.abc import Sequence

from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import raise_problems
from ..contracts.served_models import ServedModel
from ..contracts.serving import ServingPlan
from ..planner.model_plans import plan_models
from .customize_fit import planned_model_problems
from .customize_rules import served_model_problems


def plan_served_models(models: Sequence[ServedModel], facts: ClusterFacts) -> dict[str, ServingPlan]:
    """The plan of each model by its name, as ``plan_models`` answers it.

    Raises:
        StrataError: A model cannot be served, or its ``customize`` takes what is Strata's.
    """
    raise_problems(served_model_problems(models))
    plans = plan_models(models, facts)
    raise_problems(planned_model_problems(models, plans, facts))
    return plans
