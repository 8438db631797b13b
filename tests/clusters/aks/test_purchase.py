from __future__ import annotations

from datetime import UTC, datetime

import pytest

from components.clusters.aks.purchase import SPOT_TAINT, Priority, Purchase, UpdateOrder, purchase, update_order
from components.contracts.capacity import Capacity, CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot
from components.contracts.errors import StrataError
from components.contracts.pools import PoolRange
from components.planner.catalogs.instances import instance

from .pools import azure_id, gpu_pool

H100, A100 = "Standard_ND96isr_H100_v5", "Standard_NC24ads_A100_v4"

GROUP = azure_id("Microsoft.Compute/capacityReservationGroups/h100")
NOT_SOLD: list[Capacity] = [
    FlexStart(kind="flex-start"),
    Queued(kind="queued"),
    CapacityBlock(kind="capacity-block", id="cr-0123456789abcdef0", ends=datetime(2026, 12, 1, tzinfo=UTC)),
]


def test_on_demand_machines_come_before_the_old_ones_go() -> None:
    assert purchase(OnDemand()) == Purchase()
    assert Purchase().update_order is UpdateOrder.NEW_FIRST


def test_spot_sets_all_of_its_flags_together() -> None:
    assert purchase(Spot(kind="spot")) == Purchase(
        priority=Priority.SPOT,
        eviction_policy="Delete",
        spot_max_price=-1.0,
        update_order=None,
        labels=(("kubernetes.azure.com/scalesetpriority", "spot"),),
        taints=(SPOT_TAINT,),
    )


def test_a_reservation_has_no_machines_to_spare() -> None:
    flags = purchase(Reservation(kind="reservation", id=GROUP))
    assert (flags.priority, flags.reservation_group) == (Priority.REGULAR, GROUP)
    assert flags.update_order is UpdateOrder.OLD_FIRST, "a surge would be bought at list price, or fail"


def test_machines_on_one_fabric_are_replaced_in_their_place() -> None:
    one = gpu_pool().model_copy(update={"count": 1})
    assert update_order(gpu_pool(), instance(H100)) is UpdateOrder.OLD_FIRST
    assert update_order(one, instance(H100)) is UpdateOrder.NEW_FIRST, "a single node talks to nobody"
    grown = one.model_copy(update={"autoscaled": PoolRange(minimum=1, maximum=4)})
    assert update_order(grown, instance(H100)) is UpdateOrder.OLD_FIRST
    assert update_order(gpu_pool(A100), instance(A100)) is UpdateOrder.NEW_FIRST


def test_azure_takes_no_order_for_spot_machines_on_a_fabric_either() -> None:
    spot = gpu_pool().model_copy(update={"capacity": Spot(kind="spot")})
    assert update_order(spot, instance(H100)) is None, "Azure refuses the pool: spot pools can't set max surge"


@pytest.mark.parametrize("capacity", NOT_SOLD, ids=lambda capacity: capacity.kind)
def test_what_azure_does_not_sell_is_refused(capacity: Capacity) -> None:
    with pytest.raises(StrataError, match="not sold by Azure"):
        purchase(capacity)
