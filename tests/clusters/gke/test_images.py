from __future__ import annotations

import pytest

from components.clusters.gke.images import (
    DiskType,
    DriverInstallation,
    ImageType,
    boot_disk,
    gpu_driver,
    has_version,
    local_disks,
    volume_disk,
)
from components.contracts.pools import DriverOwner
from components.planner.catalogs.instances import instance, instances


@pytest.mark.parametrize("owner", [DriverOwner.NODE_IMAGE, DriverOwner.PLATFORM])
def test_gke_installs_the_driver_that_belongs_to_its_image(owner: DriverOwner) -> None:
    driver = gpu_driver(owner)
    assert (driver.installation, driver.image, driver.labels) == (DriverInstallation.DEFAULT, ImageType.COS, {})


def test_with_the_gpu_operator_gke_keeps_driver_and_device_plugin_away() -> None:
    driver = gpu_driver(DriverOwner.GPU_OPERATOR)
    assert driver.installation is DriverInstallation.DISABLED
    assert driver.labels == {"gke-no-default-nvidia-gpu-device-plugin": "true"}
    assert driver.image is ImageType.UBUNTU, "the operator has no driver for Container-Optimized OS"


@pytest.mark.parametrize(
    ("name", "disks"),
    [
        ("a3-highgpu-8g", 16),
        ("a3-megagpu-8g", 16),
        ("a3-ultragpu-8g", 32),
        ("a4-highgpu-8g", 32),
        ("a4x-highgpu-4g", 4),
        ("a2-ultragpu-8g", 8),
        ("g4-standard-48", 4),
        ("c3-standard-8", 0),
    ],
)
def test_all_local_disks_become_storage_of_the_node(name: str, disks: int) -> None:
    assert local_disks(instance(name)) == disks


def test_disks_of_every_machine_of_the_catalog_add_up() -> None:
    for machine in instances():
        if machine.cloud == "gcp":
            assert local_disks(machine) * (machine.local_disk_gb or 0) == (machine.nvme_gb or 0), machine.name


@pytest.mark.parametrize(
    "name", ["a3-ultragpu-8g", "a4-highgpu-8g", "a4x-highgpu-4g", "g4-standard-48", "c4-standard-8"]
)
def test_machines_that_take_no_persistent_disk_boot_from_hyperdisk(name: str) -> None:
    assert boot_disk(instance(name)) is DiskType.HYPERDISK
    assert volume_disk(instance(machine) for machine in ("g2-standard-4", name)) is DiskType.HYPERDISK


def test_other_machines_boot_from_persistent_disks() -> None:
    assert (
        volume_disk(
            instance(machine) for machine in ("g2-standard-4", "a2-highgpu-1g", "a3-megagpu-8g", "n2-standard-8")
        )
        is DiskType.BALANCED
    )


@pytest.mark.parametrize(
    ("version", "machine", "enough"),
    [
        ("1.34", "a4x-highgpu-4g", True),
        ("1.33.4-gke.1036000", "a4x-highgpu-4g", True),
        ("1.33.3-gke.9999999", "a4x-highgpu-4g", False),
        ("1.32.8-gke.1108000", "a4x-highgpu-4g", True),
        ("1.31", "a4x-highgpu-4g", False),
        ("1.34.0-gke.1661999", "g4-standard-48", False),
        ("1.34.0-gke.1662000", "g4-standard-48", True),
        ("1.33", "g4-standard-48", False),
        ("1.35", "a4x-maxgpu-4g-metal", True),
        ("1.35.0-gke.2000000", "a4x-maxgpu-4g-metal", False),
        ("1.30", "g2-standard-4", True),
    ],
)
def test_a_machine_exists_from_its_own_version_on(version: str, machine: str, enough: bool) -> None:  # noqa: FBT001
    assert has_version(version, instance(machine).kubernetes_oldest) is enough
