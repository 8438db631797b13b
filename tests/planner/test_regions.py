"""One service over regions: what users do becomes traffic, and the plan says what it costs and rests on."""

from __future__ import annotations

import pytest

from components.contracts.errors import StrataError
from components.contracts.serving import Refusal, ServingRequest
from components.contracts.traffic import Traffic, Users
from components.planner.regions import Region, ServicePlan, plan_regions

from .clusters import cluster, plan_for, planned

LARGE = cluster(h100=("p5.48xlarge", 5000))
MILLIONS = Users(per_week=200_000_000)


def service(
    shares: dict[str, float], users: Users = MILLIONS, *, outlives_a_region: bool = False, nodes: int = 5000
) -> ServicePlan | Refusal:
    request = ServingRequest(
        name="chat",
        model="openai/gpt-oss-120b",
        traffic=Traffic(users=users, input_tokens=1500, output_tokens=400),
    )
    facts = cluster(h100=("p5.48xlarge", nodes))
    regions = [Region(name=name, share=share, facts=facts) for name, share in shares.items()]
    return plan_regions(request, regions, outlives_a_region=outlives_a_region)


def planned_service(
    shares: dict[str, float], users: Users = MILLIONS, *, outlives_a_region: bool = False
) -> ServicePlan:
    found = service(shares, users, outlives_a_region=outlives_a_region)
    assert isinstance(found, ServicePlan), str(found)
    return found


def test_users_and_their_habits_become_the_requests_of_the_busiest_hour() -> None:
    users = Users(per_week=604_800, requests=10, busiest=3, share=0.5)
    assert users.requests_per_second == pytest.approx(15)
    assert users.assumed == ()


def test_traffic_is_given_once() -> None:
    with pytest.raises(StrataError, match="either requests_per_second or users"):
        Traffic(input_tokens=1, output_tokens=1)
    with pytest.raises(StrataError, match="either requests_per_second or users"):
        Traffic(requests_per_second=1, users=MILLIONS, input_tokens=1, output_tokens=1)


def test_a_plan_for_users_says_how_they_became_a_rate_and_what_is_assumed() -> None:
    users = {"per_week": 1_000_000, "busiest": 3.0}
    traffic = {"users": users, "input_tokens": 1000, "output_tokens": 200}
    plan = planned(plan_for("openai/gpt-oss-120b", LARGE, traffic=traffic))
    reason = next(reason for reason in plan.reasons if reason.subject == "traffic")
    assert "1,000,000 users a week × 26 requests" in reason.because
    assert reason.because.endswith("assumed: requests")
    assert plan.performance.requests_per_second == pytest.approx(1e6 * 26 * 3 / 604_800)


def test_two_hundred_million_users_are_shared_out_between_regions() -> None:
    found = planned_service({"americas": 0.35, "europe": 0.3, "asia": 0.35})
    assert sum(region.requests_per_second for region in found.regions) == pytest.approx(MILLIONS.requests_per_second)
    assert 1000 < found.gpus < 10_000
    assert found.cost_per_hour == pytest.approx(sum(region.plan.cost.per_hour or 0 for region in found.regions))
    assert found.cost_per_month == pytest.approx((found.cost_per_hour or 0) * 730)
    assert found.cost_per_user == pytest.approx((found.cost_per_month or 0) / 200e6)
    said = " ".join(found.assumptions)
    for assumed in ("26 requests", "NBER", "busiest hour", "none cached", "none is lost", "docs/accuracy.md"):
        assert assumed in said


def test_habits_that_are_given_are_no_assumptions() -> None:
    found = planned_service({"here": 1.0}, Users(per_week=10**6, requests=5, busiest=1.5))
    assert "assumed" not in " ".join(found.assumptions)


def test_the_others_carry_a_lost_region() -> None:
    shares = {"americas": 0.5, "europe": 0.25, "asia": 0.25}
    alone, safe = (planned_service(shares, outlives_a_region=outlives) for outlives in (False, True))
    carried = {region.region.name: region.carries for region in safe.regions}
    assert carried == pytest.approx({"americas": 2 / 3, "europe": 0.5, "asia": 0.5})
    assert sum(sorted(carried.values())[:2]) >= 1, "without the largest all users are served"
    assert safe.gpus > 1.5 * alone.gpus


def test_a_region_without_room_is_named() -> None:
    found = service({"americas": 0.5, "europe": 0.5}, nodes=2)
    assert isinstance(found, Refusal)
    assert found.cause.startswith("region americas: ")


@pytest.mark.parametrize("shares", [{"one": 0.5}, {"one": 1.5, "two": -0.5}])
def test_shares_add_up(shares: dict[str, float]) -> None:
    with pytest.raises(StrataError, match="add up"):
        service(shares)


def test_one_region_cannot_outlive_itself() -> None:
    with pytest.raises(StrataError, match="second region"):
        service({"here": 1.0}, outlives_a_region=True)
