"""The nodes of a simulated cluster of one's own hosts: one for each member."""

from __future__ import annotations

from collections.abc import Sequence

from components.contracts.pools import Taint, TaintEffect
from components.planner.catalogs.instances import instance

from ....control_plane.machines import Machine
from .record import Cluster, Here

_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"


def show_node(place: Here, cluster: Cluster, taints: Sequence[Taint] | None) -> None:
    """Make the host's node, as its kubelet registers it.

    Args:
        place: The host.
        cluster: The cluster that it has joined.
        taints: Taints of the registration; None takes kubeadm's own.
    """
    member = cluster.members[place.host.name]
    own = (Taint(key=_CONTROL_PLANE, effect=TaintEffect.NO_SCHEDULE),) if member.control_plane else ()
    machine = instance(place.host.machine)
    place.managed(cluster).set_machines(
        place.host.name,
        [
            Machine(
                name=place.host.name,
                instance_type=machine.name,
                zone="",
                region="",
                labels={_CONTROL_PLANE: ""} if member.control_plane else {},
                taints=own if taints is None else tuple(taints),
                has_driver=place.host.has_driver and bool(machine.gpus),
                # Nobody who installs a driver by hand is told of NVIDIA's container toolkit.
                has_toolkit=False,
                pods=cluster.kubelets.max_pods,
                reserved=cluster.kubelets.reserved,
                kubernetes_version=member.kubelet,
            )
        ],
    )


def remove_node(place: Here, cluster: Cluster) -> None:
    """Take the host's node away."""
    place.managed(cluster).set_machines(place.host.name, [])
