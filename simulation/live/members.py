"""Which nodes of a cluster are live, and what each reports.

Owns the choice and the node object, which is the simulated node's own: the same name, labels, taints and size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.contracts.errors import StrataError
from components.contracts.pools import NodePool
from components.contracts.quantities import ByteSize, CpuAmount
from components.planner.catalogs.described import machine_of
from components.planner.catalogs.gpus import gpu

from ..control_plane.api import Json
from ..control_plane.gpu_labels import CUDA_VERSION, DRIVER_VERSION
from ..control_plane.hardware import EFA
from ..control_plane.nodes import DIGEST_ANNOTATION, MANAGED_LABEL, Node, nodes_of
from .addresses import MOST_NODES, node_address, pod_range
from .devices.facts import NodeGpus

LIVE_LABEL = "simulation.strata.dev/live"
"""On every live node."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One live node.

    Attributes:
        place: Which of the live nodes it is, from 0; the first carries Services for the host.
        node: The simulated node whose place it takes.
        gpus: Its GPUs of NVIDIA, which are not there; None where its machine has none.
    """

    place: int
    node: Node
    gpus: NodeGpus | None = None

    @property
    def name(self) -> str:
        """Name of the node."""
        return self.node.name

    @property
    def address(self) -> str:
        """Its address."""
        return node_address(self.place)

    @property
    def pod_range(self) -> str:
        """Addresses of its pods."""
        return pod_range(self.place)

    @property
    def cpus(self) -> int:
        """Logical CPUs that it reports."""
        return max(1, int(CpuAmount(self.node.capacity["cpu"])) // 1000)

    @property
    def memory_kib(self) -> int:
        """Memory that it reports."""
        return int(ByteSize(self.node.capacity["memory"])) // 1024

    @property
    def network_devices(self) -> Mapping[str, int]:
        """Network devices that are not there, by the resource under which a plugin offers them."""
        inventory = self.node.inventory
        return {EFA: inventory.efa} if inventory and inventory.efa else {}

    def body(self) -> Json:
        """The node object as whoever makes the machine would write it; the kubelet adds its status."""
        labels = {key: value for key, value in self.node.labels.items() if key != MANAGED_LABEL}
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self.name,
                "labels": {**labels, LIVE_LABEL: "true"},
                "annotations": {DIGEST_ANNOTATION: self.node.digest},
            },
            "spec": {"taints": self.node.taint_objects(), "providerID": f"live://{self.name}"},
        }

    def status_body(self) -> Json:
        """Its address, which others want to know before the kubelet reports it."""
        addresses = [{"type": "InternalIP", "address": self.address}, {"type": "Hostname", "address": self.name}]
        metadata = {"name": self.name}
        return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": {"addresses": addresses}}


def members_of(pools: Sequence[NodePool], counts: Mapping[str, int]) -> tuple[Member, ...]:
    """The live nodes.

    Args:
        pools: All pools of the cluster.
        counts: How many nodes are live, by the name of the pool that they stand for.

    Raises:
        StrataError: when no pool has that name, or when there are too many nodes for one machine.
    """
    known = {pool.name: pool for pool in pools}
    members: list[Member] = []
    for name, count in counts.items():
        if name not in known:
            raise StrataError.of(
                "target.live_pools",
                cause=f"there is no node pool {name!r}",
                consequence="nobody can say what its nodes look like",
                fix=f"name one of: {', '.join(known)}",
            )
        pool = known[name].model_copy(update={"count": count})
        for node in nodes_of([pool]):
            members.append(Member(place=len(members), node=node, gpus=_gpus(pool, node)))
    if len(members) > MOST_NODES:
        raise StrataError.of(
            "NODES",
            cause=f"{len(members)} live nodes",
            consequence=f"their network has addresses for {MOST_NODES}",
            fix="ask for fewer",
        )
    return tuple(members)


def _gpus(pool: NodePool, node: Node) -> NodeGpus | None:
    machine = machine_of(pool)
    found = gpu(machine.gpu) if machine.gpu and machine.gpus else None
    if found is None or not found.is_nvidia:
        return None
    return NodeGpus(
        gpu=found,
        count=machine.gpus,
        node=node.name,
        driver=DRIVER_VERSION,
        cuda=CUDA_VERSION,
        memory_share=machine.gpu_fraction,
    )
