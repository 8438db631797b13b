"""How machines are bought, in terms that are the same for every cloud.

Owns the types. Which cloud sells which of them, and what has to go with it, is decided by the rules
of each cluster; one value here sets every dependent flag of launch templates and node pools.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from .forms import Form
from .model import Contract
from .quantities import Duration
from .sequences import Items


class OnDemand(Contract):
    """Machines requested when they are needed, at list price, as far as the cloud has capacity."""

    kind: Literal["on-demand"] = "on-demand"


class Spot(Contract):
    """Cheap machines that the cloud takes back at minutes' notice."""

    kind: Literal["spot"] = "spot"
    instance_types: Annotated[Items[str], Field(max_length=19)] = ()
    """Further machine types that the cloud may choose where they are easier to get; each with the CPUs, the memory and
    the GPUs of the pool's own."""


class Reservation(Contract):
    """Machines that are reserved and paid for already."""

    kind: Literal["reservation"] = "reservation"
    id: Annotated[str, Field(min_length=1, max_length=512)]
    """Reservation by the cloud's own name: ``cr-…`` on AWS, a path on Google Cloud, a resource id on Azure."""
    placement_group: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """AWS: cluster placement group in which the machines were reserved, if they were."""


class CapacityBlock(Contract):
    """Machines reserved for a number of days and taken back when they end."""

    kind: Literal["capacity-block"] = "capacity-block"
    id: Annotated[str, Form(r"cr-([0-9a-f]{8}|[0-9a-f]{17})", "cr-0123456789abcdef0")]
    """Reservation that belongs to the block."""
    starts: AwareDatetime | None = None
    """When the block begins, for a pool that is declared before: it is empty until then."""
    ends: AwareDatetime
    """When the block ends; the cloud begins to end machines half an hour earlier."""


class FlexStart(Contract):
    """Machines that start when capacity becomes available and run for a limited time."""

    kind: Literal["flex-start"] = "flex-start"
    longest_run: Duration = Duration(7 * 86_400)
    """After this time the machines are taken away; a week at most."""


class Queued(Contract):
    """Machines that a queue requests all at once, for jobs that can wait; model servers are never placed on them."""

    kind: Literal["queued"] = "queued"


Capacity = Annotated[
    OnDemand | Spot | Reservation | CapacityBlock | FlexStart | Queued,
    Field(discriminator="kind"),
]
"""How the machines of a pool are bought."""


def has_begun(capacity: CapacityBlock, now: datetime) -> bool:
    """Whether the block has begun; without a beginning it has."""
    return capacity.starts is None or capacity.starts <= now


def has_ended(capacity: CapacityBlock, now: datetime) -> bool:
    """Whether the block is over."""
    return capacity.ends <= now
