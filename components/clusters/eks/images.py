"""The node image of a pool, its root volume, and what it is told when it starts.

Owns the choice among Amazon's AL2023 images and the user data. Which release of an image runs is the
``node_release`` of the settings, or what the parameter of ``release_parameter`` holds when a pool is made.
"""

from __future__ import annotations

from enum import StrEnum

from ...contracts.pools import DriverOwner, GpuPool, NodePool
from ...planner.catalogs.instances import InstanceType


class AmiType(StrEnum):
    """Images that EKS keeps up to date, as node groups spell them."""

    X86_STANDARD = "AL2023_x86_64_STANDARD"
    X86_NVIDIA = "AL2023_x86_64_NVIDIA"
    """With NVIDIA's driver, its container toolkit and EFA's driver."""
    ARM_STANDARD = "AL2023_ARM_64_STANDARD"
    ARM_NVIDIA = "AL2023_ARM_64_NVIDIA"
    """With NVIDIA's driver, its container toolkit and EFA's driver."""


# Architecture and variant in the path of the SSM parameter (EKS user guide, retrieve-ami-id).
_PARAMETER_PATHS = {
    AmiType.X86_STANDARD: "x86_64/standard",
    AmiType.X86_NVIDIA: "x86_64/nvidia",
    AmiType.ARM_STANDARD: "arm64/standard",
    AmiType.ARM_NVIDIA: "arm64/nvidia",
}

# Images of model servers unpack to 30 GB and more, and several versions lie side by side during an update.
_GPU_DISK_GIB = 500
_CPU_DISK_GIB = 100

_BOUNDARY = "strata-node-config"
# One array over all local disks, with containerd's and kubelet's files on it; nodeadm does nothing without disks.
_NODE_CONFIG = """\
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  instance:
    localStorage:
      strategy: RAID0
"""


def ami_type(machine: InstanceType, driver: DriverOwner) -> AmiType:
    """The image of machines whose NVIDIA driver is installed by ``driver``.

    GPU machines whose driver comes from the GPU operator start without one: a second driver over that of
    the image does not load.
    """
    nvidia = bool(machine.gpus) and driver is DriverOwner.NODE_IMAGE
    if machine.architecture == "arm64":
        return AmiType.ARM_NVIDIA if nvidia else AmiType.ARM_STANDARD
    return AmiType.X86_NVIDIA if nvidia else AmiType.X86_STANDARD


def release_parameter(kubernetes_version: str, image: AmiType) -> str:
    """Public SSM parameter with the newest release of an image, such as ``1.34.2-20251120``.

    Args:
        kubernetes_version: Minor version, such as ``1.34``.
        image: The image.
    """
    return (
        f"/aws/service/eks/optimized-ami/{kubernetes_version}/amazon-linux-2023/{_PARAMETER_PATHS[image]}"
        "/recommended/release_version"
    )


def user_data(machine: InstanceType) -> str | None:
    """User data for the launch template as MIME text, not yet in base64; None where the defaults do.

    EKS adds the cluster's part by itself as long as the template names no image. Local disks would
    otherwise stay unused, and checkpoints and images would fill the root volume.
    """
    if not machine.nvme_gb:
        return None
    lines = (
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
        "",
        f"--{_BOUNDARY}",
        "Content-Type: application/node.eks.aws",
        "",
        _NODE_CONFIG,
        f"--{_BOUNDARY}--",
        "",
    )
    return "\n".join(lines)


def root_disk_gib(pool: NodePool) -> int:
    """Size of the root volume of each node."""
    if pool.root_disk:
        return pool.root_disk.whole_gib
    return _GPU_DISK_GIB if isinstance(pool, GpuPool) else _CPU_DISK_GIB
