"""Node pools as users write them, for every environment.

Owns which machines, how many, how they are bought, who installs their GPU driver, which labels and taints.
Which capacity, driver owner and advertiser a cloud offers is decided by the rules of its cluster.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from .capacity import Capacity, OnDemand
from .gpu_sharing import GpuSharing
from .machines import MachineNumbers
from .model import Contract
from .names import LabelKey, LabelValue, ObjectName, ZoneName
from .own_fabrics import OwnFabric
from .quantities import ByteSize, size_between
from .sequences import Items


class TaintEffect(StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class Taint(Contract):
    """A node taint."""

    key: LabelKey
    """Key of the taint."""
    value: LabelValue = ""
    """Value of the taint."""
    effect: TaintEffect = TaintEffect.NO_SCHEDULE


class DriverOwner(StrEnum):
    """Who installs the NVIDIA driver on the nodes; exactly one may."""

    NONE = "none"
    NODE_IMAGE = "node-image"
    PLATFORM = "platform"
    GPU_OPERATOR = "gpu-operator"


class GpuAdvertiser(StrEnum):
    """Who tells Kubernetes about the GPUs of a node; exactly one may, or each GPU is allocated twice."""

    DEVICE_PLUGIN = "device-plugin"
    DRA = "dra"


class PoolRange(Contract):
    """Between how many nodes an autoscaler may choose."""

    minimum: Annotated[int, Field(ge=0, le=5000)]
    """Nodes that always stay."""
    maximum: Annotated[int, Field(ge=1, le=5000)]
    """Nodes that are never exceeded."""


ROOT_DISK_LEAST = "100Gi"
"""The smallest disk of a node; below, images of model servers leave no room."""
RootDisk = Annotated[ByteSize, size_between(ROOT_DISK_LEAST, "16Ti")]
"""Up to 16Ti, the most that EBS and Google Cloud give to one volume; a cloud may give less to nodes."""


class _Pool(Contract):
    name: ObjectName
    """Name of the pool; nodes carry it as the label ``strata.dev/pool``."""
    instance_type: str
    """A machine of the instance catalog, such as ``p5.48xlarge``, or any other with ``machine``."""
    count: Annotated[int, Field(ge=1, le=5000)]
    """Number of nodes, at the start where an autoscaler owns it; Kubernetes is tested up to 5,000."""
    machine: MachineNumbers | None = None
    """What one machine holds, where the catalog lacks it."""
    autoscaled: PoolRange | None = None
    """Limits of the autoscaler that owns the number of nodes; None keeps it at ``count``."""
    capacity: Capacity = OnDemand()
    """How the machines are bought."""
    root_disk: RootDisk | None = None
    """Size of the disk that nodes boot from and unpack images on, such as ``500Gi``; the environment's own where left
    out. Only a cloud makes disks: hosts of one's own have theirs."""
    protect: bool = False
    """Whether the pool is protected from deletion and replacement."""
    zones: Annotated[Items[ZoneName], Field(min_length=1)] = ("zone-a",)
    """Zones that the nodes are spread over, round robin."""
    labels: dict[LabelKey, LabelValue] = {}
    """Further node labels."""
    taints: Items[Taint] = ()
    """Further taints; GPU pools carry ``nvidia.com/gpu`` anyway."""

    @property
    def most_nodes(self) -> int:
        """Nodes that the pool can grow to; a count beyond its own limits is refused for that alone."""
        return self.autoscaled.maximum if self.autoscaled else self.count


class GpuPool(_Pool):
    """Nodes with NVIDIA GPUs."""

    kind: Literal["gpu"] = "gpu"
    driver: DriverOwner | None = None
    """Who installs the NVIDIA driver; the environment's default where left out."""
    advertiser: GpuAdvertiser = GpuAdvertiser.DEVICE_PLUGIN
    """Who tells Kubernetes about the GPUs."""
    sharing: GpuSharing | None = None
    """How one GPU serves several pods, each on its own; whole GPUs where left out."""
    compute_domains: bool = False
    """Whether pods on several nodes of one NVLink domain, such as the trays of a GB200 NVL72 rack, share GPU memory
    over it: NVIDIA's DRA driver then runs their IMEX daemons, beside whoever advertises the GPUs."""
    rdma: bool = True
    """Whether nodes reach each other's GPUs over their RDMA cards, where they have some. Without it nodes need no
    placement group and may be in several zones, and every replica of a model fits one node."""
    fabric: OwnFabric | None = None
    """The fabric of hosts of one's own, as the site cabled it; that of the machine type where left out. Machines of
    clouds have the one that is built in."""


class CpuPool(_Pool):
    """Nodes without GPUs."""

    kind: Literal["cpu"] = "cpu"


def pool_sharing(pool: GpuPool | CpuPool) -> GpuSharing | None:
    """How GPUs of the pool are shared; None for whole GPUs, and for none."""
    return pool.sharing if isinstance(pool, GpuPool) else None


NodePool = Annotated[GpuPool | CpuPool, Field(discriminator="kind")]
"""One pool of equal nodes."""


def pool_path(pool: int | str, setting: str | None = None) -> str:
    """Path of a pool, or of one of its settings, in a stack file.

    Args:
        pool: Its place in the list; its name where only that is known.
        setting: Path below the pool, such as ``capacity.kind`` or ``zones[0]``.
    """
    path = f"node_pools[{pool}]"
    return f"{path}.{setting}" if setting else path


GPU_TAINT = Taint(key="nvidia.com/gpu", value="present")
"""Keeps pods without a GPU off GPU nodes; NVIDIA's operators tolerate exactly this key."""
POOL_LABEL = "strata.dev/pool"
"""Label by which workloads select a pool; its value must never change its meaning."""
