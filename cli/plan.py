"""`strata plan`: what would be deployed, the alternatives, or why nothing works."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from components.contracts.serving import Cost, PipelineLoad, Refusal, RolePlan, ServingPlan

from .console import out
from .questions import Answer, add_flags, answers
from .regional import add_region_flags, plan_service, show_service

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    about = "plan models: engine, precision, GPUs, replicas, memory, start-up and cost"
    parser = subparsers.add_parser("plan", help=about, description=about)
    add_flags(parser)
    add_region_flags(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the plans; 1 when a model is refused."""
    if arguments.region:
        return _run_service(arguments)
    found = answers(arguments)
    if arguments.json:
        print(json.dumps([json.loads(answer.result.model_dump_json()) for answer in found], indent=2))
    else:
        for answer in found:
            show(answer)
    return int(any(isinstance(answer.result, Refusal) for answer in found))


def _run_service(arguments: argparse.Namespace) -> int:
    service = plan_service(arguments)
    if isinstance(service, Refusal):
        show_refusal(service, arguments.model)
        return 1
    if arguments.json:
        plans = {region.region.name: json.loads(region.plan.model_dump_json()) for region in service.regions}
        print(json.dumps({"regions": plans, "assumptions": service.assumptions}, indent=2))
    else:
        show_service(service)
    return 0


def show(answer: Answer) -> None:
    """One answer as a table."""
    match answer.result:
        case ServingPlan() as plan:
            _show_plan(plan)
        case Refusal() as refusal:
            show_refusal(refusal, answer.request.model)


def show_refusal(refusal: Refusal, model: str) -> None:
    """Cause, consequence, and the changes that would work."""
    out.print(f"[bold red]✗ {escape(model)}[/]: {escape(refusal.field)}: {escape(refusal.cause)}")
    out.print(f"  otherwise: {escape(refusal.consequence)}")
    table = Table("Change", "Effect", box=None, padding=(0, 2))
    for change in refusal.changes:
        table.add_row(escape(change.change), escape(change.effect))
    out.print(table)


def _show_plan(plan: ServingPlan) -> None:
    first = plan.roles[-1]
    out.print(
        f"[bold green]✓ {escape(plan.model)}[/] on {plan.gpus} × {plan.gpu} "
        f"({escape(plan.instance_type)}, pool {escape(plan.pool)}), {plan.topology.value}"
    )
    roles = Table("Role", "Replicas", "Nodes", "TP", "PP", "DP", "EP", "Sequences", box=None, padding=(0, 2))
    for role in plan.roles:
        roles.add_row(
            role.role.value,
            str(role.replicas),
            str(role.nodes_per_replica),
            str(role.tensor_parallel),
            str(role.pipeline_parallel),
            str(role.data_parallel),
            "yes" if role.expert_parallel else "no",
            str(role.max_num_seqs),
        )
    out.print(roles)
    facts = Table(show_header=False, box=None, padding=(0, 2))
    memory, speed, storage = first.memory, plan.performance, plan.storage
    rows = {
        "engine": f"{plan.engine.value} {plan.engine_version}, {plan.precision.value} weights of {plan.checkpoint}",
        "context": f"{plan.max_model_len} tokens; {memory.concurrent_requests:.1f} such requests at once",
        "memory per GPU": f"{memory.weights.in_gib:.1f} GiB weights, {memory.kv_cache.in_gib:.1f} GiB KV cache, "
        f"{memory.margin.in_gib:.1f} GiB margin of {memory.usable.in_gib:.1f} GiB",
        "speed": f"{speed.output_tokens_per_second:,.0f} tokens/s, {speed.tpot * 1e3:.1f} ms per token, first token "
        f"{speed.ttft_low:.2f} to {speed.ttft_high:.2f} s",
        "storage": f"{storage.checkpoint.in_gib:.1f} GiB on {storage.volume.in_gib:.0f} GiB, loads in {storage.load}, "
        f"ready {storage.start} after a cold start, start-up budget {storage.startup_budget}",
        "cost": _cost(plan.cost),
    }
    if plan.speculation:
        rows["speculation"] = str(plan.speculation)
    if first.pipeline:
        rows["pipeline"] = _pipeline(first, first.pipeline)
    for name, value in rows.items():
        facts.add_row(name, escape(value))
    out.print(facts)
    if plan.alternatives:
        others = Table("Other ways", "Cost", "Why not", box=None, padding=(0, 2))
        for other in plan.alternatives:
            others.add_row(escape(other.summary), _cost(other.cost), escape(other.why_not))
        out.print(others)
    out.print()


def _pipeline(role: RolePlan, full: PipelineLoad) -> str:
    fewer = "; fewer requests run than there are stages" if full.micro_batches < role.pipeline_parallel else ""
    return f"{full.micro_batches:.1f} micro-batches in {role.pipeline_parallel} stages, bubble {full.bubble:.0%}{fewer}"


def _cost(cost: Cost) -> str:
    if cost.per_hour is None:
        return "price unknown"
    per_million = cost.per_million_output_tokens
    tokens = "" if per_million is None else f", ${per_million:.2f} per million output tokens"
    return f"${cost.per_hour:.2f} per hour{tokens}"
