"""How pods of one node pool talk to each other's GPUs.

Owns the typed profile only; ``planner.fabrics`` chooses one by instance type. Never free-form
environment variables: a wrong value is silent corruption or a fall-back to TCP at run time.
"""

from __future__ import annotations

from enum import StrEnum

from .model import Contract


class Transport(StrEnum):
    """What carries GPU traffic between nodes."""

    NONE = "none"
    EFA = "efa"
    INFINIBAND = "infiniband"
    ROCE = "roce"
    GPUDIRECT_TCPX = "gpudirect-tcpx"
    GPUDIRECT_TCPXO = "gpudirect-tcpxo"


class NixlBackend(StrEnum):
    """The NIXL plugin that moves KV blocks."""

    UCX = "UCX"
    LIBFABRIC = "LIBFABRIC"
    UCCL = "UCCL"


class FabricProfile(Contract):
    """The fabric of one pool, all that a pod needs to use it."""

    transport: Transport
    resource_name: str | None = None
    """Extended resource of the device plugin, such as ``vpc.amazonaws.com/efa``; None without one."""
    devices_per_node: int = 0
    """Allocatable devices of ``resource_name`` on a node."""
    gbps_per_node: float = 0.0
    """Total bandwidth of the fabric, Gbit/s per node and direction."""
    nixl_backend: NixlBackend | None = None
    environment: tuple[tuple[str, str], ...] = ()
    """Name and value of each variable that NCCL, UCX or libfabric need."""
    capabilities: tuple[str, ...] = ()
    """Linux capabilities to add, such as ``IPC_LOCK``."""
    privileged: bool = False
    """Whether the device works only in a privileged container."""

    @property
    def is_rdma(self) -> bool:
        """Whether peers' memory is reached without the CPU, as disaggregation and wide EP need."""
        return self.transport in {Transport.EFA, Transport.INFINIBAND, Transport.ROCE, Transport.GPUDIRECT_TCPXO}
