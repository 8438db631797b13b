"""Whether reserved machines are there, are of the pool's type and zone, and are enough.

Asked through Cloud Control, as the provider has no look-up of its own for capacity reservations. What is read is the
registry's model of ``AWS::EC2::CapacityReservation``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pulumi
import pulumi_aws as aws
from pydantic import BaseModel, ConfigDict, Field

from ...contracts.capacity import CapacityBlock, Reservation, has_begun
from ...contracts.errors import Problem
from ...contracts.pools import NodePool
from ..rules.pool_view import PoolView, pool_views
from .args import EksClusterArgs
from .inquiry import if_allowed

_ACTIVE = "active"
# EC2 API reference, CapacityReservation, state: of blocks that are paid or to be paid, and wait.
_BEFORE = ("scheduled", "payment-pending", "pending", "assessing")
_NOT_FOUND = ("ResourceNotFoundException", "couldn't find resource", "InvalidCapacityReservationId")


class Reserved(BaseModel):
    """What EC2 says of a reservation."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    state: str = Field(default="", alias="State")
    instance_type: str = Field(default="", alias="InstanceType")
    zone: str = Field(default="", alias="AvailabilityZone")
    total: int = Field(default=0, alias="TotalInstanceCount")
    free: int = Field(default=0, alias="AvailableInstanceCount")
    placement_group: str = Field(default="", alias="PlacementGroupArn")
    starts: str = Field(default="", alias="StartDate")

    @property
    def group(self) -> str | None:
        """Name of the placement group in which the machines are; None outside of all."""
        return self.placement_group.rpartition("/")[2] or None


def reservation_problems(
    cluster: str, args: EksClusterArgs, pools: Sequence[NodePool], ask: pulumi.InvokeOptions
) -> Iterator[Problem]:
    """What is wrong with the reservations of the pools.

    Args:
        cluster: Name of the cluster.
        args: The cluster.
        pools: Its pools.
        ask: Who is asked.
    """
    for view in pool_views(pools):
        capacity = view.pool.capacity
        if not isinstance(capacity, Reservation | CapacityBlock):
            continue
        found = _read(capacity.id, ask)
        if found is None:
            yield view.problem(
                "capacity.id",
                cause=f"EC2 has no {capacity.id} in {args.region}",
                consequence="the pool would be made, and not one of its nodes would ever start",
                fix="use the id that `aws ec2 describe-capacity-reservations` lists in that region",
            )
        elif found.state:
            yield from _unfit(view, capacity, found, _own(cluster, view.pool, found, ask))


def _read(identifier: str, ask: pulumi.InvokeOptions) -> Reserved | None:
    """The reservation; None where there is none, an empty one where nobody may look."""
    try:
        answer = if_allowed(
            f"the reservation {identifier}",
            "cloudformation:GetResource",
            lambda: aws.cloudcontrol.get_resource(
                identifier=identifier, type_name="AWS::EC2::CapacityReservation", opts=ask
            ),
        )
    except Exception as error:  # the SDK has no class of its own for a call that failed
        if any(word in str(error) for word in _NOT_FOUND):
            return None
        raise
    return Reserved.model_validate_json(answer.properties) if answer else Reserved()


def _own(cluster: str, pool: NodePool, found: Reserved, ask: pulumi.InvokeOptions) -> int:
    """How many of its machines are this pool's already; not asked where enough are free."""
    if found.free >= pool.most_nodes:
        return 0
    tags = {"eks:cluster-name": cluster, "eks:nodegroup-name": pool.name}
    running = aws.ec2.get_instances(instance_tags=tags, instance_state_names=["pending", "running"], opts=ask)
    return len(running.ids)


def _unfit(view: PoolView, capacity: Reservation | CapacityBlock, found: Reserved, own: int) -> Iterator[Problem]:
    pool, identifier = view.pool, capacity.id
    never = "EC2 would start no node in it, and EKS would report ReservationCapacityExceeded"
    yield from _inactive(view, capacity, found, never)
    if found.instance_type != pool.instance_type:
        yield view.problem(
            "instance_type",
            cause=f"{identifier} holds machines of type {found.instance_type}, not {pool.instance_type}",
            consequence=never,
            fix=f"write instance_type: {found.instance_type}, or use another reservation",
        )
    if [zone for zone in pool.zones if zone != found.zone]:
        yield view.problem(
            "zones",
            cause=f"{identifier} is in {found.zone}, the pool in {', '.join(pool.zones)}",
            consequence=never,
            fix=f"write zones: [{found.zone}]",
        )
    # The machines of a block that has not begun are free to nobody yet.
    if found.state == _ACTIVE and pool.most_nodes > min(found.total, found.free + own):
        yield view.problem(
            "count",
            cause=f"the pool has up to {pool.most_nodes} nodes; of the {found.total} machines of {identifier} "
            f"{found.free} are free and {own} are the pool's already",
            consequence="EC2 would start those that fit, and EKS would give up on the pool after them",
            fix=f"make the pool smaller than or equal to {min(found.total, found.free + own)}, "
            "or free machines of the reservation",
        )
    yield from _group(view, capacity, found)


def _inactive(view: PoolView, capacity: Reservation | CapacityBlock, found: Reserved, never: str) -> Iterator[Problem]:
    if found.state == _ACTIVE:
        return
    is_block = isinstance(capacity, CapacityBlock)
    if found.state in _BEFORE and is_block:
        if not has_begun(capacity, datetime.now(UTC)):
            return
        begins = found.starts or "the day on which it begins"
        yield view.problem(
            "capacity.starts",
            cause=f"{capacity.id} has not begun: it is {found.state}",
            consequence=never,
            fix=f"write starts: {begins}",
        )
        return
    yield view.problem(
        "capacity.id",
        cause=f"{capacity.id} is {found.state}",
        consequence=never,
        fix="use a reservation that is active, or take the pool out",
    )


def _group(view: PoolView, capacity: Reservation | CapacityBlock, found: Reserved) -> Iterator[Problem]:
    named = capacity.placement_group if isinstance(capacity, Reservation) else None
    if named == found.group:
        return
    placed = f"in the placement group {found.group}" if found.group else "in no placement group"
    yield view.problem(
        "capacity.placement_group",
        cause=f"the machines of {capacity.id} were reserved {placed}",
        consequence="EC2 takes machines of a reservation only for launches into the same group, and would start none",
        fix=f"write placement_group: {found.group}" if found.group else "leave placement_group out",
    )
