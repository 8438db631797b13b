"""Windows that AKS takes: whole hours, on one day of the week or on every day.

Source: https://learn.microsoft.com/azure/aks/planned-maintenance (a configuration has one schedule, daily or weekly);
managedClusters.json, ``durationHours``: 4 to 24.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....contracts.errors import Problem
from ....contracts.maintenance import Maintenance, NodeUpgrades, Weekday

_HOUR = 3600
_SHORTEST, _LONGEST = 4, 24


def maintenance_problems(maintenance: Maintenance) -> Iterator[Problem]:
    """A window that AKS does not take; without upgrades of nodes there is none."""
    if maintenance.node_upgrades is not NodeUpgrades.AUTOMATIC:
        return
    days = len(set(maintenance.days))
    if days not in {1, len(Weekday)}:
        yield Problem(
            field="target.maintenance.days",
            cause=f"{days} days, and AKS takes one day of the week or every day",
            consequence="AKS refuses the schedule",
            fix="write one day, or all seven",
        )
    hours, rest = divmod(maintenance.duration.whole_seconds, _HOUR)
    if rest or not _SHORTEST <= hours <= _LONGEST:
        yield Problem(
            field="target.maintenance.duration",
            cause=f"{maintenance.duration}, and AKS takes whole hours from {_SHORTEST}h to {_LONGEST}h",
            consequence="AKS refuses the schedule",
            fix="write a duration such as 8h",
        )
