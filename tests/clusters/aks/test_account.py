"""What the subscription tells: quotas by family, sizes by zone, versions on offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pulumi
import pytest

from components.clusters.aks.account import sizes_not_offered, version_not_offered
from components.clusters.aks.arm import OfferedVersion, RunningPool, Size, Usage
from components.clusters.aks.quotas import quotas_without_answer, too_small_quotas, wanted_vcpus
from components.clusters.aks.rules import aks_problems
from components.clusters.aks.settings import AksTarget, Support
from components.contracts.capacity import Reservation, Spot
from components.contracts.pools import NodePool, PoolRange

from .pools import ZONES, azure_id, cpu_pool, gpu_pool, target

H100, D8, D4 = "Standard_ND96isr_H100_v5", "Standard_D8ds_v6", "Standard_D4ds_v6"
FAMILIES = {H100: "standardNDSH100v5Family", D8: "standardDdsv6Family", D4: "standardDdsv6Family"}

VCPUS = {H100: "96", D8: "8", D4: "4"}


def size(name: str, zones: tuple[str, ...] = ("1", "2", "3"), barred: tuple[str, ...] = ()) -> Size:
    return Size.model_validate(
        {
            "resourceType": "virtualMachines",
            "name": name,
            "family": FAMILIES[name],
            "capabilities": [{"name": "vCPUs", "value": VCPUS[name]}],
            "locationInfo": [{"location": "eastus2", "zones": zones}],
            "restrictions": [
                {"type": "Zone", "reasonCode": "NotAvailableForSubscription", "restrictionInfo": {"zones": barred}}
            ],
        }
    )


SIZES = {name: size(name) for name in FAMILIES}


def usages(**limits: int) -> dict[str, Usage]:
    free = {"standardNDSH100v5Family": 400, "standardDdsv6Family": 400, "cores": 1000, "lowPriorityCores": 400}
    return {
        name: Usage.model_validate({"name": {"value": name}, "currentValue": 10, "limit": limit + 10})
        for name, limit in {**free, **limits}.items()
    }


def short(*pools: NodePool, **limits: int) -> list[str]:
    return short_beside({}, *pools, **limits)


def short_beside(running: dict[str, RunningPool], *pools: NodePool, **limits: int) -> list[str]:
    wanted = wanted_vcpus(target(), pools, SIZES, running)
    return [str(problem) for problem in too_small_quotas(target(), wanted, usages(**limits))]


def running(name: str, size: str, count: int, **other: str) -> RunningPool:
    return RunningPool.model_validate({"name": name, "properties": {"vmSize": size, "count": count, **other}})


def test_a_subscription_with_enough_of_everything_is_let_through() -> None:
    assert short(cpu_pool(), gpu_pool()) == []


def test_the_quota_is_that_of_the_machines_family() -> None:
    (problem,) = short(cpu_pool(), gpu_pool(), standardNDSH100v5Family=100)
    assert "192 vCPUs" in problem
    assert "standardNDSH100v5Family" in problem
    assert "ask for 92 more" in problem


def test_a_family_that_the_subscription_never_asked_for_is_zero() -> None:
    assert "of which 0 are free" in short(gpu_pool(), standardNDSH100v5Family=0)[0]


def test_pools_of_one_family_and_akss_own_share_its_quota() -> None:
    (problem,) = short(cpu_pool(), cpu_pool(), standardDdsv6Family=40)
    assert "44 vCPUs" in problem, "twice two machines of 8, and three of AKS' own with 4"


def test_the_regions_own_quota_counts_all_families() -> None:
    (problem,) = short(cpu_pool(), gpu_pool(), cores=200)
    assert "(cores)" in problem


def test_spot_machines_count_against_spot_only() -> None:
    pool = gpu_pool().model_copy(update={"capacity": Spot(kind="spot")})
    assert short(pool, standardNDSH100v5Family=0) == []
    assert "lowPriorityCores" in short(pool, lowPriorityCores=96)[0]


def test_what_is_reserved_needs_no_quota_again() -> None:
    reserved = Reservation(kind="reservation", id=azure_id("Microsoft.Compute/capacityReservationGroups/h100"))
    assert short(gpu_pool().model_copy(update={"capacity": reserved}), standardNDSH100v5Family=0) == []


def test_a3_what_the_stack_runs_is_not_needed_again() -> None:
    up = {
        "system": running("system", D4, 3),
        "cpu": running("cpu", D8, 2),
        "h100": running("h100", H100, 2),
    }
    pools = (cpu_pool(), gpu_pool())
    assert short_beside(up, *pools, standardNDSH100v5Family=0, standardDdsv6Family=0, cores=0) == []
    (problem,) = short_beside({**up, "h100": running("h100", H100, 1)}, *pools, standardNDSH100v5Family=95)
    assert "need 96 vCPUs" in problem


def test_a3_what_a_pool_gives_up_is_there_too_late_for_another() -> None:
    up = {"system": running("system", D4, 3), "old": running("old", H100, 2)}
    (problem,) = short_beside(up, gpu_pool(), standardNDSH100v5Family=0)
    assert "need 192 vCPUs" in problem


def test_a3_machines_that_run_as_spot_or_reserved_free_no_quota_of_their_family() -> None:
    up = {"h100": running("h100", H100, 2, scaleSetPriority="Spot")}
    assert len(short_beside(up, gpu_pool(), standardNDSH100v5Family=0)) == 1
    group = azure_id("Microsoft.Compute/capacityReservationGroups/h100")
    up = {"h100": running("h100", H100, 2, capacityReservationGroupID=group)}
    assert len(short_beside(up, gpu_pool(), standardNDSH100v5Family=0)) == 1


@pytest.mark.parametrize(
    ("of_size", "of_usage"),
    [
        # Sizes: skypilot-org/skypilot, fetch_azure.py. Usages: az vm list-usage, as Batch's documentation quotes them.
        ("StandardNDASv4_A100Family", "Standard NDASv4_A100 Family"),
        ("StandardNCASv3_T4Family", "Standard NCASv3_T4 Family"),
        ("standardNCADSA100v4Family", "StandardNCADSA100v4Family"),
        ("standardNCadsA100v4Family", "StandardNCADSA100v4Family"),
    ],
)
def test_a3_names_of_quotas_differ_in_blanks_and_case(of_size: str, of_usage: str) -> None:
    usage = Usage.model_validate({"name": {"value": of_usage}, "currentValue": 0, "limit": 10})
    (problem,) = too_small_quotas(target(), {of_size: 96}, {of_usage: usage})
    assert f"({of_usage})" in problem.cause
    assert list(too_small_quotas(target(), {of_size: 8}, {of_usage: usage})) == []


def test_a3_a_quota_that_azure_does_not_list_is_not_known_and_refuses_nothing() -> None:
    wanted = {"standardNDISRGB300v6Family": 128}
    assert list(too_small_quotas(target(), wanted, usages())) == []
    assert quotas_without_answer(wanted, usages()) == ("standardNDISRGB300v6Family",)


def test_a3_a_size_without_a_family_is_not_known() -> None:
    """Recorded: azure-cli issue 5979 lists a size whose ``family`` and ``capabilities`` are null."""
    recorded = {"resourceType": "virtualMachines", "name": H100, "family": None, "capabilities": None}
    sizes = {**SIZES, H100: Size.model_validate({**recorded, "restrictions": [], "locationInfo": []})}
    assert "standardNDSH100v5Family" not in wanted_vcpus(target(), [gpu_pool()], sizes, {})


def test_a_pool_needs_the_quota_that_it_may_grow_to() -> None:
    pool = gpu_pool().model_copy(update={"autoscaled": PoolRange(minimum=1, maximum=5)})
    assert "480 vCPUs" in short(pool)[0]


def test_a_zone_without_the_machine_is_named_with_those_that_have_it() -> None:
    sizes = {**SIZES, H100: size(H100, barred=("1",))}
    (problem,) = sizes_not_offered(target(), [gpu_pool()], sizes)
    assert problem.field == "node_pools[0].zones[0]"
    assert problem.fix == "use eastus2-2 or eastus2-3"


def test_a_machine_that_is_there_but_in_no_zone_is_asked_for_without_one() -> None:
    (problem,) = sizes_not_offered(target(), [gpu_pool()], {**SIZES, H100: size(H100, zones=())})
    assert '["0"]' in problem.fix
    without_zone = gpu_pool().model_copy(update={"zones": ("0",)})
    assert list(sizes_not_offered(target(), [without_zone], {**SIZES, H100: size(H100, zones=())})) == []


def test_a_machine_that_the_region_lacks_is_refused_once() -> None:
    (problem,) = sizes_not_offered(target(), [gpu_pool()], {D4: SIZES[D4]})
    assert problem.field == "node_pools[0].instance_type"
    assert "SkuNotAvailable" in problem.consequence


def versions(**offered: Mapping[str, object]) -> dict[str, OfferedVersion]:
    named: dict[str, Mapping[str, object]] = {name.replace("_", "."): about for name, about in offered.items()}
    return {
        version: OfferedVersion.model_validate({"version": version, **named.get(version, {})})
        for version in ("1.35", *named)
    }


def cluster(version: str, support: Support = Support.STANDARD) -> AksTarget:
    return target().model_copy(update={"kubernetes_version": version, "support": support})


def test_a_version_that_the_region_has_not_got_yet_is_refused() -> None:
    (problem,) = version_not_offered(cluster("1.36"), versions(**{"1_36": {"isPreview": True}}))
    assert "a preview of it" in problem.cause
    assert problem.fix == "use 1.35"
    assert list(version_not_offered(cluster("1.35"), versions())) == []


def test_an_old_version_is_offered_with_long_term_support_only() -> None:
    offered = versions(**{"1_32": {"capabilities": {"supportPlan": ["AKSLongTermSupport"]}}})
    (problem,) = version_not_offered(cluster("1.32"), offered)
    assert problem.field == "target.support"
    assert list(version_not_offered(cluster("1.32", Support.EXTENDED), offered)) == []


def test_b21_a_version_newer_than_ours_is_left_to_azure_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warnings.append)
    newer = cluster("1.39")
    assert [
        found.field for found in aks_problems(newer, [cpu_pool()], datetime.now(UTC)) if "version" in found.field
    ] == []
    assert list(version_not_offered(newer, versions(**{"1_39": dict[str, object]()}))) == []
    (warning,) = warnings
    assert "2026-11-20" in warning
    (problem,) = version_not_offered(newer, versions())
    assert problem.cause == "AKS offers no 1.39 in eastus2"
    assert [
        found for found in aks_problems(cluster("1.53"), [cpu_pool()], datetime.now(UTC)) if "version" in found.field
    ]


def test_the_zones_of_the_tests_are_zones() -> None:
    assert ZONES == ("eastus2-1", "eastus2-2")
