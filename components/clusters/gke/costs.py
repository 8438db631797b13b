"""What a GKE environment costs by the hour while nobody uses it.

Owns which things are paid for and how many of each there are. Adopted networks and control planes are
not part of it: they cost the same without Strata. Bytes, requests, logs and load balancers depend on
use and are left out, as are discounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.capacity import CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from ...contracts.costs import CostLine
from ...contracts.pools import NodePool
from ...networks.gcp.settings import CreatedVpc, Nat
from ...planner.catalogs.described import machine_of
from ...planner.catalogs.instances import Price
from ..cost_lines import EVERY_REGION, NO_PRICE, Bill, range_notes
from .settings import BucketStorage, FilestoreStorage, GkeTarget, HyperdiskMlStorage, LustreStorage, Support

_CONTROL_PLANE = Price(
    usd_per_hour=0.10,
    region=EVERY_REGION,
    date="2026-11-20",
    source="https://cloud.google.com/kubernetes-engine/pricing, cluster management fee",
)


def gke_costs(target: GkeTarget, pools: Sequence[NodePool]) -> tuple[CostLine, ...]:
    """Everything that is paid by the hour, the dearest things first as a rule: machines.

    Args:
        target: The cluster as users write it.
        pools: Its node pools.

    Raises:
        StrataError: when a pool's machine type is unknown.
    """
    bill = Bill(region=target.region)
    return (
        *(_pool(bill, pool) for pool in pools),
        *_control_plane(bill, target),
        *_network(bill, target),
        _shared_storage(bill, target),
    )


def _pool(bill: Bill, pool: NodePool) -> CostLine:
    item = f"{pool.name}: {pool.count} × {pool.instance_type}"
    price = machine_of(pool).price
    notes = range_notes(pool)
    match pool.capacity:
        case OnDemand():
            return bill.line(item, price, pool.count, *notes)
        case Reservation():
            return bill.line(item, price, pool.count, "paid for from its start on, used or not", *notes)
        case Spot():
            ceiling = f"${price.usd_per_hour * pool.count:.2f} on demand" if price else "an unknown price on demand"
            return bill.unknown(item, f"the price of spot machines changes from month to month; {ceiling}", *notes)
        case FlexStart() | Queued():
            return bill.unknown(item, "nothing until there is work, then by the machine", *notes)
        case CapacityBlock():
            return bill.unknown(item, "not sold by Google Cloud")


def _control_plane(bill: Bill, target: GkeTarget) -> Iterator[CostLine]:
    if target.adopt_cluster:
        return
    extended = target.support is Support.EXTENDED
    later = "six times as much once its version is in extended support" if extended else ""
    yield bill.line(f"control plane of Kubernetes {target.kubernetes_version}", _CONTROL_PLANE, 1, later)


def _network(bill: Bill, target: GkeTarget) -> Iterator[CostLine]:
    if isinstance(target.network, CreatedVpc) and target.network.nat is Nat.CLOUD:
        yield bill.unknown("Cloud NAT", NO_PRICE, "by the node, up to 32 of them; bytes are extra")


def _shared_storage(bill: Bill, target: GkeTarget) -> CostLine:
    match target.shared_storage:
        case FilestoreStorage(tier=tier, capacity_gib=size):
            return bill.unknown(f"shared files on Filestore {tier.value}: {size} GiB", NO_PRICE)
        case LustreStorage(capacity_gib=size, throughput=throughput):
            item = f"shared files on Managed Lustre: {size} GiB at {throughput} MB/s for each TiB"
            return bill.unknown(item, NO_PRICE)
        case BucketStorage():
            return bill.unknown("shared files in a bucket", "by what is stored; requests are extra")
        case HyperdiskMlStorage(capacity_gib=size):
            return bill.unknown(f"shared files on Hyperdisk ML: {size} GiB", NO_PRICE)
