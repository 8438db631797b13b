"""The embedded cluster on this machine.

Takes the kubeconfig of a control plane that runs already and derives the facts of its simulated
nodes. It does not start the control plane: ``make up`` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from ...contracts.api_groups import KEDA, MONITORING
from ...contracts.arguments import checked_arguments
from ...contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from ...contracts.devices import DevicePart
from ...contracts.pools import DriverOwner, NodePool
from ...contracts.versions import KUBERNETES_EMBEDDED
from ...planner.shapes import pool_facts
from ..cluster import Cluster, ClusterArgs

EMBEDDED_APIS = (KEDA, MONITORING)
"""API groups whose definitions an embedded control plane is given at its start, unless its target says ``bare``."""
PROVIDED: Mapping[DriverOwner, Sequence[DevicePart]] = {
    DriverOwner.NODE_IMAGE: (DevicePart.DRIVER, DevicePart.TOOLKIT, DevicePart.MIG_LAYOUT)
}
"""What simulated GPU nodes come with, by the owner of their driver: the same as a cloud's image for GPUs, cut as the
pool says."""
HOST_PATH = "kubernetes.io/host-path"
"""Provisioner inside the controller manager, which makes volumes where no CSI driver runs."""
# Bandwidth of shared file storage as clouds sell it for models: FSx for Lustre, 1.25 GB/s for 10 TiB at 125 MB/s/TiB.
SHARED_STORAGE_BANDWIDTH = 1.25e9


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class LocalClusterArgs:
    """The embedded control plane and the nodes that it simulates.

    Attributes:
        control_plane: Name of the control plane.
        kubeconfig: Path of its kubeconfig.
        pools: Its node pools.
        apis: API groups that are installed beyond ``EMBEDDED_APIS``.
        bare: Whether ``EMBEDDED_APIS`` are not.
    """

    control_plane: str
    kubeconfig: str
    pools: Sequence[NodePool]
    apis: Sequence[str] = ()
    bare: bool = False


def local_facts(
    control_plane: str, pools: Sequence[NodePool], apis: Sequence[str] = (), *, bare: bool = False
) -> ClusterFacts:
    """The facts of an embedded cluster with these pools, and with API groups beyond ``EMBEDDED_APIS``, or without."""
    return ClusterFacts(
        name=control_plane,
        environment="local",
        kubernetes_version=KUBERNETES_EMBEDDED,
        pools=tuple(pool_facts(pool, provided=PROVIDED) for pool in pools),
        apis=(*(() if bare else EMBEDDED_APIS), *apis),
        storage=StorageFacts(
            read_write_once=_volume_class("strata-block"), read_write_many=_volume_class("strata-shared")
        ),
    )


def _volume_class(name: str) -> VolumeClass:
    return VolumeClass(name=name, provisioner=HOST_PATH, read_bytes_per_second=SHARED_STORAGE_BANDWIDTH, managed=True)


def local_cluster(name: str, args: LocalClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The embedded cluster as a component."""
    facts = local_facts(args.control_plane, args.pools, args.apis, bare=args.bare)
    return Cluster(name, ClusterArgs(kubeconfig=args.kubeconfig, facts=facts), opts)
