"""The maintenance policy of a cluster, in the words of GKE.

Sources: GKE documentation, concepts/maintenance-windows-and-exclusions; discovery document of container.v1
(``RecurringTimeWindow``, ``MaintenanceExclusionOptions``); GoogleCloudPlatform/cluster-toolkit,
examples/gke-a3-ultragpu (the exclusion, with a start that has passed).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pulumi_gcp as gcp

from ...contracts.maintenance import Maintenance, NodeUpgrades, Weekday

# A Thursday. Only time of day and length of the first window count; an exclusion holds from its start on.
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_EXCLUSION = "no-minor-or-node-upgrades"
_DAYS = {day: day.value[:2].upper() for day in Weekday}


def maintenance_policy(maintenance: Maintenance) -> gcp.container.ClusterMaintenancePolicyArgs:
    """The weekly window, and what may not happen even then."""
    hour, minute = (int(part) for part in maintenance.start.split(":"))
    start = _FIRST_DAY.replace(hour=hour, minute=minute)
    return gcp.container.ClusterMaintenancePolicyArgs(
        recurring_window=gcp.container.ClusterMaintenancePolicyRecurringWindowArgs(
            start_time=_rfc3339(start),
            end_time=_rfc3339(start + timedelta(seconds=maintenance.duration.whole_seconds)),
            recurrence=f"FREQ=WEEKLY;BYDAY={','.join(_DAYS[day] for day in Weekday if day in maintenance.days)}",
        ),
        maintenance_exclusions=[_no_node_upgrades()] if maintenance.node_upgrades is NodeUpgrades.ON_REQUEST else None,
    )


def _no_node_upgrades() -> gcp.container.ClusterMaintenancePolicyMaintenanceExclusionArgs:
    return gcp.container.ClusterMaintenancePolicyMaintenanceExclusionArgs(
        exclusion_name=_EXCLUSION,
        start_time=_rfc3339(_FIRST_DAY),
        exclusion_options=gcp.container.ClusterMaintenancePolicyMaintenanceExclusionExclusionOptionsArgs(
            scope="NO_MINOR_OR_NODE_UPGRADES", end_time_behavior="UNTIL_END_OF_SUPPORT"
        ),
    )


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
