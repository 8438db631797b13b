"""What a GKE environment costs by the hour while nobody uses it.

Owns which things are paid for and how often they stand there. Adopted networks and control planes are
not part of it: they cost the same without Strata. Bytes, requests, logs and load balancers depend on
use and are left out, as are discounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.capacity import CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from ...contracts.costs import CostLine
from ...contracts.pools import NodePool
from ...networks.gcp.settings import CreatedVpc, Nat
from ...planner.catalogs.instances import Price, instance
from .settings import BucketStorage, FilestoreStorage, GkeTarget, HyperdiskMlStorage, LustreStorage, ReleaseChannel

_NO_PRICE = "no list price is known"
_CONTROL_PLANE = Price(
    usd_per_hour=0.10,
    region="every region",
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
    return (
        *(_pool(target, pool) for pool in pools),
        *_control_plane(target),
        *_network(target),
        _shared_storage(target),
    )


def _pool(target: GkeTarget, pool: NodePool) -> CostLine:
    item = f"{pool.name}: {pool.count} × {pool.instance_type}"
    price = instance(pool.instance_type).price
    notes = _range_notes(pool)
    match pool.capacity:
        case OnDemand():
            return _line(target, item, price, pool.count, *notes)
        case Reservation():
            return _line(target, item, price, pool.count, "paid for from its start on, used or not", *notes)
        case Spot():
            ceiling = f"${price.usd_per_hour * pool.count:.2f} on demand" if price else "an unknown price on demand"
            return _unknown(target, item, f"the price of spot machines changes from month to month; {ceiling}", *notes)
        case FlexStart() | Queued():
            return _unknown(target, item, "nothing until there is work, then by the machine", *notes)
        case CapacityBlock():
            return _unknown(target, item, "not sold by Google Cloud")


def _range_notes(pool: NodePool) -> tuple[str, ...]:
    limits = pool.autoscaled
    return (f"{limits.minimum} to {limits.maximum} nodes, priced at {pool.count}",) if limits else ()


def _control_plane(target: GkeTarget) -> Iterator[CostLine]:
    if target.adopt_cluster:
        return
    extended = target.release_channel is ReleaseChannel.EXTENDED
    later = "six times as much once its version is in extended support" if extended else ""
    yield _line(target, f"control plane of Kubernetes {target.kubernetes_version}", _CONTROL_PLANE, 1, later)


def _network(target: GkeTarget) -> Iterator[CostLine]:
    if isinstance(target.network, CreatedVpc) and target.network.nat is Nat.CLOUD:
        yield _unknown(target, "Cloud NAT", _NO_PRICE, "by the node, up to 32 of them; bytes are extra")


def _shared_storage(target: GkeTarget) -> CostLine:
    match target.shared_storage:
        case FilestoreStorage(tier=tier, capacity_gib=size):
            return _unknown(target, f"shared files on Filestore {tier.value}: {size} GiB", _NO_PRICE)
        case LustreStorage(capacity_gib=size, throughput=throughput):
            item = f"shared files on Managed Lustre: {size} GiB at {throughput} MB/s for each TiB"
            return _unknown(target, item, _NO_PRICE)
        case BucketStorage():
            return _unknown(target, "shared files in a bucket", "by what is stored; requests are extra")
        case HyperdiskMlStorage(capacity_gib=size):
            return _unknown(target, f"shared files on Hyperdisk ML: {size} GiB", _NO_PRICE)


def _line(target: GkeTarget, item: str, price: Price | None, quantity: float, *notes: str) -> CostLine:
    """A line at list price; that of another region stands in for one that is not known, and says so."""
    if price is None:
        return _unknown(target, item, _NO_PRICE, *notes)
    same = price.region in {target.region, _CONTROL_PLANE.region}
    elsewhere = "" if same else f"list price of {price.region}; {target.region} may differ"
    return CostLine(
        item=item,
        usd_per_hour=price.usd_per_hour * quantity,
        region=price.region,
        date=price.date,
        note=_joined(elsewhere, *notes),
    )


def _unknown(target: GkeTarget, item: str, *notes: str) -> CostLine:
    return CostLine(item=item, usd_per_hour=None, region=target.region, date="", note=_joined(*notes))


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
