"""A GKE cluster as a program asks for it.

Owns the arguments and how they relate to the settings of a stack: ``of`` makes arguments of settings, and
``settings`` makes settings of arguments, by which facts and rules see every cluster the same way. Ids of
existing things are inputs, so that they may be outputs of other resources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ...contracts.api_access import ApiAccess
from ...contracts.arguments import checked_arguments
from ...contracts.maintenance import Maintenance
from ...contracts.names import ObjectName
from ...contracts.pools import NodePool
from ...networks.gcp.args import ExistingGcpVpc, NewGcpVpc, vpc_of, vpc_settings
from ...networks.inputs import text_or
from ..arguments import checked
from .settings import (
    ApiEndpoint,
    ControlPlaneLog,
    FilestoreStorage,
    GkeTarget,
    GpuNetworks,
    ManagedZones,
    Member,
    ReleaseChannel,
    SecretManager,
    SharedStorage,
    Support,
)

_ACCOUNT = "not-known-yet@not-known-yet.iam.gserviceaccount.com"

NAMES: Mapping[str, str] = {"network.zones": "zones", "network.pods_per_node": "max_pods_per_node"}
"""Name of an argument by the path of its setting, where they differ."""


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class GkeClusterArgs:
    """A GKE cluster, Standard mode.

    Attributes:
        project: Id of its project; that of the provider where the caller gives one.
        region: Region, such as ``us-central1``.
        zones: Zones of nodes, such as ``us-central1-a``.
        kubernetes_version: Minor version, such as ``1.34``, of which GKE takes the newest patch, or a full one.
        network: Its VPC.
        api_access: From where the API server can be reached.
        pools: Its node pools.
        name: Name of the cluster; the component's where left out.
        control_plane_logs: Which logs of the control plane are kept.
        release_channel: Which versions GKE upgrades the cluster to, and when.
        support: How long GKE supports its version.
        api_endpoint: Whether the API server is reached by an address or by a name.
        control_plane_cidr: A /28 for the control plane's address in the VPC; one of the nodes' where left out.
        admins: Who gets full rights besides those who may create clusters, as IAM spells it, such as
            ``group:platform@example.com``, by a name that stays.
        adopt_cluster: Whether the cluster of that name exists and stays as it is; only node pools are made.
        node_service_account: Email of the nodes' service account; made where left out.
        kms_key: Path of the key that encrypts Kubernetes' secrets once more.
        gpu_networks: How the network cards of GPUs become networks of pods.
        gpu_cidr: Range of the networks of GPU cards.
        max_pods_per_node: Pods of a node; cannot be changed afterwards.
        maintenance: When GKE may upgrade the cluster by itself.
        shared_storage: The file system that all nodes share.
        dns: Managed zones in which names of Services are written.
        secrets: Secrets that pods may ask for.
        apis: API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com``.
        protect: Whether cluster and shared storage refuse to be deleted.
        labels: Labels of everything that is made and takes some, besides those that name the cluster and the stack.
    """

    project: str
    region: str
    zones: Sequence[str]
    kubernetes_version: str
    network: NewGcpVpc | ExistingGcpVpc
    api_access: ApiAccess
    pools: Sequence[NodePool]
    name: ObjectName | None = None
    release_channel: ReleaseChannel = ReleaseChannel.REGULAR
    support: Support = Support.STANDARD
    control_plane_logs: Sequence[ControlPlaneLog] = tuple(ControlPlaneLog)
    api_endpoint: ApiEndpoint = ApiEndpoint.IP
    control_plane_cidr: str | None = None
    admins: Mapping[str, pulumi.Input[Member]] = field(default_factory=dict[str, pulumi.Input[Member]])
    adopt_cluster: bool = False
    node_service_account: pulumi.Input[str] | None = None
    kms_key: pulumi.Input[str] | None = None
    gpu_networks: GpuNetworks = GpuNetworks.MULTI_NETWORK
    gpu_cidr: str = "192.168.0.0/16"
    max_pods_per_node: int = 110
    maintenance: Maintenance = field(default_factory=Maintenance)
    shared_storage: SharedStorage = field(default_factory=FilestoreStorage)
    dns: ManagedZones | None = None
    secrets: SecretManager | None = None
    apis: Sequence[str] = ()
    protect: bool = False
    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])

    @property
    def network_project(self) -> str:
        """Project of the network, another one than the cluster's in a Shared VPC."""
        network = self.network
        return network.project or self.project if isinstance(network, ExistingGcpVpc) else self.project

    @classmethod
    def of(cls, target: GkeTarget, pools: Sequence[NodePool]) -> GkeClusterArgs:
        """The cluster of a stack's settings."""
        return cls(
            project=target.project,
            region=target.region,
            zones=target.zones,
            kubernetes_version=target.kubernetes_version,
            network=vpc_of(target.network),
            api_access=target.api_access,
            pools=pools,
            name=target.name,
            release_channel=target.release_channel,
            support=target.support,
            control_plane_logs=target.control_plane_logs,
            api_endpoint=target.api_endpoint,
            control_plane_cidr=target.control_plane_cidr,
            # Names that never change: grants of stacks that are up are called so.
            admins={str(index): member for index, member in enumerate(target.admins)},
            adopt_cluster=target.adopt_cluster,
            node_service_account=target.node_service_account,
            kms_key=target.kms_key,
            gpu_networks=target.gpu_networks,
            gpu_cidr=target.gpu_cidr,
            max_pods_per_node=target.max_pods_per_node,
            maintenance=target.maintenance,
            shared_storage=target.shared_storage,
            dns=target.dns,
            secrets=target.secrets,
            apis=target.apis,
            protect=target.protect,
            labels=target.labels,
        )

    def settings(self, component: str) -> GkeTarget:
        """The cluster as settings; stand-ins take the place of ids that are not known yet.

        Args:
            component: Name of the component.

        Raises:
            StrataError: for every argument that does not have the form that settings have.
        """
        return checked(lambda: self._settings(component))

    def _settings(self, component: str) -> GkeTarget:
        path = f"projects/not-known/locations/{self.region}/keyRings/not-known/cryptoKeys/not-known"
        return GkeTarget(
            kind="gke",
            name=self.name or component,
            project=self.project,
            region=self.region,
            kubernetes_version=self.kubernetes_version,
            release_channel=self.release_channel,
            support=self.support,
            control_plane_logs=tuple(self.control_plane_logs),
            network=checked(lambda: vpc_settings(self.network, self.zones, self.max_pods_per_node), "network", NAMES),
            api_access=self.api_access,
            api_endpoint=self.api_endpoint,
            control_plane_cidr=self.control_plane_cidr,
            admins=tuple(
                text_or(member, f"user:admin-{index}@not-known.example")
                for index, member in enumerate(self.admins.values())
            ),
            adopt_cluster=self.adopt_cluster,
            node_service_account=text_or(self.node_service_account, _ACCOUNT),
            kms_key=text_or(self.kms_key, path),
            gpu_networks=self.gpu_networks,
            gpu_cidr=self.gpu_cidr,
            maintenance=self.maintenance,
            shared_storage=self.shared_storage,
            dns=self.dns,
            secrets=self.secrets,
            apis=tuple(self.apis),
            protect=self.protect,
            labels={key: text_or(value, "known-later") or "" for key, value in self.labels.items()},
        )
