"""One service over several regions: a plan for each, and what all of them cost together.

Users are shared out between the regions, each of which plans its part on its own cluster. Regions do not share GPUs,
and what one of them loses another serves only where that was planned for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..contracts.cluster_facts import ClusterFacts
from ..contracts.errors import StrataError
from ..contracts.serving import Refusal, ServingPlan, ServingRequest
from ..contracts.traffic import Traffic, Users
from .planning import plan

_HOURS_OF_A_MONTH = 730.0
_WEEKS_OF_A_MONTH = _HOURS_OF_A_MONTH / 168
_NEAR = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """A part of the users and the cluster that serves them."""

    name: str
    share: float
    """Part of all requests; those of all regions add up to 1."""
    facts: ClusterFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionPlan:
    """What one region needs."""

    region: Region
    carries: float
    """Part of all requests that it is sized for; more than its share where another region may be lost."""
    plan: ServingPlan

    @property
    def requests_per_second(self) -> float:
        """Of the busiest hour."""
        return self.plan.performance.requests_per_second

    @property
    def nodes(self) -> int:
        """Nodes of all replicas, filled up."""
        pool = next(pool for pool in self.region.facts.pools if pool.name == self.plan.pool)
        return math.ceil(self.plan.gpus / pool.gpus_per_node)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServicePlan:
    """The whole service."""

    users: Users
    regions: tuple[RegionPlan, ...]
    assumptions: tuple[str, ...]
    """What the figures rest on and nobody measured."""

    @property
    def gpus(self) -> int:
        """Of all regions."""
        return sum(region.plan.gpus for region in self.regions)

    @property
    def cost_per_hour(self) -> float | None:
        """US dollars, all regions; None where a price is not known."""
        hourly = [region.plan.cost.per_hour for region in self.regions]
        return None if None in hourly else sum(cost for cost in hourly if cost is not None)

    @property
    def cost_per_month(self) -> float | None:
        """US dollars in 730 hours."""
        return None if self.cost_per_hour is None else self.cost_per_hour * _HOURS_OF_A_MONTH

    @property
    def cost_per_user(self) -> float | None:
        """US dollars in a month for each of the people who come in a week."""
        return None if self.cost_per_month is None else self.cost_per_month / self.users.per_week

    @property
    def cost_per_thousand_requests(self) -> float | None:
        """US dollars, over the requests of whole weeks: those of the busiest hour pay for the idle ones."""
        monthly = self.users.per_week * self.users.requests * _WEEKS_OF_A_MONTH
        return None if self.cost_per_month is None else self.cost_per_month / monthly * 1000


def plan_regions(
    request: ServingRequest, regions: Sequence[Region], *, outlives_a_region: bool = False
) -> ServicePlan | Refusal:
    """Plan ``request``, whose traffic is given as users, in every region.

    Args:
        request: One model; its users are those of the whole service.
        regions: Where they are served.
        outlives_a_region: Whether the other regions have to carry the users of any one that is lost.

    Raises:
        StrataError: The traffic is not given as users, or the shares do not add up.
    """
    traffic = request.traffic
    users = traffic.users if traffic else None
    if traffic is None or users is None:
        raise StrataError.of(
            "traffic.users",
            cause="is left out",
            consequence="there is nothing to share out between regions",
            fix="give users a week, such as 200000000",
        )
    _check(regions, outlives_a_region=outlives_a_region)
    found: list[RegionPlan] = []
    for region in regions:
        carries = _carried(region, regions) if outlives_a_region else region.share
        part = traffic.model_copy(update={"users": users.model_copy(update={"share": users.share * carries})})
        answer = plan(request.model_copy(update={"traffic": part}), region.facts)
        if isinstance(answer, Refusal):
            return answer.model_copy(update={"cause": f"region {region.name}: {answer.cause}"})
        found.append(RegionPlan(region=region, carries=carries, plan=answer))
    return ServicePlan(
        users=users,
        regions=tuple(found),
        assumptions=_assumptions(traffic, users, len(regions), outlives_a_region=outlives_a_region),
    )


def _check(regions: Sequence[Region], *, outlives_a_region: bool) -> None:
    total = sum(region.share for region in regions)
    if abs(total - 1) > _NEAR or any(region.share <= 0 for region in regions):
        raise StrataError.of(
            "regions",
            cause=f"their shares add up to {total:g}",
            consequence="users would be served nowhere or twice",
            fix="give shares above 0 that add up to 1",
        )
    if outlives_a_region and len(regions) == 1:
        raise StrataError.of(
            "regions",
            cause="there is one",
            consequence="nothing is left when it is lost",
            fix="name a second region",
        )


def _carried(region: Region, regions: Sequence[Region]) -> float:
    """Share of a region when the users of the worst other one come to those that are left, by their shares."""
    return max(region.share / (1 - other.share) for other in regions if other is not region)


def _assumptions(traffic: Traffic, users: Users, regions: int, *, outlives_a_region: bool) -> tuple[str, ...]:
    said = [str(users.model_copy(update={"share": 1.0}))]
    if "requests" in users.assumed:
        said.append(
            "requests of a user are those of ChatGPT's in July 2025, 18 billion of 700 million users in a week "
            "(Chatterji and others, How People Use ChatGPT, NBER working paper 34255, September 2025)"
        )
    if "busiest" in users.assumed:
        said.append("the busiest hour has twice the requests of the mean hour; measure it, as all GPUs follow from it")
    said.append(
        f"prompts have {traffic.input_tokens:,} tokens and answers {traffic.output_tokens:,} in the mean, none cached"
    )
    if regions > 1:
        said.append("every region is sized for a busiest hour of its own; at other hours its GPUs idle for the others")
    lost = "the largest other one may be lost" if outlives_a_region else "none is lost; its users would be turned away"
    said.append(f"of {regions} regions {lost}")
    said.append("latency and throughput are predictions with the errors of docs/accuracy.md; prices are list prices")
    return tuple(said)
