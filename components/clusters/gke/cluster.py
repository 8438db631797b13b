"""A GKE cluster from network to node pools, in the order in which money begins to flow.

Network and control plane come first, then the GPUs, which may not be available, and only then
what would idle expensively without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pulumi
import pulumi_gcp as gcp

from ...contracts.arguments import checked
from ...networks.gcp.args import NewGcpVpc
from ...networks.gcp.vpc import Vpc, VpcArgs
from ..arguments import refuse
from ..cluster import Cluster, ClusterArgs, VolumeSource
from ..rules.pool_list import pool_list_problems
from .args import NAMES, GkeClusterArgs
from .control_plane import ControlPlaneArgs, GkeControlPlane
from .dns import DnsArgs, GkeDns
from .fabric_networks import FabricNetworksArgs, GkeFabricNetworks
from .facts import gke_facts
from .kubeconfig import kubeconfig
from .node_pool import GkeNodePool, NodePoolArgs
from .roles import enabled_services, needed_services, node_account
from .rules import gke_problems
from .secret_store import GkeSecretStore, SecretStoreArgs
from .settings import GkeTarget
from .shared_files import GkeSharedFiles, SharedFilesArgs


def gke_cluster(name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> Cluster:
    """The cluster as a component, with everything that it needs."""
    return GkeCluster(name, args, opts).cluster


class GkeCluster(pulumi.ComponentResource):
    """A GKE cluster.

    Its resources go to the Google Cloud provider that the caller gives in ``opts``, or to one of its own.

    Attributes:
        cluster: What workloads are declared on, such as by ``ServedModels``.
    """

    cluster: Cluster

    @checked
    def __init__(self, name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        target = args.settings(name)
        refuse(
            [*pool_list_problems(args.pools), *gke_problems(target, args.pools, datetime.now(UTC))], args.admins, NAMES
        )
        super().__init__("strata:clusters:GkeCluster", name, None, opts)
        account, labels = self._account(name, target.name, args)
        inside = pulumi.ResourceOptions(parent=self, providers=account)
        args = replace(args, labels=labels)
        needed = needed_services(args.shared_storage, args.dns, args.secrets)
        services = enabled_services(name, args.project, needed, inside)
        vpc = Vpc(
            name,
            VpcArgs(project=args.project, region=args.region, network=args.network, after=services, labels=labels),
            inside,
        )
        nodes = pulumi.ResourceOptions(parent=self, providers=account, depends_on=services)
        node_email, node_ready = node_account(name, target.name, args, nodes)
        control_plane = GkeControlPlane(
            name,
            ControlPlaneArgs(
                name=target.name, cluster=args, vpc=vpc, node_account=node_email, after=[*services, *node_ready]
            ),
            inside,
        )
        networks = GkeFabricNetworks(name, _fabric(args, services), inside)
        pools = _Pools(name, args, control_plane, networks, node_email, inside)
        gpus = pools.of_kind("gpu", after=[*services, *vpc.routed, *node_ready])
        others = pools.of_kind("cpu", after=[*services, *vpc.routed, *node_ready, *gpus])
        files = GkeSharedFiles(f"{name}-shared", _files(target.name, args, vpc, [*services, *gpus]), inside)
        ready = [*control_plane.accessible, *gpus, *others, *files.reachable]
        ready += _pod_roles(name, args, [*services, *(others or gpus)], inside)
        self.cluster = Cluster(name, _cluster_args(target, args, vpc, control_plane, files, ready), inside)
        networks.declare_objects(self.cluster.provider)
        self.register_outputs({})

    def _account(
        self, name: str, cluster: str, args: GkeClusterArgs
    ) -> tuple[list[pulumi.ProviderResource], Mapping[str, pulumi.Input[str]]]:
        """A provider of its own where the caller gives none, and the labels that children have to carry themselves."""
        marks = _marks(cluster)
        if self.get_provider("gcp:container/cluster:Cluster"):
            return [], {**marks, **args.labels}
        account = gcp.Provider(
            f"{name}-gcp",
            project=args.project,
            region=args.region,
            default_labels=marks,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return [account], args.labels


def _marks(cluster: str) -> Mapping[str, str]:
    """Labels by which everything that belongs to a cluster is found."""
    return {"strata-cluster": cluster, "strata-stack": _label(pulumi.get_stack())}


def _pod_roles(
    name: str, args: GkeClusterArgs, after: Sequence[pulumi.Resource], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """What service accounts of the cluster may do; identities of the project's pods come with its first cluster."""
    ready: list[pulumi.Resource] = []
    if args.dns:
        ready += GkeDns(f"{name}-dns", DnsArgs(project=args.project, zones=args.dns, after=after), opts).ready
    if args.secrets:
        wanted = SecretStoreArgs(project=args.project, secrets=args.secrets, after=after)
        ready += GkeSecretStore(f"{name}-secrets", wanted, opts).ready
    return ready


def _fabric(args: GkeClusterArgs, after: Sequence[pulumi.Resource]) -> FabricNetworksArgs:
    return FabricNetworksArgs(
        project=args.project,
        region=args.region,
        pools=args.pools,
        mode=args.gpu_networks,
        cidr=args.gpu_cidr,
        after=after,
    )


def _files(cluster: str, args: GkeClusterArgs, vpc: Vpc, after: Sequence[pulumi.Resource]) -> SharedFilesArgs:
    return SharedFilesArgs(
        storage=args.shared_storage,
        cluster=cluster,
        project=args.project,
        region=args.region,
        zone=args.zones[0],
        network=vpc.network,
        network_project=args.network_project,
        owns_network=isinstance(args.network, NewGcpVpc),
        protect=args.protect,
        after=after,
        labels=args.labels,
    )


def _cluster_args(
    target: GkeTarget,
    args: GkeClusterArgs,
    vpc: Vpc,
    control_plane: GkeControlPlane,
    files: GkeSharedFiles,
    ready: Sequence[pulumi.Resource],
) -> ClusterArgs:
    facts = gke_facts(target, args.pools)
    return ClusterArgs(
        kubeconfig=kubeconfig(
            target.name, target.api_endpoint, control_plane.endpoint, control_plane.certificate_authority
        ),
        facts=facts,
        volume_sources={
            facts.storage.read_write_many.name: VolumeSource(parameters=files.parameters, volume=files.volume)
        },
        attachment={"kind": "gcp", "project": args.network_project, "network": vpc.network},
        ready=ready,
    )


class _Pools:
    """The node pools of one cluster, and what they share: a service account and GPU networks."""

    def __init__(
        self,
        name: str,
        args: GkeClusterArgs,
        control_plane: GkeControlPlane,
        networks: GkeFabricNetworks,
        node_email: pulumi.Output[str],
        inside: pulumi.ResourceOptions,
    ) -> None:
        self._name, self._args, self._control_plane = name, args, control_plane
        self._networks, self._node_email, self._inside = networks, node_email, inside

    def of_kind(self, kind: str, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """Make the pools of that kind."""
        return [
            GkeNodePool(
                f"{self._name}-{pool.name}",
                NodePoolArgs(
                    pool=pool,
                    cluster=self._control_plane.cluster,
                    region=self._args.region,
                    node_account=self._node_email,
                    max_pods_per_node=self._args.max_pods_per_node,
                    gpu_networks=self._args.gpu_networks,
                    attachments=self._networks.of_pool(pool),
                    after=after,
                    labels=self._args.labels,
                ),
                self._inside,
            ).group
            for pool in self._args.pools
            if pool.kind == kind
        ]


def _label(text: str) -> str:
    """A value that Google takes as a label: at most 63 of a-z, 0-9, '-' and '_'."""
    return "".join(character if character.isalnum() or character in "-_" else "-" for character in text.lower())[:63]
