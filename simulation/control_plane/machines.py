"""One node as whoever owns it asked for it, before anything is found out about its hardware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from components.contracts.pools import Taint
from components.contracts.versions import KUBERNETES_EMBEDDED

from .reservations import Reserved


class ImageAdvertises(Enum):
    """Which devices a node shows without any pod, as software of its image advertises them."""

    NOTHING = auto()
    """None: a pod of a DaemonSet has to."""
    GPUS = auto()
    """GPUs, by a device plugin that is a service of the host."""
    EVERYTHING = auto()
    """All devices, and their labels. No image does; it is for tests of nodes that are about no agent."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A node that a pool or a cloud's node group asks for.

    Attributes:
        name: Name of the node.
        instance_type: A machine of the instance catalog.
        zone: Zone that the node reports.
        region: Region that the node reports.
        labels: Labels asked for; they win over what is found out.
        taints: Taints asked for.
        has_driver: Whether its image or its cloud installs the NVIDIA driver.
        has_toolkit: Whether its image or its cloud sets up NVIDIA's container toolkit; None where that comes with the
            driver.
        image_advertises: Which of its devices its image advertises.
        mig_profile: Profile into which its cloud cuts all of its GPUs; empty where it leaves them whole.
        gpu_clients: Pods that its cloud's own device plugin lets share a GPU or a partition.
        devices: Network devices that it was started with, by resource, such as ``vpc.amazonaws.com/efa``.
        has_devices: Whether it has the network devices that its machine type can have.
        disk_gib: Size of the disk that it boots from; 0 where nobody said.
        uses_local_disks: Whether pods write to the machine's local disks where it has some, not to that disk.
        pods: Most pods that its kubelet takes; 0 for the default of its cloud.
        reserved: What its kubelet is told to keep; None for what nodes of its cloud keep.
        kubernetes_version: Version that its kubelet reports; that of the embedded control plane where empty.
    """

    name: str
    instance_type: str
    zone: str
    region: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    taints: tuple[Taint, ...] = ()
    has_driver: bool
    has_toolkit: bool | None = None
    image_advertises: ImageAdvertises = ImageAdvertises.NOTHING
    mig_profile: str = ""
    gpu_clients: int = 1
    devices: Mapping[str, int] = field(default_factory=dict[str, int])
    has_devices: bool = False
    disk_gib: int = 0
    uses_local_disks: bool = True
    pods: int = 0
    reserved: Reserved | None = None
    kubernetes_version: str = ""

    @property
    def kubelet(self) -> str:
        """Version of its kubelet, as nodes spell it."""
        return f"v{(self.kubernetes_version or KUBERNETES_EMBEDDED).removeprefix('v')}"
