"""Drivers that a cluster of AKS that exists may have been made without."""

from __future__ import annotations

from types import SimpleNamespace

import pulumi
import pytest
from pulumi_azure_native import containerservice
from pulumi_azure_native.containerservice import outputs

from components.clusters.aks.account_drivers import driver_problems

from .pools import target

ASK = pulumi.InvokeOptions()


def causes(monkeypatch: pytest.MonkeyPatch, *, disks: bool | None, files: bool | None, adopted: bool) -> list[str]:
    profile = outputs.ManagedClusterStorageProfileResponse(
        disk_csi_driver=outputs.ManagedClusterStorageProfileDiskCSIDriverResponse(enabled=disks),
        file_csi_driver=outputs.ManagedClusterStorageProfileFileCSIDriverResponse(enabled=files),
    )

    def found(**_arguments: object) -> SimpleNamespace:
        return SimpleNamespace(storage_profile=profile)

    monkeypatch.setattr(containerservice, "get_managed_cluster", found)
    cluster = target().model_copy(update={"adopt_cluster": adopted})
    return [f"{problem.cause}; {problem.fix}" for problem in driver_problems(cluster, ASK)]


def test_b6_drivers_that_were_switched_off_are_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    disks, files = causes(monkeypatch, disks=False, files=False, adopted=True)
    assert "the driver disk.csi.azure.com" in disks
    assert disks.endswith("--enable-disk-driver`")
    assert "the driver file.csi.azure.com" in files
    assert files.endswith("--enable-file-driver`")


@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceGroupNotFound"])
def test_b6_a_cluster_that_is_not_there_is_one_problem_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def asked(**_arguments: object) -> None:
        raise Exception(  # noqa: TRY002 - as the SDK does
            "invoke of azure-native:containerservice:getManagedCluster failed: invocation returned an error: "
            f'Status=404 Code="{code}" Message="The thing was not found."'
        )

    monkeypatch.setattr(containerservice, "get_managed_cluster", asked)
    adopted = target().model_copy(update={"adopt_cluster": True, "dns": None})
    (problem,) = driver_problems(adopted, ASK)
    assert problem.field == "target.name"
    assert problem.cause.startswith(f"AKS has no cluster {adopted.name} in the resource group {adopted.resource_group}")
    assert "az aks list" in problem.fix


def test_b6_drivers_that_are_there_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert causes(monkeypatch, disks=True, files=None, adopted=True) == []
    assert causes(monkeypatch, disks=False, files=False, adopted=False) == []
