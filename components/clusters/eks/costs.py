"""What an EKS environment costs by the hour while nobody uses it.

Owns which things are paid for and how many of each there are. Adopted networks and control planes are
not part of it: they cost the same without Strata. Bytes, requests, logs and load balancers depend on
use and are left out, as are discounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from ...contracts.capacity import CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from ...contracts.costs import CostLine
from ...contracts.pools import NodePool
from ...networks.aws.endpoints import INTERFACE_ENDPOINTS
from ...networks.aws.settings import CreatedVpc
from ...networks.nat import NatGateways
from ...planner.catalogs.described import machine_of
from ..cost_lines import Bill, range_notes
from .images import root_disk_gib
from .prices import (
    CONTROL_PLANE,
    CONTROL_PLANE_EXTENDED,
    EFS_GIB,
    HOURS_PER_MONTH,
    INTERFACE_ENDPOINT,
    LUSTRE_GIB,
    NAT_GATEWAY,
    PUBLIC_ADDRESS,
    ROOT_VOLUME_GIB,
    TRANSIT_ATTACHMENT,
)
from .settings import EfsStorage, EksTarget, LustreStorage, Support
from .versions import EKS_VERSIONS, READ_ON


def eks_costs(target: EksTarget, pools: Sequence[NodePool], today: date | None = None) -> tuple[CostLine, ...]:
    """Everything that is paid by the hour, the dearest things first as a rule: machines.

    Args:
        target: The cluster as users write it.
        pools: Its node pools.
        today: Day by which the support of the Kubernetes version is judged; None is the day of the call.

    Raises:
        StrataError: when a pool's machine type is unknown.
    """
    day, bill = today or datetime.now(UTC).date(), Bill(region=target.region)
    return (
        *(line for pool in pools for line in _pool(bill, pool)),
        *_control_plane(bill, target, day),
        *_network(bill, target),
        _shared_storage(bill, target),
    )


def _pool(bill: Bill, pool: NodePool) -> Iterator[CostLine]:
    item = f"{pool.name}: {pool.count} × {pool.instance_type}"
    price = machine_of(pool).price
    notes = range_notes(pool)
    match pool.capacity:
        case OnDemand():
            yield bill.line(item, price, pool.count, *notes)
        case Reservation():
            yield bill.line(item, price, pool.count, "paid for from its start on, used or not", *notes)
        case Spot():
            ceiling = f"${price.usd_per_hour * pool.count:.2f} on demand" if price else "an unknown price on demand"
            yield bill.unknown(item, f"the price of spot machines changes all the time; {ceiling}", *notes)
        case CapacityBlock():
            yield bill.unknown(item, "paid in advance, when the block was bought", *notes)
        case FlexStart() | Queued():
            yield bill.unknown(item, "not sold by AWS")
    disk = root_disk_gib(pool)
    yield bill.line(f"{pool.name}: root volumes of {disk} GiB", ROOT_VOLUME_GIB, pool.count * disk, *notes)


def _control_plane(bill: Bill, target: EksTarget, today: date) -> Iterator[CostLine]:
    if target.adopt_cluster:
        return
    item = f"control plane of Kubernetes {target.kubernetes_version}"
    lifecycle = EKS_VERSIONS.get(target.kubernetes_version)
    if lifecycle is None:
        yield bill.unknown(item, f"how long EKS supports it was not known on {READ_ON}")
        return
    until = lifecycle.standard_until
    if lifecycle.in_standard_support(today):
        extends = until and target.support is Support.EXTENDED
        later = f"${CONTROL_PLANE_EXTENDED.usd_per_hour:.2f} from {until} on, in extended support" if extends else ""
        yield bill.line(item, CONTROL_PLANE, 1, later)
    else:
        yield bill.line(item, CONTROL_PLANE_EXTENDED, 1, f"extended support since {until}")


def _network(bill: Bill, target: EksTarget) -> Iterator[CostLine]:
    vpc = target.network
    if not isinstance(vpc, CreatedVpc):
        return
    zones = len(vpc.zones)
    if vpc.nat is NatGateways.NONE:
        services = len(INTERFACE_ENDPOINTS)
        item = f"interface endpoints: {services} services × {zones} zones"
        yield bill.line(item, INTERFACE_ENDPOINT, services * zones, "bytes are extra")
    else:
        gateways = zones if vpc.nat is NatGateways.PER_ZONE else 1
        yield bill.line(f"NAT gateways: {gateways}", NAT_GATEWAY, gateways, "bytes are extra")
        yield bill.line(f"public addresses of NAT gateways: {gateways}", PUBLIC_ADDRESS, gateways)
    if vpc.transit:
        yield bill.line("transit gateway attachment", TRANSIT_ATTACHMENT, 1, "bytes are extra")


def _shared_storage(bill: Bill, target: EksTarget) -> CostLine:
    match target.shared_storage:
        case EfsStorage():
            month = EFS_GIB.usd_per_hour * HOURS_PER_MONTH
            return bill.unknown(
                "shared files on EFS",
                f"by what is stored: ${month:.2f} for each GiB and month in {EFS_GIB.region} ({EFS_GIB.date}); "
                "bytes read and written are extra",
            )
        case LustreStorage(capacity_gib=size, throughput=throughput):
            item = f"shared files on FSx for Lustre: {size} GiB at {throughput} MB/s for each TiB"
            return bill.line(item, LUSTRE_GIB[throughput], size)
