"""A plan in a few lines, for previews and for people."""

from __future__ import annotations

from components.contracts.serving import ServingPlan


def plan_lines(plan: ServingPlan) -> list[str]:
    """What is deployed, what fits it, how it starts, and what it costs."""
    return [
        f"{plan.name}: {plan.model} in {plan.precision.value} on {plan.gpus} × {plan.gpu}, pool {plan.pool}",
        *(_role(plan, index) for index in range(len(plan.roles))),
        f"  loads {plan.storage.checkpoint.in_gib:.1f} GiB in {plan.storage.load:.0f} s, "
        f"judged broken after {plan.storage.startup_budget:.0f} s",
        f"  {plan.performance.output_tokens_per_second:,.0f} tokens/s, {plan.performance.tpot * 1000:.0f} ms per token; "
        f"{_cost(plan)}",
    ]


def _role(plan: ServingPlan, index: int) -> str:
    role = plan.roles[index]
    layout = f"TP{role.tensor_parallel}"
    layout += f" PP{role.pipeline_parallel}" if role.pipeline_parallel > 1 else ""
    layout += f" DP{role.data_parallel}" if role.data_parallel > 1 else ""
    layout += " EP" if role.expert_parallel else ""
    return (
        f"  {role.role.value}: {role.replicas} replicas of {layout}; {role.memory.kv_cache.in_gib:.1f} GiB of KV cache "
        f"per GPU hold {role.memory.concurrent_requests:.1f} requests of {plan.max_model_len} tokens"
    )


def _cost(plan: ServingPlan) -> str:
    if plan.cost.per_hour is None:
        return "price unknown"
    return f"${plan.cost.per_hour:.2f} per hour (prices of {(plan.cost.priced_on or 'unknown date').partition(',')[0]})"
