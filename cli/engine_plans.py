"""What stands in for an engine on a live node is told about the plans of a stack."""

from __future__ import annotations

from collections.abc import Mapping

from components.contracts.serving import ServingPlan
from simulation.live.images import EnginePlan


def engine_plans(plans: Mapping[str, ServingPlan]) -> dict[str, EnginePlan]:
    """Speed and cache of one replica of each model, by the name under which it is served.

    A model that keeps no cache, as encoders do, has none.
    """
    return {
        name: EnginePlan(
            time_to_first_token=plan.performance.ttft_low,
            time_per_token=plan.performance.tpot,
            kv_cache_tokens=min(role.memory.kv_tokens for role in plan.roles),
        )
        for name, plan in plans.items()
        if all(role.memory.kv_tokens for role in plan.roles) and plan.performance.tpot
    }
