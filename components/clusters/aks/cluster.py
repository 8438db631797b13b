"""An AKS cluster from network to node pools, in the order in which money begins to flow.

Network and control plane come first, then the GPUs, which may not be there to be had, and only then
what would idle expensively without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import kubernetesconfiguration, resources

from ...contracts.capacity import Reservation
from ...contracts.pools import NodePool
from ...networks.azure.vnet import Vnet, VnetArgs
from ..cluster import Cluster, ClusterArgs, VolumeSource
from .control_plane import AksControlPlane, ControlPlaneArgs
from .facts import aks_facts
from .kubeconfig import kubeconfig
from .node_pool import AksNodePool, NodePoolArgs
from .settings import AksTarget
from .shared_files import AksSharedFiles, SharedFilesArgs


@dataclass(frozen=True, kw_only=True)
class AksClusterArgs:
    """An AKS cluster.

    Attributes:
        target: The cluster as users write it.
        pools: Its node pools.
    """

    target: AksTarget
    pools: Sequence[NodePool]


def aks_cluster(name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component, with all that it stands on."""
    return AksCluster(name, args, opts).cluster


class AksCluster(pulumi.ComponentResource):
    """An AKS cluster.

    Attributes:
        cluster: What every room above works with.
    """

    cluster: Cluster

    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:AksCluster", name, None, opts)
        target = args.target
        account = azure.Provider(
            f"{name}-azure",
            subscription_id=target.subscription,
            location=target.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = pulumi.ResourceOptions(parent=self, providers=[account])
        group = _resource_group(name, target, inside)
        vnet = Vnet(name, VnetArgs(resource_group=group, settings=target.network), inside)
        control_plane = AksControlPlane(
            name,
            ControlPlaneArgs(
                target=target,
                resource_group=group,
                vnet=vnet,
                reservations=sorted({p.capacity.id for p in args.pools if isinstance(p.capacity, Reservation)}),
            ),
            inside,
        )
        pools = _Pools(name, args, group, vnet, control_plane, inside)
        gpus = pools.of_kind("gpu", after=vnet.routed)
        others = pools.of_kind("cpu", after=[*vnet.routed, *gpus])
        local = _local_volumes(name, target, group, control_plane, after=others or gpus, opts=inside)
        files = AksSharedFiles(
            f"{name}-shared", SharedFilesArgs(target=target, resource_group=group, vnet=vnet, after=gpus), inside
        )
        facts = aks_facts(target, args.pools)
        self.cluster = Cluster(
            target.name,
            ClusterArgs(
                kubeconfig=kubeconfig(target.name, control_plane.handed_out),
                facts=facts,
                volume_sources={
                    facts.storage.read_write_many.name: VolumeSource(parameters=files.parameters, volume=files.volume)
                },
                attachment={"kind": "azure", "virtual_network": vnet.id},
                ready=[*control_plane.accessible, *gpus, *others, *local, *files.reachable],
            ),
            inside,
        )
        self.register_outputs({})


def _resource_group(name: str, target: AksTarget, opts: pulumi.ResourceOptions) -> pulumi.Input[str]:
    if target.adopt_resource_group or target.adopt_cluster:
        return target.resource_group
    made = resources.ResourceGroup(
        name,
        resource_group_name=target.resource_group,
        tags={"strata.dev-cluster": target.name, "strata.dev-stack": pulumi.get_stack()},
        opts=opts,
    )
    return made.name


def _local_volumes(
    name: str,
    target: AksTarget,
    group: pulumi.Input[str],
    control_plane: AksControlPlane,
    after: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Azure Container Storage, which makes volumes of the nodes' NVMe disks."""
    if not target.local_volumes or target.adopt_cluster:
        return []
    extension = kubernetesconfiguration.Extension(
        f"{name}-local-volumes",
        # The Azure CLI finds it by this name only.
        extension_name="acstor",
        extension_type="microsoft.azurecontainerstoragev2",
        resource_group_name=group,
        cluster_rp="Microsoft.ContainerService",
        cluster_resource_name="managedClusters",
        cluster_name=control_plane.cluster_name,
        configuration_settings={"enable-azure-container-storage": "true"},
        auto_upgrade_minor_version=False,
        release_train="stable",
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(after))),
    )
    return [extension]


class _Pools:
    """The node pools of one cluster."""

    def __init__(
        self,
        name: str,
        args: AksClusterArgs,
        group: pulumi.Input[str],
        vnet: Vnet,
        control_plane: AksControlPlane,
        inside: pulumi.ResourceOptions,
    ) -> None:
        self._name, self._args, self._group = name, args, group
        self._vnet, self._control_plane, self._inside = vnet, control_plane, inside

    def of_kind(self, kind: str, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """Make the pools of that kind."""
        return [
            AksNodePool(
                f"{self._name}-{pool.name}",
                NodePoolArgs(
                    target=self._args.target,
                    pool=pool,
                    resource_group=self._group,
                    cluster_name=self._control_plane.cluster_name,
                    version=self._control_plane.version,
                    vnet=self._vnet,
                    after=after,
                ),
                self._inside,
            ).pool
            for pool in self._args.pools
            if pool.kind == kind
        ]
