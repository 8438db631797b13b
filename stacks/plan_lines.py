"""A plan in a few lines, for previews and for people."""

from __future__ import annotations

from components.contracts.serving import RolePlan, ServingPlan


def plan_lines(plan: ServingPlan) -> list[str]:
    """What is deployed, what fits it, how it starts, and what it costs."""
    storage, expected = plan.storage, plan.performance
    starts = f"loads {storage.checkpoint.in_gib:.1f} GiB in {storage.load:.0f} s, starts cold in {storage.start:.0f} s"
    speed = f"{expected.output_tokens_per_second:,.0f} tokens/s at most, {expected.tpot * 1000:.0f} ms per token then"
    return [
        f"{plan.name}: {plan.model} in {plan.precision.value} on {plan.gpus} × {plan.gpu}, pool {plan.pool}",
        *(_role(plan, role) for role in plan.roles),
        *([f"  {plan.speculation}"] if plan.speculation else []),
        f"  {starts}, judged broken after {storage.startup_budget:.0f} s",
        f"  {speed}; {_cost(plan)}",
    ]


def _role(plan: ServingPlan, role: RolePlan) -> str:
    layout = f"TP{role.tensor_parallel}"
    layout += f" PP{role.pipeline_parallel}" if role.pipeline_parallel > 1 else ""
    layout += f" DP{role.data_parallel}" if role.data_parallel > 1 else ""
    layout += " EP" if role.expert_parallel else ""
    full = role.pipeline
    layout += f" with {full.micro_batches:.1f} micro-batches in flight, bubble {full.bubble:.0%}" if full else ""
    return (
        f"  {role.role.value}: {role.replicas} replicas of {layout}; {role.memory.kv_cache.in_gib:.1f} GiB of KV cache "
        f"per GPU hold {role.memory.concurrent_requests:.1f} requests of {plan.max_model_len} tokens"
    )


def _cost(plan: ServingPlan) -> str:
    if plan.cost.per_hour is None:
        return "price unknown"
    prices = f" (prices of {plan.cost.priced_on.partition(',')[0]})" if plan.cost.priced_on else ""
    return f"${plan.cost.per_hour:.2f} per hour{prices}"
