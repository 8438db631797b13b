"""Any cluster that exists already, by its kubeconfig.

Its pools and storage classes are described, not created; everything above works as on a cluster
of our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from ...contracts.arguments import checked, checked_arguments
from ...contracts.cluster_facts import ClusterFacts, StorageFacts, VolumeClass
from ...contracts.devices import DevicePart
from ...contracts.dns import NameServer
from ...contracts.names import ExistingName, ObjectName
from ...contracts.pools import DriverOwner, NodePool
from ...contracts.versions import KUBERNETES_OLDEST
from ...planner.shapes import pool_facts
from ..arguments import refuse
from ..cluster import Cluster, ClusterArgs
from ..rules.pool_list import pool_list_problems
from .drivers import ASSUMED_READ
from .rules import version_problems
from .settings import KubernetesVersion

_DRIVER_AND_TOOLKIT = (DevicePart.DRIVER, DevicePart.TOOLKIT)
PROVIDED: Mapping[DriverOwner, Sequence[DevicePart]] = {
    DriverOwner.NODE_IMAGE: _DRIVER_AND_TOOLKIT,
    DriverOwner.PLATFORM: _DRIVER_AND_TOOLKIT,
}
"""What GPU nodes are taken to come with, by the owner of their driver, where nobody advertises their GPUs."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ExistingClusterArgs:
    """A cluster that others made.

    Attributes:
        cluster: Name for it in Strata.
        kubeconfig: Path of a kubeconfig, or its content.
        pools: Its node pools; their nodes carry the labels and taints that each pool states.
        storage: Its storage classes, or the name of one whose volumes many nodes can mount.
        context: Context in the kubeconfig; None takes the current one.
        kubernetes_version: Its version, such as ``1.34.2``; the oldest that works where left out.
        driver_owner: Who installed the NVIDIA driver.
        apis: API groups that are installed beside Kubernetes' own, such as ``keda.sh``.
        dns: Name server in whose zones names of Services are written.
    """

    cluster: ObjectName
    kubeconfig: pulumi.Input[str]
    pools: Sequence[NodePool]
    storage: StorageFacts | ExistingName
    context: str | None = None
    kubernetes_version: KubernetesVersion = KUBERNETES_OLDEST
    driver_owner: DriverOwner = DriverOwner.NODE_IMAGE
    apis: Sequence[str] = ()
    dns: NameServer | None = None


class ExistingCluster(Cluster):
    """A cluster that others made, ready for everything that takes a ``Cluster``."""

    @checked
    def __init__(  # noqa: PLR0913 - named arguments, most of them with a default
        self,
        name: ObjectName,
        *,
        kubeconfig: pulumi.Input[str],
        pools: Sequence[NodePool],
        storage: StorageFacts | ExistingName,
        kubernetes_version: KubernetesVersion = KUBERNETES_OLDEST,
        context: str | None = None,
        driver_owner: DriverOwner = DriverOwner.NODE_IMAGE,
        apis: Sequence[str] = (),
        dns: NameServer | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Describe the cluster.

        Args:
            name: Name of the component, and of the cluster in Strata.
            kubeconfig: Path of a kubeconfig, or its content.
            pools: Its node pools; their nodes carry the labels and taints that each pool states.
            storage: Its storage classes, or the name of one whose volumes many nodes can mount.
            kubernetes_version: Its version, such as ``1.34.2``; the oldest that works where left out.
            context: Context in the kubeconfig; None takes the current one.
            driver_owner: Who installed the NVIDIA driver.
            apis: API groups that are installed beside Kubernetes' own, such as ``keda.sh``.
            dns: Name server in whose zones names of Services are written.
            opts: Options of the component.

        Raises:
            StrataError: An argument is wrong; every problem at once.
        """
        args = ExistingClusterArgs(
            cluster=name,
            kubeconfig=kubeconfig,
            pools=pools,
            storage=storage,
            context=context,
            kubernetes_version=kubernetes_version,
            driver_owner=driver_owner,
            apis=apis,
            dns=dns,
        )
        refuse(
            [
                *version_problems(kubernetes_version),
                *pool_list_problems(args.pools),
            ]
        )
        super().__init__(name, _cluster_args(args), opts)


def existing_facts(args: ExistingClusterArgs) -> ClusterFacts:
    """The facts of the described cluster.

    Raises:
        StrataError: A pool's machine type is unknown or does not suit its kind.
    """
    storage = args.storage
    return ClusterFacts(
        name=args.cluster,
        environment="existing",
        kubernetes_version=args.kubernetes_version,
        pools=tuple(pool_facts(pool, args.driver_owner, PROVIDED) for pool in args.pools),
        storage=storage if isinstance(storage, StorageFacts) else existing_storage(storage),
        apis=tuple(args.apis),
        dns=args.dns.facts if args.dns else None,
        existed=True,
    )


def existing_storage(name: str) -> StorageFacts:
    """Storage of a cluster of which one class is known, whose volumes many nodes can mount."""
    known = VolumeClass(name=name, read_bytes_per_second=float(ASSUMED_READ))
    return StorageFacts(read_write_once=known, read_write_many=known)


def existing_cluster(name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component."""
    return Cluster(name, _cluster_args(args), opts)


def _cluster_args(args: ExistingClusterArgs) -> ClusterArgs:
    return ClusterArgs(kubeconfig=args.kubeconfig, context=args.context, facts=existing_facts(args))
