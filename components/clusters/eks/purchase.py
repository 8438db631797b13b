"""How a pool's machines are bought, in the words of node groups and launch templates.

Owns every flag that depends on the kind of capacity, because they only work together: a capacity block
with the instance type in the node group is refused, one without its market type is silently not used.
Whether a pool may be bought that way is decided by ``rules``.

Sources: terraform-aws-eks v21, modules/eks-managed-node-group; Karpenter v1.14, pkg/providers/launchtemplate
and designs/capacity-block-support.md; terraform-provider-aws issues 18025 (spot) and 40876 (blocks).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ...contracts.capacity import Capacity, CapacityBlock, FlexStart, OnDemand, Queued, Reservation, Spot, has_begun
from ...contracts.errors import StrataError
from ...contracts.pools import NodePool
from ...planner.catalogs.instances import InstanceType

BLOCK_DRAIN = timedelta(minutes=40)
"""How long before the end of a capacity block nodes have to be drained; EC2 ends them from minute 30 on."""


class CapacityType(StrEnum):
    """``capacityType`` of a managed node group."""

    ON_DEMAND = "ON_DEMAND"
    SPOT = "SPOT"
    CAPACITY_BLOCK = "CAPACITY_BLOCK"


class UpdateStrategy(StrEnum):
    """In which order a node group replaces its nodes."""

    DEFAULT = "DEFAULT"
    """New nodes first: needs machines beyond those of the pool."""
    MINIMAL = "MINIMAL"
    """Old nodes first: for machines of which no spare ones can be bought."""


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """Every dependent flag of one kind of capacity.

    Attributes:
        capacity_type: Of the node group.
        type_in_template: Whether the instance type is set in the launch template; else in the node group.
        market_type: ``market_type`` of the launch template; spot has none there, EKS refuses it.
        reservation_id: Reservation that the launch template targets.
        reservation_preference: What happens where the reservation is full; None leaves EC2's default.
        placement_group: Placement group in which the machines were reserved.
        max_unavailable: Nodes that may be missing during an update.
        version_stays: Whether nodes keep the version that they were made with.
        scale_out_at: When the pool's machines start; None for machines that start at once.
        scale_in_at: When the pool has to be empty; None for machines that stay.
    """

    capacity_type: CapacityType = CapacityType.ON_DEMAND
    type_in_template: bool = False
    market_type: str | None = None
    reservation_id: str | None = None
    reservation_preference: str | None = None
    placement_group: str | None = None
    max_unavailable: int = 1
    version_stays: bool = False
    scale_out_at: datetime | None = None
    scale_in_at: datetime | None = None


def purchase(capacity: Capacity, now: datetime) -> Purchase:
    """The flags of a kind of capacity.

    Args:
        capacity: How machines are bought.
        now: The time, by which a block has begun or not.

    Raises:
        StrataError: when AWS does not sell it.
    """
    match capacity:
        case OnDemand():
            return Purchase()
        case Spot():
            return Purchase(capacity_type=CapacityType.SPOT)
        case Reservation(id=reservation, placement_group=group):
            return Purchase(
                reservation_id=reservation,
                placement_group=group,
                # Otherwise a node beyond the reservation would be bought at list price without a word.
                reservation_preference="capacity-reservations-only",
            )
        case CapacityBlock(id=reservation, ends=ends) as block:
            return Purchase(
                capacity_type=CapacityType.CAPACITY_BLOCK,
                type_in_template=True,
                market_type="capacity-block",
                reservation_id=reservation,
                reservation_preference="capacity-reservations-only",
                # EKS updates only groups that are empty (EKS user guide, capacity-blocks-mng), and a block is used to
                # its last hour: an upgrade of the control plane would end at this pool.
                version_stays=True,
                scale_out_at=None if has_begun(block, now) else block.starts,
                scale_in_at=ends - BLOCK_DRAIN,
            )
        case FlexStart() | Queued():
            raise StrataError.of(
                "capacity.kind",
                cause=f"{capacity.kind!r} is not sold by AWS",
                consequence="no node group can be declared",
                fix="use on-demand, spot, reservation or capacity-block",
            )


def shares_placement(pool: NodePool, machine: InstanceType) -> bool:
    """Whether the machines share a cluster placement group, as those that talk over EFA do.

    Reserved ones were placed when they were reserved.
    """
    reserved = isinstance(pool.capacity, Reservation | CapacityBlock)
    return bool(machine.rdma_nics) and pool.most_nodes > 1 and not reserved


def update_strategy(pool: NodePool, machine: InstanceType) -> UpdateStrategy:
    """In which order the pool replaces its nodes: old ones first wherever spare machines cannot be bought.

    Nodes that are added for an update would have to be found in the same placement group.
    """
    bought = isinstance(pool.capacity, Reservation | CapacityBlock)
    return UpdateStrategy.MINIMAL if bought or shares_placement(pool, machine) else UpdateStrategy.DEFAULT
