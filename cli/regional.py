"""`strata plan --region`: one service over several regions, with its cost and what the figures rest on."""

from __future__ import annotations

import argparse

from rich.markup import escape
from rich.table import Table

from components.contracts.errors import StrataError
from components.contracts.serving import Refusal
from components.contracts.shown_text import excerpt
from components.planner.regions import Region, RegionPlan, ServicePlan, plan_regions

from .console import out
from .questions import asked

_NOTHING = "there is nothing to plan"


def add_region_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a service over regions."""
    parser.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="NAME=SHARE",
        help="a region and its part of the users, such as europe=0.3; each has the machines of --pool",
    )
    parser.add_argument(
        "--outlives-a-region", action="store_true", help="the other regions carry the users of a lost one"
    )


def plan_service(arguments: argparse.Namespace) -> ServicePlan | Refusal:
    """The service that the flags ask for; StrataError when they are wrong."""
    if arguments.stack or not arguments.model or not arguments.pool:
        raise StrataError.of(
            "--region", cause="is given without --model and --pool", consequence=_NOTHING, fix="give both, and no stack"
        )
    request, facts = asked(arguments)
    regions = [_region(text) for text in arguments.region]
    return plan_regions(
        request,
        [Region(name=name, share=share, facts=facts) for name, share in regions],
        outlives_a_region=arguments.outlives_a_region,
    )


def _region(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        return name, float(share)
    except ValueError:
        raise StrataError.of(
            "--region",
            cause=f"{excerpt(text)!r} is not NAME=SHARE",
            consequence=_NOTHING,
            fix="write it like europe=0.3",
        ) from None


def show_service(found: ServicePlan) -> None:
    """Regions, totals and assumptions."""
    first = found.regions[0].plan
    out.print(
        f"[bold green]✓ {escape(first.model)}[/] in {len(found.regions)} regions on {found.gpus:,} GPUs, "
        f"{sum(region.nodes for region in found.regions):,} nodes"
    )
    table = Table("Region", "Requests/s", "Replicas", "GPUs", "Nodes", "ms/token", "First token s", "$/hour", box=None)
    for region in found.regions:
        table.add_row(*_row(region))
    out.print(table)
    for line in (_costs(found), "rests on:", *(f"- {said}" for said in found.assumptions)):
        out.print(escape(line), soft_wrap=True)


def _row(region: RegionPlan) -> tuple[str, ...]:
    plan, speed = region.plan, region.plan.performance
    return (
        f"{region.region.name} {region.region.share:.0%}",
        f"{region.requests_per_second:,.0f}",
        f"{sum(role.replicas for role in plan.roles):,} × {plan.roles[-1].gpus_per_replica} {plan.gpu}",
        f"{plan.gpus:,}",
        f"{region.nodes:,}",
        f"{speed.tpot * 1e3:.1f}",
        f"{speed.ttft_low:.2f} to {speed.ttft_high:.2f}",
        "unknown" if plan.cost.per_hour is None else f"{plan.cost.per_hour:,.0f}",
    )


def _costs(found: ServicePlan) -> str:
    month, user, thousand = found.cost_per_month, found.cost_per_user, found.cost_per_thousand_requests
    if found.cost_per_hour is None or month is None or user is None or thousand is None:
        return "costs: the price of a machine is not known"
    return (
        f"costs: ${found.cost_per_hour:,.0f} an hour, ${month / 1e6:,.1f} million a month, ${user:.2f} a month for "
        f"each user, ${thousand:.2f} for a thousand requests ({found.regions[0].plan.cost.priced_on})"
    )
