"""How a pool's machines are bought, in the words of agent pools.

Owns every flag that depends on the kind of capacity, because they only work together: a spot pool without
its eviction policy keeps paying for disks of machines that are gone, a reservation with surge upgrades asks
for machines that are not reserved. Whether a pool may be bought that way is decided by ``rules``.

Sources: https://learn.microsoft.com/azure/aks/spot-node-pool, /azure/aks/use-capacity-reservation-groups,
/azure/aks/upgrade-aks-node-pools-rolling (surge and unavailable nodes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from ...contracts.capacity import Capacity, CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from ...contracts.errors import StrataError
from ...contracts.pools import NodePool, Taint
from ...planner.catalogs.instances import InstanceType
from .fabric import infiniband

SPOT_KEY = "kubernetes.azure.com/scalesetpriority"
SPOT_TAINT = Taint(key=SPOT_KEY, value="spot")
"""AKS puts it on every spot node by itself, so pods have to tolerate it."""
LIST_PRICE = -1.0
"""``spotMaxPrice`` that never evicts for the price."""


class Priority(StrEnum):
    """``scaleSetPriority`` of an agent pool."""

    REGULAR = "Regular"
    SPOT = "Spot"


class UpdateOrder(Enum):
    """In which order a pool replaces its nodes, as ``maxSurge`` and ``maxUnavailable``."""

    NEW_FIRST = ("1", "0")
    """New nodes first: needs machines beyond those of the pool."""
    OLD_FIRST = ("0", "1")
    """Old nodes first: for machines of which no spare ones can be bought."""


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """Every dependent flag of one kind of capacity.

    Attributes:
        priority: Of the scale set.
        eviction_policy: What becomes of a machine that Azure takes back; None for machines that stay.
        spot_max_price: Highest price in US dollars per hour; None where there is no market.
        reservation_group: Capacity reservation group that the machines come from.
        update_order: In which order nodes are replaced; None leaves it to Azure.
        labels: Labels that AKS adds; written out, as the pool would otherwise differ from its settings.
        taints: Taints that AKS adds.
    """

    priority: Priority = Priority.REGULAR
    eviction_policy: str | None = None
    spot_max_price: float | None = None
    reservation_group: str | None = None
    update_order: UpdateOrder | None = UpdateOrder.NEW_FIRST
    labels: tuple[tuple[str, str], ...] = ()
    taints: tuple[Taint, ...] = ()


def purchase(capacity: Capacity) -> Purchase:
    """The flags of a kind of capacity.

    Raises:
        StrataError: when Azure does not sell it.
    """
    match capacity:
        case OnDemand():
            return Purchase()
        case Spot():
            return Purchase(
                priority=Priority.SPOT,
                # Deallocated machines keep their disks, their quota and their place in the pool.
                eviction_policy="Delete",
                spot_max_price=LIST_PRICE,
                # "Spot pools can't set max surge" (terraform-provider-azurerm issue 19355).
                update_order=None,
                labels=((SPOT_KEY, "spot"),),
                taints=(SPOT_TAINT,),
            )
        case Reservation(id=reservation):
            # A node beyond the reservation would be bought at list price, if there were one.
            return Purchase(reservation_group=reservation, update_order=UpdateOrder.OLD_FIRST)
        case CapacityBlock() | FlexStart() | Queued():
            raise StrataError.of(
                "capacity.kind",
                cause=f"{capacity.kind!r} is not sold by Azure",
                consequence="no agent pool can be declared",
                fix="use on-demand, spot or reservation",
            )


def update_order(pool: NodePool, machine: InstanceType) -> UpdateOrder | None:
    """In which order the pool replaces its nodes: old ones first wherever spare machines cannot be bought.

    Nodes that are added for an update would have to be found on the same InfiniBand fabric. None leaves it
    to Azure, which takes no order for spot machines.
    """
    usual = purchase(pool.capacity).update_order
    together = infiniband(machine) is not None and pool.most_nodes > 1
    return UpdateOrder.OLD_FIRST if usual is not None and together else usual
