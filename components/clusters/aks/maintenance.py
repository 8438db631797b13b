"""When AKS gives nodes newer images by itself, in the words of AKS.

Images cannot be named: ``nodeImageVersion`` is only read in the API version that the provider calls (2025-09-01). With
the channel off, nodes keep the image that their pool was made with until its Kubernetes version is raised.

Sources: https://learn.microsoft.com/azure/aks/auto-upgrade-node-os-image, /azure/aks/planned-maintenance (names of
configurations).
"""

from __future__ import annotations

import pulumi
from pulumi_azure_native import containerservice

from ...contracts.maintenance import Maintenance, NodeUpgrades, Weekday

NODE_SCHEDULE = "aksManagedNodeOSUpgradeSchedule"
"""The name by which AKS knows when nodes may get other images."""
_HOUR = 3600


def node_channel(maintenance: Maintenance) -> str:
    """``nodeOSUpgradeChannel`` of a cluster: new images every week within the window, or none."""
    return "NodeImage" if maintenance.node_upgrades is NodeUpgrades.AUTOMATIC else "None"


def node_window(maintenance: Maintenance) -> containerservice.MaintenanceWindowArgs:
    """The window; UTC, which is AKS' default offset."""
    return containerservice.MaintenanceWindowArgs(
        schedule=_schedule(maintenance),
        start_time=maintenance.start,
        duration_hours=maintenance.duration.whole_seconds // _HOUR,
    )


def _schedule(maintenance: Maintenance) -> containerservice.ScheduleArgs:
    if len(set(maintenance.days)) == len(Weekday):
        return containerservice.ScheduleArgs(daily=containerservice.DailyScheduleArgs(interval_days=1))
    day = maintenance.days[0].value.capitalize()
    weekly = containerservice.WeeklyScheduleArgs(day_of_week=day, interval_weeks=1)
    return containerservice.ScheduleArgs(weekly=weekly)


def node_schedule(
    name: str,
    maintenance: Maintenance,
    cluster: pulumi.Input[str],
    group: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Declare when nodes may get newer images; nothing where they never do by themselves."""
    if maintenance.node_upgrades is NodeUpgrades.AUTOMATIC:
        containerservice.MaintenanceConfiguration(
            name,
            config_name=NODE_SCHEDULE,
            resource_name_=cluster,
            resource_group_name=group,
            maintenance_window=node_window(maintenance),
            opts=opts,
        )
