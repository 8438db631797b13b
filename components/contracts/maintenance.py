"""When a cloud may change a cluster by itself, in the same words on every target."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .forms import Form
from .model import Contract
from .quantities import Duration


class Weekday(StrEnum):
    """Days of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class NodeUpgrades(StrEnum):
    """Who decides when nodes get another version."""

    ON_REQUEST = "on-request"
    """Whoever runs the cluster, until its version is supported no more; the control plane gets patches all the same."""
    AUTOMATIC = "automatic"
    """The cloud, within the window."""


class Maintenance(Contract):
    """When the cloud may change the cluster by itself."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = (Weekday.SATURDAY, Weekday.SUNDAY)
    """Days on which it may begin."""
    start: Annotated[str, Form(r"([01]\d|2[0-3]):[0-5]\d", "03:00")] = "03:00"
    """Time of day at which it may begin, UTC."""
    duration: Duration = Duration("6h")
    """How long it may go on."""
    node_upgrades: NodeUpgrades = NodeUpgrades.ON_REQUEST
    """Whether nodes are replaced too, which ends the servers on them; GPU pools have no spare node to move to."""
