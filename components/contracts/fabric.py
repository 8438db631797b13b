"""How pods of one node pool talk to each other's GPUs, and exactly what they need for it.

Owns the typed profile only; ``planner.fabrics`` chooses one by machine, and an environment adds what only it knows.
Never free-form environment variables: a wrong value is silent corruption or a fall-back to TCP at run time.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from .model import Contract
from .quantities import ByteSize
from .sequences import Items
from .serving import Engine, Role

Variables = tuple[tuple[str, str], ...]
"""Name and value of environment variables, or of annotations."""
_Value = TypeVar("_Value")
# Versions before this one read facts in which none of these is set.
_Later = Annotated[_Value, Field(exclude_if=lambda value: not value)]


class Transport(StrEnum):
    """What carries GPU traffic between nodes."""

    NONE = "none"
    """The ordinary network: TCP."""
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


class CardNetwork(Contract):
    """A network that a card of the node is attached to, as an interface of pods."""

    name: str
    """Name of the network's object."""
    interface: str
    """Name of the interface in the pod."""
    resource: str
    """Extended resource by which nodes count it; one for each node."""


class DeviceClaim(Contract):
    """Devices that a driver of dynamic resource allocation hands out."""

    name: str
    """Name of the claim in the pod."""
    device_class: str
    """Their device class."""
    count: Annotated[int, Field(ge=1)]
    """All devices of a node."""


class HostMount(Contract):
    """A folder of the node in a container: what an installer has laid there."""

    name: str
    """Name of the volume."""
    host_path: str
    """Where it is on the node."""
    mount_path: str
    """Where the container sees it."""
    read_only: bool = True
    """Whether the container may only read it."""


class TrafficDaemon(Contract):
    """A container beside the server without which its cards carry nothing."""

    name: str
    """Name of the container."""
    image: str
    """Name of its image in ``contracts.versions.IMAGES``."""
    command: Items[str]
    """Its argv."""
    capabilities: Items[str]
    """Linux capabilities to add."""
    mounts: Items[HostMount]
    """Folders of the node that it sees."""
    environment: Variables = ()
    """Its variables."""


class ExpertBackend(Contract):
    """How an engine sends tokens to experts on other GPUs."""

    engine: Engine
    since: str
    """Oldest version of the engine for which it holds."""
    role: Role
    """What the servers do."""
    backend: str
    """As the engine calls it."""
    overlap: bool = False
    """Whether two half batches take turns, so that one computes while the other travels."""


class PodFabric(Contract):
    """What one pod needs of the fabric, and nothing else."""

    transport: Transport = Transport.NONE
    devices: dict[str, int] = {}
    """Extended resources by name."""
    claims: Items[DeviceClaim] = ()
    annotations: Variables = ()
    """Annotations of the pod by which it gets networks and devices."""
    environment: Variables = ()
    capabilities: Items[str] = ()
    privileged: bool = False
    mounts: Items[HostMount] = ()
    daemon: TrafficDaemon | None = None
    shared_memory: ByteSize | None = None
    """Least size of ``/dev/shm``; None where the engine's own is enough."""
    settings_script: str = ""
    """File of the node that a shell reads before the program starts; empty for none."""
    near: Items[str] = ()
    """Labels of nodes, the widest circle first, within which pods of one server are put together."""
    expert_backends: Items[ExpertBackend] = ()

    @property
    def pod_security(self) -> Literal["restricted", "privileged"]:
        """Profile of Pod Security that its namespace has to allow.

        Source: Kubernetes documentation, Pod Security Standards: "baseline" allows neither folders of the host nor
        IPC_LOCK.
        """
        return "privileged" if self.runs_as_root or self.mounts or self.daemon else "restricted"

    @property
    def runs_as_root(self) -> bool:
        """Whether its container is root: capabilities that are added reach no other user (KEP-2763 is not built)."""
        return self.privileged or bool(self.capabilities)


class FabricProfile(Contract):
    """The fabric of one pool, all that a pod needs to use it."""

    transport: Transport
    resource_name: str | None = None
    """Extended resource of the device plugin, such as ``vpc.amazonaws.com/efa``; None without one."""
    devices_per_node: int = 0
    """Allocatable devices of ``resource_name`` on a node."""
    devices_per_pod: _Later[int | None] = None
    """Devices that every pod takes, where one of them opens all cards; None where pods take their GPUs' share."""
    gbps_per_node: float = 0.0
    """Total bandwidth of the fabric, Gbit/s per node and direction."""
    nixl_backend: NixlBackend | None = None
    environment: Variables = ()
    """Name and value of each variable that NCCL, UCX or libfabric need."""
    inside_environment: _Later[Variables] = ()
    """The same for pods that leave no node, where plugins of the fabric would stand in their way."""
    capabilities: tuple[str, ...] = ()
    """Linux capabilities to add, such as ``IPC_LOCK``."""
    privileged: bool = False
    """Whether the device works only in a privileged container."""
    networks: _Later[Items[CardNetwork]] = ()
    """Networks of the cards that pods are attached to."""
    annotations: _Later[Variables] = ()
    """Annotations by which pods are attached to them, and their daemon gets its devices."""
    claims: _Later[Items[DeviceClaim]] = ()
    """Cards that pods claim."""
    mounts: _Later[Items[HostMount]] = ()
    """Folders of the node that the container sees."""
    daemon: _Later[TrafficDaemon | None] = None
    """The container beside it that carries its traffic."""
    shared_memory: _Later[ByteSize | None] = None
    """Least size of ``/dev/shm``."""
    settings_script: _Later[str] = ""
    """File with the settings of what is installed on the node, read by a shell before the program starts."""
    near: _Later[Items[str]] = ()
    """Labels of nodes, the widest circle first, within which the fabric is fastest."""
    expert_backends: _Later[Items[ExpertBackend]] = ()
    """How engines send tokens to experts over it."""

    @property
    def is_rdma(self) -> bool:
        """Whether peers' memory is reached without the CPU, as disaggregation and wide EP need."""
        return self.transport in {Transport.EFA, Transport.INFINIBAND, Transport.ROCE, Transport.GPUDIRECT_TCPXO}

    @property
    def takes_whole_nodes(self) -> bool:
        """Whether a pod has all cards of its node: each network or claim is there once."""
        return bool(self.networks or self.claims)

    @property
    def node_devices(self) -> dict[str, int]:
        """Extended resources that each node offers for it."""
        named = {self.resource_name: self.devices_per_node} if self.resource_name and self.devices_per_node else {}
        return {**named, **{network.resource: 1 for network in self.networks}}

    def inside_node(self) -> PodFabric:
        """What a pod needs that talks to no other node's GPUs."""
        return PodFabric(environment=self.inside_environment)

    def across_nodes(self, gpus: int, gpus_per_node: int) -> PodFabric:
        """What a pod needs that talks to other nodes' GPUs.

        Args:
            gpus: GPUs of the pod.
            gpus_per_node: GPUs of its node.

        Raises:
            ValueError: It has a part of a node whose cards are handed out together.
        """
        if self.takes_whole_nodes and gpus < gpus_per_node:
            raise ValueError(f"a pod with {gpus} of {gpus_per_node} GPUs would hold all {self.transport.value} cards")
        return PodFabric(
            transport=self.transport,
            devices=self._devices(gpus, gpus_per_node),
            claims=self.claims,
            annotations=self.annotations,
            environment=self.environment,
            capabilities=self.capabilities,
            privileged=self.privileged,
            mounts=self.mounts,
            daemon=self.daemon,
            shared_memory=self.shared_memory,
            settings_script=self.settings_script,
            near=self.near,
            expert_backends=self.expert_backends,
        )

    def _devices(self, gpus: int, gpus_per_node: int) -> dict[str, int]:
        networks = {network.resource: 1 for network in self.networks}
        if not self.resource_name or not self.devices_per_node:
            return networks
        # Of fewer cards than GPUs each pod takes one as long as there are some.
        share = max(1, self.devices_per_node * gpus // gpus_per_node)
        return {self.resource_name: self.devices_per_pod or share, **networks}


INSIDE_NODE = PodFabric()
"""Of a pod that talks to nobody else's GPUs."""
