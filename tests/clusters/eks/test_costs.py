from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from components.clusters.eks import prices
from components.clusters.eks.costs import eks_costs
from components.clusters.eks.settings import EksTarget, LustreStorage, Support
from components.contracts.capacity import Capacity, CapacityBlock, Reservation, Spot
from components.contracts.costs import CostLine, known_total
from components.contracts.pools import NodePool, PoolRange
from components.networks.aws.settings import AdoptedVpc, CreatedVpc, TransitAttachment
from components.networks.nat import NatGateways
from components.planner.catalogs.instances import Price

from .pools import ZONES, gpu_pool, system_pool, target

TODAY = date(2026, 11, 20)
PRICED = "us-east-1"
VPC = CreatedVpc(kind="create", cidr="10.20.0.0/16", zones=("us-east-1a", "us-east-1b", "us-east-1c"))
BLOCK = CapacityBlock(kind="capacity-block", id="cr-0123456789abcdef0", ends=datetime(2026, 12, 1, tzinfo=UTC))


def lines(cluster: EksTarget | None = None, *pools: NodePool, today: date = TODAY) -> dict[str, CostLine]:
    """The lines by the first words of their item, in the region that prices were read for."""
    cluster = cluster or target()
    home = cluster.model_copy(update={"region": PRICED})
    found = eks_costs(home, pools, today)
    assert len({line.item for line in found}) == len(found)
    return {line.item.partition(":")[0] if "×" not in line.item else line.item: line for line in found}


def cluster(**changes: object) -> EksTarget:
    return target().model_copy(update=changes)


def bought(capacity: Capacity) -> CostLine:
    pool = gpu_pool().model_copy(update={"capacity": capacity})
    return lines(None, pool)["h100: 2 × p5.48xlarge"]


def test_machines_cost_their_list_price() -> None:
    line = lines(None, gpu_pool())["h100: 2 × p5.48xlarge"]
    assert line.usd_per_hour == pytest.approx(2 * 55.04)
    assert (line.region, line.date, line.note) == ("us-east-1", "2026-07-20", "")


def test_the_price_of_another_region_says_so() -> None:
    found = eks_costs(target(), [gpu_pool()], TODAY)
    priced = [line for line in found if line.usd_per_hour is not None]
    assert priced
    for line in priced:
        assert line.region == PRICED
        assert "us-east-2 may differ" in line.note


def test_a_machine_without_a_published_price_is_unknown_and_not_free() -> None:
    line = lines(None, gpu_pool("p5e.48xlarge"))["h100: 2 × p5e.48xlarge"]
    assert (line.usd_per_hour, line.date) == (None, "")
    assert "no list price" in line.note


def test_spot_machines_have_no_price_to_rely_on() -> None:
    line = bought(Spot(kind="spot"))
    assert line.usd_per_hour is None
    assert "$110.08 on demand" in line.note


def test_a_reservation_costs_the_same_whether_it_is_used_or_not() -> None:
    line = bought(Reservation(kind="reservation", id="cr-0123456789abcdef0"))
    assert line.usd_per_hour == pytest.approx(110.08)
    assert "used or not" in line.note


def test_a_capacity_block_was_paid_for_in_advance() -> None:
    line = bought(BLOCK)
    assert line.usd_per_hour is None
    assert "in advance" in line.note


def test_an_autoscaled_pool_says_between_which_numbers_its_price_lies() -> None:
    pool = gpu_pool("g6e.xlarge").model_copy(update={"autoscaled": PoolRange(minimum=1, maximum=8)})
    line = lines(None, pool)["h100: 2 × g6e.xlarge"]
    assert line.usd_per_hour == pytest.approx(2 * 1.861)
    assert "1 to 8 nodes" in line.note


def test_each_node_has_a_root_volume() -> None:
    found = lines(None, system_pool(), gpu_pool())
    assert found["h100"].usd_per_hour == pytest.approx(2 * 500 * 0.08 / 730)
    assert found["system"].usd_per_hour == pytest.approx(2 * 100 * 0.08 / 730)


@pytest.mark.parametrize(
    ("version", "today", "usd", "said"),
    [
        ("1.35", TODAY, 0.10, "$0.60 from 2027-03-27 on"),
        ("1.33", TODAY, 0.60, "extended support since 2026-07-29"),
        ("1.34", date(2026, 12, 1), 0.10, "2026-12-02"),
        ("1.34", date(2026, 12, 2), 0.60, "2026-12-02"),
        ("1.36", TODAY, 0.10, ""),
    ],
)
def test_the_control_plane_costs_six_times_as_much_in_extended_support(
    version: str, today: date, usd: float, said: str
) -> None:
    old = cluster(kubernetes_version=version, support=Support.EXTENDED)
    line = lines(old, today=today)[f"control plane of Kubernetes {version}"]
    assert line.usd_per_hour == pytest.approx(usd)
    assert said in line.note


def test_without_extended_support_no_dearer_days_are_announced() -> None:
    assert lines()["control plane of Kubernetes 1.35"].note == "", "EKS upgrades the cluster instead"


def test_a_version_that_is_not_offered_has_no_price() -> None:
    line = lines(cluster(kubernetes_version="1.20"))["control plane of Kubernetes 1.20"]
    assert line.usd_per_hour is None


@pytest.mark.parametrize(("nat", "gateways"), [(NatGateways.PER_ZONE, 3), (NatGateways.SINGLE, 1)])
def test_nat_gateways_and_their_addresses(nat: NatGateways, gateways: int) -> None:
    found = lines(cluster(network=VPC.model_copy(update={"nat": nat})))
    assert found["NAT gateways"].usd_per_hour == pytest.approx(gateways * 0.045)
    assert found["public addresses of NAT gateways"].usd_per_hour == pytest.approx(gateways * 0.005)
    assert not any("endpoints" in item for item in found)


def test_without_nat_each_service_has_an_endpoint_in_each_zone() -> None:
    found = lines(cluster(network=VPC.model_copy(update={"nat": NatGateways.NONE})))
    assert found["interface endpoints: 10 services × 3 zones"].usd_per_hour == pytest.approx(0.30)
    assert not any("NAT" in item for item in found)


def test_a_transit_gateway_is_paid_for_by_its_attachment() -> None:
    transit = TransitAttachment(gateway="tgw-0123456789abcdef0", routes=("10.250.0.0/16",))
    found = lines(cluster(network=VPC.model_copy(update={"transit": transit})))
    assert found["transit gateway attachment"].usd_per_hour == pytest.approx(0.05)
    assert "transit gateway attachment" not in lines()


def test_what_was_there_before_is_not_counted() -> None:
    vpc = AdoptedVpc(
        kind="adopt",
        id="vpc-0123456789abcdef0",
        cidr="10.20.0.0/16",
        private_subnets={zone: f"subnet-0123456789abcdef{place}" for place, zone in enumerate(ZONES)},
    )
    found = lines(cluster(network=vpc, adopt_cluster=True), system_pool())
    assert set(found) == {"system: 2 × m7i.2xlarge", "system", "shared files on EFS"}


def test_efs_costs_what_is_stored() -> None:
    line = lines()["shared files on EFS"]
    assert line.usd_per_hour is None
    assert "$0.30 for each GiB and month" in line.note


def lustre(throughput: int) -> CostLine:
    storage = LustreStorage.model_validate(
        {"kind": "lustre", "zone": "us-east-1a", "capacity": "4800Gi", "throughput": f"{throughput}MB/s/TiB"}
    )
    return lines(cluster(shared_storage=storage))["shared files on FSx for Lustre"]


def test_lustre_costs_its_size_by_throughput() -> None:
    assert lustre(125).usd_per_hour == pytest.approx(4800 * 0.145 / 730)
    assert lustre(1000).usd_per_hour is None, "no source states that price; it must not look free"
    assert "no list price" in lustre(1000).note


def test_the_total_is_that_of_the_known_prices() -> None:
    found = lines(None, gpu_pool()).values()
    known = 2 * 55.04 + 2 * 500 * 0.08 / 730 + 0.10 + 2 * (0.045 + 0.005)
    assert known_total(found) == pytest.approx(known)


def test_every_price_says_where_and_when_it_was_read() -> None:
    listed = [*vars(prices).values(), *prices.LUSTRE_GIB.values()]
    found = [price for price in listed if isinstance(price, Price)]
    assert len(found) > 8
    for price in found:
        assert price.usd_per_hour > 0
        assert price.region == PRICED
        assert date.fromisoformat(price.date) <= TODAY
        assert price.source
