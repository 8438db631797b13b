"""Storage classes that a cluster makes, as its facts name them."""

from __future__ import annotations

from collections.abc import Mapping

from ..contracts.cluster_facts import VolumeBinding, VolumeClass
from ..contracts.quantities import ByteSize

BLOCK_CLASS = "strata-block"
SHARED_CLASS = "strata-shared"


def block_class(
    provisioner: str, read: float, *, name: str = BLOCK_CLASS, parameters: Mapping[str, str] | None = None
) -> VolumeClass:
    """A class of volumes that one node mounts, made in the zone of the pod that comes first.

    Args:
        provisioner: Driver that makes the volumes.
        read: Bytes per second that one node reads.
        name: Of the class.
        parameters: What the driver is told.
    """
    return VolumeClass(
        name=name,
        provisioner=provisioner,
        read_bytes_per_second=read,
        parameters=dict(parameters or {}),
        binding=VolumeBinding.FIRST_CONSUMER,
        managed=True,
    )


def shared_class(
    provisioner: str,
    read: float,
    parameters: Mapping[str, str] | None = None,
    *,
    capacity: ByteSize | None = None,
) -> VolumeClass:
    """The class of volumes that many nodes mount.

    Without parameters a claim that finds no volume of ours fails rather than buys a second file system.

    Args:
        provisioner: Driver that makes or mounts the volumes.
        read: Bytes per second that one node reads.
        parameters: What the driver is told.
        capacity: Size of the one file system; None where it grows, or each claim gets one.
    """
    return VolumeClass(
        name=SHARED_CLASS,
        provisioner=provisioner,
        read_bytes_per_second=read,
        parameters=dict(parameters or {}),
        capacity=capacity,
        managed=True,
    )
