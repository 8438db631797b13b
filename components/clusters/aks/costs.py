"""What an AKS cluster costs by the hour while nobody uses it.

Owns the lines and the prices that are in no catalog. List prices; what a reservation, a spot market or an
agreement takes off is not known here.

Sources: https://azure.microsoft.com/pricing/details/kubernetes-service (Standard tier),
https://azure.microsoft.com/pricing/details/azure-nat-gateway, /pricing/details/ip-addresses; the figures as
quoted for East US by techmarmot.com and c3x.dev (azurerm_nat_gateway), read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...contracts.capacity import Reservation, Spot
from ...contracts.costs import CostLine
from ...contracts.pools import NodePool
from ...networks.azure.settings import CreatedVnet
from ...networks.nat import NatGateways
from ...planner.catalogs.instances import known_instance
from .settings import AksTarget, FilesStorage, LustreStorage, Support

_REGION, _DATE = "eastus", "2026-11-21"
_STANDARD_TIER = 0.10
_NAT_GATEWAY = 0.045
_PUBLIC_ADDRESS = 0.005
_UNKNOWN = "no list price was read for it"


def aks_costs(target: AksTarget, pools: Sequence[NodePool]) -> tuple[CostLine, ...]:
    """Every line of the bill that does not depend on use."""
    lines = [_pool(pool) for pool in pools]
    if not target.adopt_cluster:
        system = target.system_pool
        lines += [_control_plane(target), _machines("system pool", system.instance_type, system.count)]
    lines += _network(target)
    lines.append(_shared_files(target))
    return tuple(lines)


def _pool(pool: NodePool) -> CostLine:
    line = _machines(pool.name, pool.instance_type, pool.count)
    match pool.capacity:
        case Spot():
            return line.model_copy(update={"usd_per_hour": None, "note": "spot: below the list price, and it changes"})
        case Reservation():
            return line.model_copy(update={"note": "paid for by the reservation, whether the nodes run or not"})
        case _:
            return line


def _machines(name: str, machine: str, count: int) -> CostLine:
    known = known_instance(machine)
    price = known.price if known else None
    return CostLine(
        item=f"{name}: {count} × {machine}",
        usd_per_hour=price.usd_per_hour * count if price else None,
        region=price.region if price else "",
        date=price.date if price else "",
        note="" if price else _UNKNOWN,
    )


def _control_plane(target: AksTarget) -> CostLine:
    if target.support is Support.EXTENDED:
        return CostLine(item="control plane, Premium tier", usd_per_hour=None, region="", date="", note=_UNKNOWN)
    return CostLine(
        item="control plane, Standard tier",
        usd_per_hour=_STANDARD_TIER,
        region=_REGION,
        date=_DATE,
        note="logs are paid by the GB",
    )


def _network(target: AksTarget) -> Iterator[CostLine]:
    if not isinstance(target.network, CreatedVnet) or target.network.nat is NatGateways.NONE:
        return
    count = len(target.network.zones) if target.network.nat is NatGateways.PER_ZONE else 1
    yield CostLine(
        item=f"{count} × NAT gateway with its address",
        usd_per_hour=round(count * (_NAT_GATEWAY + _PUBLIC_ADDRESS), 3),
        region=_REGION,
        date=_DATE,
        note="traffic is paid by the GB",
    )


def _shared_files(target: AksTarget) -> CostLine:
    match target.shared_storage:
        case FilesStorage(capacity_gib=size):
            item = f"Azure Files: {size} GiB"
        case LustreStorage(capacity_tib=size, throughput=throughput):
            item = f"Managed Lustre: {size} TiB at {throughput} MB/s for each TiB"
    return CostLine(item=item, usd_per_hour=None, region="", date="", note=_UNKNOWN)
