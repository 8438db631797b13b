"""Whether a cluster that exists has the drivers of the storage classes that are made there.

AKS brings them, and who made the cluster can have switched them off
(https://learn.microsoft.com/azure/aks/csi-storage-drivers).
"""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
from pulumi_azure_native import containerservice

from ...contracts.errors import Problem
from ..rules.adopted import missing_cluster, missing_driver
from .facts import DISK_DRIVER, FILES_DRIVER
from .lookups import if_there
from .settings import AksTarget, FilesStorage


def driver_problems(target: AksTarget, ask: pulumi.InvokeOptions) -> Iterator[Problem]:
    """Drivers without which claims of the cluster's classes stay pending, and a cluster that is not there.

    Args:
        target: The cluster.
        ask: Who is asked.
    """
    if not target.adopt_cluster:
        return
    found = if_there(
        lambda: containerservice.get_managed_cluster(
            resource_group_name=target.resource_group, resource_name=target.name, opts=ask
        )
    )
    if found is None:
        listed = "use a name and a resource_group that `az aks list --output table` prints"
        yield missing_cluster("AKS", target.name, f"the resource group {target.resource_group}", listed)
        return
    drivers = found.storage_profile
    disks = drivers.disk_csi_driver if drivers else None
    files = drivers.file_csi_driver if drivers else None
    is_off = {
        (DISK_DRIVER, "--enable-disk-driver"): bool(disks and disks.enabled is False),
        (FILES_DRIVER, "--enable-file-driver"): isinstance(target.shared_storage, FilesStorage)
        and bool(files and files.enabled is False),
    }
    for (driver, option), missing in is_off.items():
        if missing:
            yield missing_driver(
                target.name,
                driver,
                "target.adopt_cluster",
                f"run `az aks update --resource-group {target.resource_group} --name {target.name} {option}`",
            )
