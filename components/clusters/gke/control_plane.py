"""The control plane of a GKE cluster: encryption, logs, who may reach it, who may do what.

Owns everything that exists before a node does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from ...contracts.api_access import PublicAccess
from ...networks.gcp.vpc import Vpc
from .args import GkeClusterArgs
from .facts import workload_pool
from .maintenance import maintenance_policy
from .roles import granted
from .settings import ApiEndpoint, BucketStorage, ControlPlaneLog, LustreStorage, channel_name

METRICS = ("SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "POD", "DCGM")
"""What Google Cloud Managed Prometheus collects of the cluster itself, in the words of GKE."""
_ADMIN_ROLE = "roles/container.admin"


def _logs(kept: Sequence[ControlPlaneLog]) -> list[str]:
    return ["SYSTEM_COMPONENTS", *(log.value for log in kept), "WORKLOADS"]


@dataclass(frozen=True, kw_only=True)
class ControlPlaneArgs:
    """What the control plane is made of.

    Attributes:
        name: Name of the cluster.
        cluster: The cluster.
        vpc: Its network.
        node_account: Email of the nodes' service account.
        after: What has to exist before.
    """

    name: str
    cluster: GkeClusterArgs
    vpc: Vpc
    node_account: pulumi.Output[str]
    after: Sequence[pulumi.Resource]


class GkeControlPlane(pulumi.ComponentResource):
    """A GKE control plane, made or adopted.

    Attributes:
        cluster: Path of the cluster, known once it runs.
        endpoint: Address of the API server, or its name.
        certificate_authority: Its certificate authority, base64.
        accessible: Resources without which not everybody may log in; depend on them before using the API.
    """

    cluster: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    accessible: list[pulumi.Resource]

    def __init__(self, name: str, args: ControlPlaneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:GkeControlPlane", name, None, opts)
        self._name = name
        self._inside = pulumi.ResourceOptions(parent=self)
        if args.cluster.adopt_cluster:
            self._adopt(args.name, args.cluster)
        else:
            self._create(args)
        self.register_outputs({"endpoint": self.endpoint})

    def _adopt(self, name: str, cluster: GkeClusterArgs) -> None:
        found = gcp.container.get_cluster_output(
            name=name,
            location=cluster.region,
            project=cluster.project,
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        self.cluster = pulumi.Output.from_input(
            f"projects/{cluster.project}/locations/{cluster.region}/clusters/{name}"
        )
        self.endpoint = (
            found.control_plane_endpoints_configs[0].dns_endpoint_configs[0].endpoint
            if cluster.api_endpoint is ApiEndpoint.DNS
            else found.private_cluster_configs[0].private_endpoint
            if not isinstance(cluster.api_access, PublicAccess)
            else found.endpoint
        )
        self.certificate_authority = found.master_auths[0].cluster_ca_certificate
        self.accessible = []

    def _create(self, args: ControlPlaneArgs) -> None:
        wanted = args.cluster
        cluster = gcp.container.Cluster(
            self._name,
            name=args.name,
            location=wanted.region,
            node_locations=wanted.zones,
            min_master_version=wanted.kubernetes_version,
            release_channel=gcp.container.ClusterReleaseChannelArgs(
                channel=channel_name(wanted.release_channel, wanted.support)
            ),
            network=args.vpc.network,
            subnetwork=args.vpc.subnet,
            networking_mode="VPC_NATIVE",
            ip_allocation_policy=gcp.container.ClusterIpAllocationPolicyArgs(
                cluster_secondary_range_name=args.vpc.pod_range, services_secondary_range_name=args.vpc.service_range
            ),
            default_max_pods_per_node=wanted.max_pods_per_node,
            # Neither can be switched on later, and pools with GPU networks need both.
            datapath_provider="ADVANCED_DATAPATH",
            enable_multi_networking=True,
            private_cluster_config=_private_cluster(wanted),
            control_plane_endpoints_config=_endpoints(wanted),
            master_authorized_networks_config=_authorized_networks(wanted),
            workload_identity_config=gcp.container.ClusterWorkloadIdentityConfigArgs(
                workload_pool=workload_pool(wanted.project)
            ),
            database_encryption=gcp.container.ClusterDatabaseEncryptionArgs(
                state="ENCRYPTED" if wanted.kms_key is not None else "DECRYPTED", key_name=wanted.kms_key
            ),
            # Google makes the cluster with a pool in any case; ours take its place.
            remove_default_node_pool=True,
            initial_node_count=1,
            node_config=gcp.container.ClusterNodeConfigArgs(service_account=args.node_account),
            enable_shielded_nodes=True,
            resource_labels=dict(wanted.labels) or None,
            gateway_api_config=gcp.container.ClusterGatewayApiConfigArgs(channel="CHANNEL_STANDARD"),
            cost_management_config=gcp.container.ClusterCostManagementConfigArgs(enabled=True),
            addons_config=_add_ons(wanted),
            logging_config=gcp.container.ClusterLoggingConfigArgs(enable_components=_logs(wanted.control_plane_logs)),
            monitoring_config=gcp.container.ClusterMonitoringConfigArgs(
                enable_components=METRICS,
                managed_prometheus=gcp.container.ClusterMonitoringConfigManagedPrometheusArgs(enabled=True),
            ),
            maintenance_policy=maintenance_policy(wanted.maintenance),
            # On by default, and then no destroy succeeds.
            deletion_protection=wanted.protect,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=wanted.protect,
                # The pool that it describes is gone.
                ignore_changes=["nodeConfig"],
                depends_on=[*args.after, *args.vpc.routed, *self._may_encrypt(args)],
            ),
        )
        called = pulumi.ResourceOptions(parent=self, depends_on=list(args.after))
        self.cluster = cluster.id
        self.endpoint = _endpoint(wanted, cluster)
        self.certificate_authority = cluster.master_auth.cluster_ca_certificate
        self.accessible = [
            grant
            for admin, member in wanted.admins.items()
            for grant in granted(f"{self._name}-admin-{admin}", wanted.project, [_ADMIN_ROLE], member, called)
        ]

    def _may_encrypt(self, args: ControlPlaneArgs) -> list[pulumi.Resource]:
        """GKE's own account uses the key, not the nodes'; it is there once the project's services are on."""
        wanted = args.cluster
        if wanted.kms_key is None:
            return []
        project = gcp.organizations.get_project_output(
            project_id=wanted.project, opts=pulumi.InvokeOutputOptions(parent=self, depends_on=list(args.after))
        )
        return [
            gcp.kms.CryptoKeyIAMMember(
                self._name,
                crypto_key_id=wanted.kms_key,
                role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
                member=project.number.apply(
                    lambda number: f"serviceAccount:service-{number}@container-engine-robot.iam.gserviceaccount.com"
                ),
                opts=self._inside,
            )
        ]


def _private_cluster(cluster: GkeClusterArgs) -> gcp.container.ClusterPrivateClusterConfigArgs:
    return gcp.container.ClusterPrivateClusterConfigArgs(
        enable_private_nodes=True,
        enable_private_endpoint=not isinstance(cluster.api_access, PublicAccess),
        master_ipv4_cidr_block=cluster.control_plane_cidr,
        # Networks that are joined to the VPC in other regions reach the private address too.
        master_global_access_config=gcp.container.ClusterPrivateClusterConfigMasterGlobalAccessConfigArgs(enabled=True),
    )


def _endpoints(cluster: GkeClusterArgs) -> gcp.container.ClusterControlPlaneEndpointsConfigArgs:
    by_name = cluster.api_endpoint is ApiEndpoint.DNS
    return gcp.container.ClusterControlPlaneEndpointsConfigArgs(
        # Off, only Google's own services get in by the name, from wherever a user asks; IAM decides who may enter.
        dns_endpoint_config=gcp.container.ClusterControlPlaneEndpointsConfigDnsEndpointConfigArgs(
            allow_external_traffic=by_name
        ),
        ip_endpoints_config=gcp.container.ClusterControlPlaneEndpointsConfigIpEndpointsConfigArgs(enabled=not by_name),
    )


def _authorized_networks(cluster: GkeClusterArgs) -> gcp.container.ClusterMasterAuthorizedNetworksConfigArgs | None:
    if cluster.api_endpoint is ApiEndpoint.DNS:
        return None
    return gcp.container.ClusterMasterAuthorizedNetworksConfigArgs(
        cidr_blocks=[
            gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(cidr_block=cidr)
            for cidr in cluster.api_access.cidrs
        ],
        # Otherwise every machine of every customer of Google Cloud could knock.
        gcp_public_cidrs_access_enabled=False,
        private_endpoint_enforcement_enabled=True,
    )


def _endpoint(args: GkeClusterArgs, cluster: gcp.container.Cluster) -> pulumi.Output[str]:
    if args.api_endpoint is ApiEndpoint.DNS:
        return cluster.control_plane_endpoints_config.dns_endpoint_config.endpoint.apply(lambda name: name or "")
    if isinstance(args.api_access, PublicAccess):
        return cluster.endpoint
    return cluster.private_cluster_config.private_endpoint.apply(lambda address: address or "")


def _add_ons(cluster: GkeClusterArgs) -> gcp.container.ClusterAddonsConfigArgs:
    storage = cluster.shared_storage
    return gcp.container.ClusterAddonsConfigArgs(
        gce_persistent_disk_csi_driver_config=gcp.container.ClusterAddonsConfigGcePersistentDiskCsiDriverConfigArgs(
            enabled=True
        ),
        gcp_filestore_csi_driver_config=gcp.container.ClusterAddonsConfigGcpFilestoreCsiDriverConfigArgs(enabled=True),
        gcs_fuse_csi_driver_config=gcp.container.ClusterAddonsConfigGcsFuseCsiDriverConfigArgs(
            enabled=isinstance(storage, BucketStorage)
        ),
        lustre_csi_driver_config=gcp.container.ClusterAddonsConfigLustreCsiDriverConfigArgs(
            enabled=isinstance(storage, LustreStorage)
        ),
        # Lookups of names stay on the node; model servers that stream ask for the same ones all the time.
        dns_cache_config=gcp.container.ClusterAddonsConfigDnsCacheConfigArgs(enabled=True),
    )
