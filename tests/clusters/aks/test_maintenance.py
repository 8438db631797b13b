"""When AKS gives nodes newer images: never, or within a window that AKS takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.clusters.aks.cluster import AksClusterArgs, aks_cluster
from components.clusters.aks.rules.maintenance import maintenance_problems
from components.contracts.maintenance import Maintenance, NodeUpgrades, Weekday
from components.contracts.quantities import Duration
from simulation.clouds.azure import vocabulary as v
from tests.simulation.clouds.aks_variants import CPU, target
from tests.simulation.clouds.azure_account import AzureAccount
from tests.simulation.clouds.recording import run_program

AUTOMATIC = NodeUpgrades.AUTOMATIC


def made(folder: Path, maintenance: Maintenance) -> AzureAccount:
    azure = AzureAccount(folder)
    args = AksClusterArgs.of(target(maintenance=maintenance), (CPU,))
    assert run_program(azure.cloud, "azure-native", lambda: aks_cluster("prod", args), azure.plane).problems == []
    return azure


def channel(azure: AzureAccount) -> str:
    (cluster,) = azure.cloud.records(v.CLUSTER)
    return cluster.text("autoUpgradeProfile.nodeOSUpgradeChannel")


def test_b10_nodes_keep_their_images_where_nothing_is_said(tmp_path: Path) -> None:
    azure = made(tmp_path, Maintenance())
    assert channel(azure) == "None"
    assert azure.cloud.records(v.MAINTENANCE) == []


def test_b10_nodes_get_new_images_in_the_window_of_one_day(tmp_path: Path) -> None:
    window = Maintenance(days=(Weekday.TUESDAY,), start="01:30", duration=Duration("4h"), node_upgrades=AUTOMATIC)
    azure = made(tmp_path, window)
    assert channel(azure) == "NodeImage"
    (configuration,) = azure.cloud.records(v.MAINTENANCE)
    assert configuration.text("configName") == "aksManagedNodeOSUpgradeSchedule"
    assert configuration.get("maintenanceWindow") == {
        "durationHours": 4,
        "schedule": {"weekly": {"dayOfWeek": "Tuesday", "intervalWeeks": 1}},
        "startTime": "01:30",
    }


def test_b10_every_day_is_a_daily_schedule(tmp_path: Path) -> None:
    azure = made(tmp_path, Maintenance(days=tuple(Weekday), node_upgrades=AUTOMATIC))
    (configuration,) = azure.cloud.records(v.MAINTENANCE)
    assert configuration.get("maintenanceWindow.schedule") == {"daily": {"intervalDays": 1}}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": (Weekday.SATURDAY, Weekday.SUNDAY)}, "target.maintenance.days"),
        ({"duration": Duration("3h")}, "target.maintenance.duration"),
        ({"duration": Duration("25h")}, "target.maintenance.duration"),
        ({"duration": Duration("270m")}, "target.maintenance.duration"),
    ],
)
def test_b10_a_window_that_aks_does_not_take_is_refused(changes: dict[str, object], field: str) -> None:
    right = Maintenance(days=(Weekday.SUNDAY,), node_upgrades=AUTOMATIC)
    assert list(maintenance_problems(right)) == []
    wrong = right.model_copy(update=changes)
    assert [problem.field for problem in maintenance_problems(wrong)] == [field]
    assert list(maintenance_problems(wrong.model_copy(update={"node_upgrades": NodeUpgrades.ON_REQUEST}))) == []
