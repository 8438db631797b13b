"""One node as whoever owns it asked for it, before anything is found out about its hardware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.contracts.pools import Taint
from components.contracts.versions import KUBERNETES_EMBEDDED

from .reservations import Reserved


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
        has_driver: Whether the node brings the NVIDIA driver and with it GPU capacity and GPU labels.
        devices: Amounts of further extended resources, such as ``vpc.amazonaws.com/efa``.
        has_devices: Whether device plugins count the network devices that the machine type has.
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
