"""What a node boots from, who installs its GPU driver, and from which GKE version on it exists.

Owns the choice of image, driver mode and disks. Which patch of an image runs is GKE's, by release channel.

Sources: GKE documentation, how-to/gpus (driver versions, G4), how-to/ai-hypercomputer-cluster (A3 Ultra,
A4, A4X), how-to/gpu-bandwidth-gpudirect-tcpx (A3 High and Mega), how-to/provisioningrequest (flex-start);
Compute Engine documentation, "Hyperdisk: machine series support"; NVIDIA GPU Operator, "GKE" (operands on
Container-Optimized OS and Ubuntu).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ...contracts.pools import DriverOwner
from ...planner.catalogs.instances import InstanceType

NO_DEVICE_PLUGIN = "gke-no-default-nvidia-gpu-device-plugin"
"""Label that keeps GKE's device plugin away, and its driver installer with it."""
FLEX_START_OLDEST = "1.33.0-gke.1712000"


class ImageType(StrEnum):
    """Images that GKE keeps up to date, as node pools spell them."""

    COS = "COS_CONTAINERD"
    """Container-Optimized OS: read-only, and the only one with GPUDirect."""
    UBUNTU = "UBUNTU_CONTAINERD"
    """For the GPU operator, which has no driver for Container-Optimized OS."""


class DriverInstallation(StrEnum):
    """``gpuDriverVersion`` of an accelerator; a change replaces the pool."""

    DEFAULT = "DEFAULT"
    DISABLED = "INSTALLATION_DISABLED"


@dataclass(frozen=True, kw_only=True)
class GpuDriver:
    """Every dependent flag of one driver owner.

    Attributes:
        installation: What GKE installs.
        image: Image that takes that driver.
        labels: Labels of the nodes.
    """

    installation: DriverInstallation
    image: ImageType
    labels: dict[str, str] = field(default_factory=dict[str, str])


def gpu_driver(driver: DriverOwner) -> GpuDriver:
    """The flags of GPU nodes whose NVIDIA driver is installed by ``driver``.

    On GKE the node image and the platform are one: an init container of Google's loads the driver that
    belongs to the image.
    """
    if driver in {DriverOwner.NODE_IMAGE, DriverOwner.PLATFORM}:
        return GpuDriver(installation=DriverInstallation.DEFAULT, image=ImageType.COS)
    # Without the label GKE's device plugin and the operator's would both hand out each GPU.
    return GpuDriver(
        installation=DriverInstallation.DISABLED, image=ImageType.UBUNTU, labels={NO_DEVICE_PLUGIN: "true"}
    )


class DiskType(StrEnum):
    """Boot disks and volumes."""

    BALANCED = "pd-balanced"
    HYPERDISK = "hyperdisk-balanced"


@dataclass(frozen=True, kw_only=True)
class Series:
    """What the machines of one series need.

    Attributes:
        disk: Disk type that they take.
        versions: Oldest GKE versions, one for each minor version that got it; later minors have it.
        ssd_gb: Size of one local disk, 10^9 bytes.
    """

    disk: DiskType
    versions: tuple[str, ...] = ()
    ssd_gb: int = 375


# By the beginning of the machine's name; the longest that fits counts.
_SERIES = {
    "a2-": Series(disk=DiskType.BALANCED),
    "a3-highgpu-": Series(disk=DiskType.BALANCED, versions=("1.28.6-gke.1369000",)),
    "a3-megagpu-": Series(disk=DiskType.BALANCED, versions=("1.28.9-gke.1250000",)),
    "a3-ultragpu-": Series(disk=DiskType.HYPERDISK, versions=("1.31.4-gke.1183000",)),
    "a4-": Series(disk=DiskType.HYPERDISK, versions=("1.32.2-gke.1475000",)),
    "a4x-": Series(disk=DiskType.HYPERDISK, versions=("1.32.8-gke.1108000", "1.33.4-gke.1036000"), ssd_gb=3000),
    "a4x-maxgpu-": Series(disk=DiskType.HYPERDISK, versions=("1.34.3-gke.1318000", "1.35.0-gke.2745000"), ssd_gb=3000),
    "c3-": Series(disk=DiskType.BALANCED),
    "c4-": Series(disk=DiskType.HYPERDISK),
    "g2-": Series(disk=DiskType.BALANCED),
    "g4-": Series(disk=DiskType.HYPERDISK, versions=("1.34.0-gke.1662000",)),
    "n2-": Series(disk=DiskType.BALANCED),
}


def series(instance_type: str) -> Series:
    """What that machine type needs; the ordinary for one that no row names."""
    fitting = [prefix for prefix in _SERIES if instance_type.startswith(prefix)]
    return _SERIES[max(fitting, key=len)] if fitting else Series(disk=DiskType.BALANCED)


def local_disks(machine: InstanceType) -> int:
    """Local disks of a machine, all of which become ephemeral storage of the node."""
    return round((machine.nvme_gb or 0) / series(machine.name).ssd_gb)


def volume_disk(instance_types: list[str]) -> DiskType:
    """The disk type of volumes that most nodes can attach: Hyperdisk as soon as one takes nothing else."""
    only_hyperdisk = any(series(each).disk is DiskType.HYPERDISK for each in instance_types)
    return DiskType.HYPERDISK if only_hyperdisk else DiskType.BALANCED


def has_version(version: str, oldest: tuple[str, ...]) -> bool:
    """Whether a GKE version is at least the oldest of its minor version; a bare minor is its newest patch."""
    if not oldest:
        return True
    found = _numbers(version)
    floors = sorted(_numbers(each) for each in oldest)
    same_minor = [floor for floor in floors if floor[:2] == found[:2]]
    return found >= same_minor[0] if same_minor else found > floors[-1]


def _numbers(version: str) -> tuple[float, ...]:
    minor, _, patch = version.partition("-gke.")
    numbers = [float(part) for part in minor.split(".")]
    return (*numbers, float(patch)) if patch else (*numbers[:2], float("inf"))
