"""What the subscription tells: quotas by family, sizes by zone, versions on offer."""

from __future__ import annotations

from collections.abc import Mapping

from components.clusters.aks.account import sizes_not_offered, too_small_quotas, version_not_offered
from components.clusters.aks.arm import OfferedVersion, Size, Usage
from components.clusters.aks.settings import AksTarget, Support
from components.contracts.capacity import Reservation, Spot
from components.contracts.pools import NodePool, PoolRange

from .pools import ZONES, azure_id, cpu_pool, gpu_pool, target

H100, D8, D4 = "Standard_ND96isr_H100_v5", "Standard_D8ds_v6", "Standard_D4ds_v6"
FAMILIES = {H100: "standardNDSH100v5Family", D8: "standardDdsv6Family", D4: "standardDdsv6Family"}


def size(name: str, zones: tuple[str, ...] = ("1", "2", "3"), barred: tuple[str, ...] = ()) -> Size:
    return Size.model_validate(
        {
            "resourceType": "virtualMachines",
            "name": name,
            "family": FAMILIES[name],
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
    return [str(problem) for problem in too_small_quotas(target(), pools, SIZES, usages(**limits))]


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


def test_the_zones_of_the_tests_are_zones() -> None:
    assert ZONES == ("eastus2-1", "eastus2-2")
