"""What a node boots from, who installs its GPU driver, and from which GKE version on it exists.

Owns the choice of image and driver mode. Disks and oldest versions of each machine type are in the instance
catalog; which patch of an image runs is GKE's, by release channel.

Sources: GKE documentation, how-to/gpus (driver versions, G4), how-to/ai-hypercomputer-cluster (A3 Ultra,
A4, A4X), how-to/gpu-bandwidth-gpudirect-tcpx (A3 High and Mega), how-to/provisioningrequest (flex-start);
Compute Engine documentation, "Hyperdisk: machine series support"; NVIDIA GPU Operator, "GKE" (operands on
Container-Optimized OS and Ubuntu).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ...contracts.pools import DriverOwner, GpuPool, NodePool
from ...planner.catalogs.instances import InstanceType

NO_DEVICE_PLUGIN = "gke-no-default-nvidia-gpu-device-plugin"
"""Label that keeps GKE's device plugin away, and its driver installer with it."""
_GPU_DISK_GB, _CPU_DISK_GB = 500, 100
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


def boot_disk(machine: InstanceType) -> DiskType:
    """The type of disk that such machines boot from, and whose volumes they attach."""
    return DiskType(machine.boot_disk) if machine.boot_disk else DiskType.BALANCED


def boot_disk_gb(pool: NodePool) -> int:
    """Size of the disk that such nodes boot from, in the GiB that Google calls GB."""
    if pool.root_disk:
        return pool.root_disk.whole_gib
    return _GPU_DISK_GB if isinstance(pool, GpuPool) else _CPU_DISK_GB


def local_disks(machine: InstanceType) -> int:
    """Local disks of a machine, all of which become ephemeral storage of the node."""
    return round((machine.nvme_gb or 0) / machine.local_disk_gb) if machine.local_disk_gb else 0


def volume_disk(machines: Iterable[InstanceType]) -> DiskType:
    """The disk type of volumes that most nodes can attach: Hyperdisk as soon as one takes nothing else."""
    only_hyperdisk = any(boot_disk(machine) is DiskType.HYPERDISK for machine in machines)
    return DiskType.HYPERDISK if only_hyperdisk else DiskType.BALANCED


def has_version(version: str, oldest: tuple[str, ...]) -> bool:
    """Whether a GKE version is at least the oldest of its minor version; a bare minor is its newest patch."""
    if not oldest:
        return True
    found = _numbers(version)
    floors = sorted(_numbers(text) for text in oldest)
    same_minor = [floor for floor in floors if floor[:2] == found[:2]]
    return found >= same_minor[0] if same_minor else found > floors[-1]


def _numbers(version: str) -> tuple[float, ...]:
    minor, _, patch = version.partition("-gke.")
    numbers = [float(part) for part in minor.split(".")]
    return (*numbers, float(patch)) if patch else (*numbers[:2], float("inf"))
