"""An AKS cluster from network to node pools, in the order in which money begins to flow.

Network and control plane come first, then the GPUs, which may not be available, and only then
what would idle expensively without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pulumi
import pulumi_azure_native as azure
from pulumi_azure_native import kubernetesconfiguration, resources

from ...contracts.arguments import checked
from ...contracts.capacity import Reservation
from ...contracts.service_accounts import EXTERNAL_DNS, EXTERNAL_SECRETS, AccountName
from ...networks.azure.vnet import Vnet, VnetArgs
from ..arguments import refuse
from ..cluster import Cluster, ClusterArgs, VolumeSource
from ..rules.pool_list import pool_list_problems
from .args import NAMES, AksClusterArgs
from .control_plane import AksControlPlane, ControlPlaneArgs
from .dns import dns_roles
from .facts import aks_facts
from .kubeconfig import kubeconfig
from .lustre_driver import AksLustreDriver, LustreDriverArgs
from .node_pool import AksNodePool, NodePoolArgs
from .pod_identity import PodIdentity, PodIdentityArgs, pod_identity
from .roles import Role
from .rules import aks_problems
from .secret_store import secret_roles
from .settings import AksTarget, LustreStorage
from .shared_files import AksSharedFiles, SharedFilesArgs, account_name


def aks_cluster(name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component, with everything that it needs."""
    return AksCluster(name, args, opts).cluster


class AksCluster(pulumi.ComponentResource):
    """An AKS cluster.

    Its resources go to the Azure provider that the caller gives in ``opts``, or to one of its own.

    Attributes:
        cluster: What workloads are declared on, such as by ``ServedModels``.
    """

    cluster: Cluster

    @checked
    def __init__(self, name: str, args: AksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        target = args.settings(name)
        refuse(
            [*pool_list_problems(args.pools), *aks_problems(target, args.pools, datetime.now(UTC))], args.admins, NAMES
        )
        super().__init__("strata:clusters:AksCluster", name, None, opts)
        account, tags = self._account(name, target.name, args)
        inside = pulumi.ResourceOptions(parent=self, providers=account)
        args = replace(args, tags=tags)
        group = _resource_group(name, target.name, args, inside)
        lustre_zone = args.shared_storage.zone if isinstance(args.shared_storage, LustreStorage) else None
        vnet_args = VnetArgs(resource_group=group, network=args.network, lustre_zone=lustre_zone, tags=tags)
        vnet = Vnet(name, vnet_args, inside)
        control_plane = AksControlPlane(
            name,
            ControlPlaneArgs(
                name=target.name,
                cluster=args,
                resource_group=group,
                vnet=vnet,
                reservations=sorted({p.capacity.id for p in args.pools if isinstance(p.capacity, Reservation)}),
            ),
            inside,
        )
        pools = _Pools(name, args, group, vnet, control_plane, inside)
        gpus = pools.of_kind("gpu", after=vnet.routed)
        others = pools.of_kind("cpu", after=[*vnet.routed, *gpus])
        with_nodes = pulumi.ResourceOptions(parent=self, providers=account, depends_on=others or gpus)
        local = _local_volumes(name, args, group, control_plane, with_nodes)
        files = AksSharedFiles(f"{name}-shared", _files(target, args, group, vnet, gpus), inside)
        identities = _identities(name, args, group, control_plane, inside)
        roles = [made for identity in identities.values() for made in identity.ready]
        ready = [*control_plane.accessible, *gpus, *others, *local, *files.reachable, *roles]
        self.cluster = Cluster(
            name,
            replace(
                _cluster_args(target, args, vnet, control_plane, files, ready),
                account_annotations={account: identity.annotations for account, identity in identities.items()},
            ),
            inside,
        )
        if isinstance(args.shared_storage, LustreStorage) and not args.shared_storage.has_driver:
            self.cluster.controllers = _lustre_driver(f"{name}-lustre-driver", args, self.cluster, self).installed
        self.register_outputs({})

    def _account(
        self, name: str, cluster: str, args: AksClusterArgs
    ) -> tuple[list[pulumi.ProviderResource], Mapping[str, pulumi.Input[str]]]:
        """A provider of its own where the caller gives none, and the tags that children carry."""
        if self.get_provider("azure-native:containerservice:ManagedCluster"):
            return [], {**_marks(cluster), **args.tags}
        account = azure.Provider(
            f"{name}-azure",
            subscription_id=args.subscription,
            location=args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return [account], args.tags


def _marks(cluster: str) -> Mapping[str, str]:
    """Tags by which everything that belongs to a cluster is found; Azure takes no slash in their names."""
    return {"strata.dev-cluster": cluster, "strata.dev-stack": pulumi.get_stack()}


def _resource_group(name: str, cluster: str, args: AksClusterArgs, opts: pulumi.ResourceOptions) -> pulumi.Input[str]:
    if args.adopt_resource_group or args.adopt_cluster:
        return args.resource_group
    made = resources.ResourceGroup(
        name, resource_group_name=args.resource_group, tags={**_marks(cluster), **args.tags}, opts=opts
    )
    return made.name


def _local_volumes(
    name: str,
    args: AksClusterArgs,
    group: pulumi.Input[str],
    control_plane: AksControlPlane,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Azure Container Storage, which makes volumes of the nodes' NVMe disks."""
    if not args.local_volumes or args.adopt_cluster:
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
        opts=opts,
    )
    return [extension]


def _identities(
    name: str,
    args: AksClusterArgs,
    group: pulumi.Input[str],
    control_plane: AksControlPlane,
    opts: pulumi.ResourceOptions,
) -> Mapping[str, PodIdentity]:
    """Identities of the services that need one, by name of their service account."""
    wanted: dict[str, tuple[AccountName, Mapping[str, tuple[Role, str]]]] = {}
    if args.dns:
        wanted["dns"] = EXTERNAL_DNS, dns_roles(args.dns, args.subscription)
    if args.secrets:
        wanted["secrets"] = EXTERNAL_SECRETS, secret_roles(args.secrets, args.subscription)
    return {
        account.name: pod_identity(
            f"{name}-{label}",
            PodIdentityArgs(
                subscription=args.subscription,
                resource_group=group,
                issuer=control_plane.issuer,
                account=account,
                roles=roles,
                tags=args.tags,
            ),
            opts,
        )
        for label, (account, roles) in wanted.items()
    }


def _lustre_driver(name: str, args: AksClusterArgs, cluster: Cluster, parent: pulumi.Resource) -> AksLustreDriver:
    wanted = LustreDriverArgs(
        pools=cluster.facts.pools, image_mirror=args.image_mirror, image_digests=args.image_digests
    )
    return AksLustreDriver(name, wanted, pulumi.ResourceOptions(parent=parent, providers=[cluster.provider]))


def _files(
    target: AksTarget,
    args: AksClusterArgs,
    group: pulumi.Input[str],
    vnet: Vnet,
    after: Sequence[pulumi.Resource],
) -> SharedFilesArgs:
    return SharedFilesArgs(
        storage=args.shared_storage,
        cluster=target.name,
        account=account_name(target.name, args.subscription, target.resource_group),
        resource_group=group,
        vnet_id=vnet.id,
        endpoints=vnet.endpoints,
        lustre=vnet.lustre,
        protect=args.protect,
        after=after,
        tags=args.tags,
    )


def _cluster_args(
    target: AksTarget,
    args: AksClusterArgs,
    vnet: Vnet,
    control_plane: AksControlPlane,
    files: AksSharedFiles,
    ready: Sequence[pulumi.Resource],
) -> ClusterArgs:
    facts = aks_facts(target, args.pools)
    return ClusterArgs(
        kubeconfig=kubeconfig(target.name, control_plane.user_kubeconfig),
        facts=facts,
        volume_sources={
            facts.storage.read_write_many.name: VolumeSource(parameters=files.parameters, volume=files.volume)
        },
        attachment={"kind": "azure", "virtual_network": vnet.id},
        ready=ready,
    )


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
                    pool=pool,
                    resource_group=self._group,
                    cluster_name=self._control_plane.cluster_name,
                    version=self._control_plane.version,
                    subnets=self._vnet.private_subnets,
                    os_disk=self._args.os_disk,
                    after=after,
                    tags=self._args.tags,
                ),
                self._inside,
            ).pool
            for pool in self._args.pools
            if pool.kind == kind
        ]
