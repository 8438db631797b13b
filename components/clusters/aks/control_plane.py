"""The control plane of an AKS cluster: identities, logs, who may reach it, who may do what.

Owns everything that exists before a user's node does, and AKS' own pool, which cannot be apart from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerservice, monitor, operationalinsights, privatedns

from ...contracts.api_access import PublicAccess
from ...contracts.names import joined_name
from ...networks.azure.args import NewVnet
from ...networks.azure.settings import zone_number
from ...networks.azure.vnet import Vnet
from .args import AksClusterArgs
from .images import IMAGE
from .maintenance import node_channel, node_schedule
from .roles import Grant, Identity, Role, grant, managed_identity
from .settings import PrincipalType, Support

# Without kube-audit, which logs every read as well and costs more than the control plane.
_LOGS = ("kube-apiserver", "kube-audit-admin", "kube-controller-manager", "kube-scheduler", "guard")
_LOG_DAYS = 90
SYSTEM_POOL = "system"
"""Name of AKS' own pool."""
MAX_PODS = 110
"""Kubelet's default, on which the planner counts; AKS' own is 250 with an overlay."""
_SYSTEM_DISK_GB = 128


@dataclass(frozen=True, kw_only=True)
class ControlPlaneArgs:
    """What the control plane is made of.

    Attributes:
        name: Name of the cluster.
        cluster: The cluster.
        resource_group: Name of its resource group, known once that exists.
        vnet: Its network.
        reservations: Capacity reservation groups that its pools draw from.
    """

    name: str
    cluster: AksClusterArgs
    resource_group: pulumi.Input[str]
    vnet: Vnet
    reservations: Sequence[str]


class AksControlPlane(pulumi.ComponentResource):
    """An AKS control plane, made or adopted.

    Attributes:
        cluster_name: Name of the cluster, known once it runs.
        version: Its Kubernetes minor version, known once it runs.
        user_kubeconfig: Kubeconfig that AKS answers with, base64; it names the API server and holds no secret.
        issuer: Address of the OIDC issuer, by which service accounts become identities.
        accessible: Resources without which nobody may log in; depend on them before using the API.
    """

    cluster_name: pulumi.Output[str]
    version: pulumi.Output[str]
    user_kubeconfig: pulumi.Output[str]
    issuer: pulumi.Output[str]
    accessible: list[pulumi.Resource]

    def __init__(self, name: str, args: ControlPlaneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:AksControlPlane", name, None, opts)
        self._name = name
        self._args = args
        self._inside = pulumi.ResourceOptions(parent=self)
        self._tags = dict(args.cluster.tags) or None
        if args.cluster.adopt_cluster:
            self._adopt(args.cluster)
        else:
            self._create(args.cluster, args.vnet)
        # Local accounts are off, so what AKS gives to users is an address and a certificate, no credential.
        answer = containerservice.list_managed_cluster_user_credentials_output(
            resource_group_name=args.resource_group,
            resource_name=self.cluster_name,
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=self.accessible),
        )
        self.user_kubeconfig = answer.kubeconfigs[0].value
        self.register_outputs({"issuer": self.issuer})

    def _adopt(self, cluster: AksClusterArgs) -> None:
        found = containerservice.get_managed_cluster_output(
            resource_group_name=self._args.resource_group,
            resource_name=self._args.name,
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        self.cluster_name = found.name
        self.version = found.kubernetes_version.apply(lambda known: known or cluster.kubernetes_version)
        self.issuer = found.oidc_issuer_profile.apply(lambda known: known.issuer_url if known else "")
        self.accessible = []

    def _create(self, cluster: AksClusterArgs, vnet: Vnet) -> None:
        group = self._args.resource_group
        own = managed_identity(
            f"{self._name}-control-plane", group, cluster.cluster_identity, cluster.tags, self._inside
        )
        nodes = managed_identity(f"{self._name}-nodes", group, cluster.node_identity, cluster.tags, self._inside)
        zone, zone_ready = self._private_zone(cluster)
        granted = self._grants(cluster, own, nodes, zone)
        made = containerservice.ManagedCluster(
            self._name,
            resource_name_=self._args.name,
            resource_group_name=group,
            node_resource_group=joined_name(self._args.name, "nodes"),
            dns_prefix=self._args.name,
            kubernetes_version=cluster.kubernetes_version,
            sku=containerservice.ManagedClusterSKUArgs(
                name="Base", tier="Premium" if cluster.support is Support.EXTENDED else "Standard"
            ),
            support_plan=cluster.support.plan,
            identity=containerservice.ManagedClusterIdentityArgs(
                type=containerservice.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[own.id]
            ),
            identity_profile={
                "kubeletidentity": containerservice.UserAssignedIdentityArgs(
                    resource_id=nodes.id, client_id=nodes.client_id, object_id=nodes.principal_id
                )
            },
            # Who made the cluster keeps no hidden rights: Entra's role assignments below are all there is.
            aad_profile=containerservice.ManagedClusterAADProfileArgs(managed=True, enable_azure_rbac=True),
            disable_local_accounts=True,
            enable_rbac=True,
            # Pools of users are resources of their own: Azure refuses new pools here once the cluster exists,
            # and a pool that is taken out here goes on running (pulumi-azure-native issues 1686, 4264).
            agent_pool_profiles=[_system_pool(cluster, vnet)],
            network_profile=_network_profile(cluster, vnet),
            api_server_access_profile=self._api_access(cluster, vnet, zone),
            oidc_issuer_profile=containerservice.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            security_profile=_security_profile(cluster),
            storage_profile=_storage_profile(),
            tags=self._tags,
            # Versions are raised by Pulumi alone; otherwise nodes that serve are replaced at a time of Azure's choice.
            auto_upgrade_profile=containerservice.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel="none", node_os_upgrade_channel=node_channel(cluster.maintenance)
            ),
            # With no way out, system images come through a registry that AKS keeps inside of the network.
            bootstrap_profile=(
                containerservice.ManagedClusterBootstrapProfileArgs(artifact_source="Cache")
                if vnet.outbound_type == "none"
                else None
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=cluster.protect,
                depends_on=[*granted, *zone_ready, *vnet.routed],
                # Azure answers with every pool of the cluster, those made on their own included, and refreshed states
                # hold them all: without this, each node that the autoscaler adds is a change of the cluster
                # (pulumi-azure-native issues 1532, 2059, 2719).
                ignore_changes=["agentPoolProfiles"] if self._system_pool_stays(cluster) else None,
            ),
        )
        self.cluster_name = made.name
        self.version = made.kubernetes_version.apply(lambda known: known or cluster.kubernetes_version)
        self.issuer = made.oidc_issuer_profile.apply(lambda known: known.issuer_url if known else "")
        node_schedule(f"{self._name}-nodes", cluster.maintenance, made.name, group, self._inside)
        self._keep_logs(made)
        self.accessible = self._admit(cluster, made)

    def _system_pool_stays(self, cluster: AksClusterArgs) -> bool:
        """Whether the cluster runs its own pool as it is written; not before the cluster exists."""
        if not isinstance(cluster.resource_group, str):
            return False
        try:
            found = containerservice.get_managed_cluster(
                resource_group_name=cluster.resource_group,
                resource_name=self._args.name,
                opts=pulumi.InvokeOptions(parent=self),
            )
        except Exception as error:  # the SDK has no class of its own for a call that failed
            if "NotFound" in str(error) or "not found" in str(error):
                return False
            raise
        running = next((pool for pool in found.agent_pool_profiles or () if pool.name == SYSTEM_POOL), None)
        wanted = cluster.system_pool
        return (
            running is not None
            and running.count == wanted.count
            and running.vm_size == wanted.instance_type
            and running.orchestrator_version == cluster.kubernetes_version
        )

    def _private_zone(self, cluster: AksClusterArgs) -> tuple[pulumi.Output[str] | None, list[pulumi.Resource]]:
        """Zone in which the API server of a private cluster has its name, seen by the joined networks too."""
        if isinstance(cluster.api_access, PublicAccess):
            return None, []
        if cluster.private_dns_zone is not None:
            return pulumi.Output.from_input(cluster.private_dns_zone), []
        zone = privatedns.PrivateZone(
            self._name,
            private_zone_name=f"privatelink.{cluster.region}.azmk8s.io",
            resource_group_name=self._args.resource_group,
            location="Global",
            tags=self._tags,
            opts=self._inside,
        )
        # AKS links the cluster's own network by itself.
        links = [
            privatedns.VirtualNetworkLink(
                f"{self._name}-peer",
                virtual_network_link_name="peer",
                resource_group_name=self._args.resource_group,
                private_zone_name=zone.name,
                location="Global",
                registration_enabled=False,
                tags=self._tags,
                virtual_network=privatedns.SubResourceArgs(id=network),
                opts=self._inside,
            )
            for network in _joined_networks(cluster)
        ]
        return zone.id, list[pulumi.Resource](links)

    def _grants(
        self, cluster: AksClusterArgs, own: Identity, nodes: Identity, zone: pulumi.Output[str] | None
    ) -> list[pulumi.Resource]:
        """What the control plane's identity has to be allowed; one that is given is allowed it already."""
        if cluster.cluster_identity is not None:
            return []
        wanted: dict[str, tuple[Role, pulumi.Input[str]]] = {
            "network": (Role.NETWORK_CONTRIBUTOR, self._args.vnet.id),
            "nodes": (Role.IDENTITY_OPERATOR, nodes.id),
        }
        if zone is not None:
            wanted["zone"] = (Role.PRIVATE_ZONE_CONTRIBUTOR, zone)
        for reservation in self._args.reservations:
            wanted[f"reservation-{reservation.rpartition('/')[2]}"] = (Role.CONTRIBUTOR, reservation)
        return [
            grant(
                f"{self._name}-{label}",
                Grant(
                    subscription=cluster.subscription,
                    role=role,
                    principal=own.principal_id,
                    type=PrincipalType.SERVICE_PRINCIPAL,
                    scope=scope,
                ),
                self._inside,
            )
            for label, (role, scope) in wanted.items()
        ]

    def _api_access(
        self, cluster: AksClusterArgs, vnet: Vnet, zone: pulumi.Output[str] | None
    ) -> containerservice.ManagedClusterAPIServerAccessProfileArgs:
        # Run command lets whoever may manage the cluster in Azure run anything in it, past Kubernetes' own rules.
        if isinstance(cluster.api_access, PublicAccess):
            # Nodes reach the API server over the internet, so their own addresses belong on the list.
            nodes = [address.apply(lambda known: f"{known}/32") for address in vnet.public_addresses]
            return containerservice.ManagedClusterAPIServerAccessProfileArgs(
                authorized_ip_ranges=[*cluster.api_access.cidrs, *nodes],
                enable_private_cluster=False,
                disable_run_command=True,
            )
        return containerservice.ManagedClusterAPIServerAccessProfileArgs(
            enable_private_cluster=True,
            private_dns_zone=zone,
            enable_private_cluster_public_fqdn=False,
            disable_run_command=True,
        )

    def _keep_logs(self, cluster: containerservice.ManagedCluster) -> None:
        workspace = operationalinsights.Workspace(
            f"{self._name}-logs",
            workspace_name=f"{self._name}-logs",
            resource_group_name=self._args.resource_group,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=_LOG_DAYS,
            tags=self._tags,
            opts=self._inside,
        )
        monitor.DiagnosticSetting(
            f"{self._name}-logs",
            name="control-plane",
            resource_uri=cluster.id,
            workspace_id=workspace.id,
            logs=[monitor.DiagnosticsLogSettingsArgs(category=log, enabled=True) for log in _LOGS],
            opts=self._inside,
        )

    def _admit(self, cluster: AksClusterArgs, made: containerservice.ManagedCluster) -> list[pulumi.Resource]:
        return [
            grant(
                f"{self._name}-{label}-{admin_name}",
                Grant(
                    subscription=cluster.subscription,
                    role=role,
                    principal=admin.object_id,
                    type=admin.type,
                    scope=made.id,
                ),
                self._inside,
            )
            for admin_name, admin in cluster.admins.items()
            for label, role in {"admin": Role.CLUSTER_ADMIN, "user": Role.CLUSTER_USER}.items()
        ]


def _joined_networks(cluster: AksClusterArgs) -> Sequence[pulumi.Input[str]]:
    network = cluster.network
    return [network.peering.network] if isinstance(network, NewVnet) and network.peering else []


def _system_pool(cluster: AksClusterArgs, vnet: Vnet) -> containerservice.ManagedClusterAgentPoolProfileArgs:
    pool = cluster.system_pool
    return containerservice.ManagedClusterAgentPoolProfileArgs(
        name=SYSTEM_POOL,
        mode="System",
        type="VirtualMachineScaleSets",
        vm_size=pool.instance_type,
        count=pool.count,
        availability_zones=[number for zone in pool.zones if (number := zone_number(zone))] or None,
        vnet_subnet_id=vnet.private_subnets[pool.zones[0]],
        orchestrator_version=cluster.kubernetes_version,
        os_type="Linux",
        os_sku=IMAGE,
        os_disk_type="Managed",
        os_disk_size_gb=_SYSTEM_DISK_GB,
        max_pods=MAX_PODS,
        # Nothing of the users' lands there, so nothing of theirs takes cluster DNS down.
        node_taints=["CriticalAddonsOnly=true:NoSchedule"],
        upgrade_settings=containerservice.AgentPoolUpgradeSettingsArgs(max_surge="1"),
    )


def _network_profile(cluster: AksClusterArgs, vnet: Vnet) -> containerservice.ContainerServiceNetworkProfileArgs:
    return containerservice.ContainerServiceNetworkProfileArgs(
        network_plugin="azure",
        # Pods take no addresses of the network, and Cilium's data plane enforces network policies.
        network_plugin_mode="overlay",
        network_dataplane="cilium",
        network_policy="cilium",
        pod_cidr=cluster.pod_cidr,
        service_cidr=cluster.service_cidr,
        dns_service_ip=cluster.dns_service_ip,
        load_balancer_sku="standard",
        outbound_type=vnet.outbound_type,
    )


def _security_profile(cluster: AksClusterArgs) -> containerservice.ManagedClusterSecurityProfileArgs:
    return containerservice.ManagedClusterSecurityProfileArgs(
        workload_identity=containerservice.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True),
        azure_key_vault_kms=(
            containerservice.AzureKeyVaultKmsArgs(enabled=True, key_id=cluster.kms_key)
            if cluster.kms_key is not None
            else None
        ),
    )


def _storage_profile() -> containerservice.ManagedClusterStorageProfileArgs:
    return containerservice.ManagedClusterStorageProfileArgs(
        disk_csi_driver=containerservice.ManagedClusterStorageProfileDiskCSIDriverArgs(enabled=True),
        file_csi_driver=containerservice.ManagedClusterStorageProfileFileCSIDriverArgs(enabled=True),
        blob_csi_driver=containerservice.ManagedClusterStorageProfileBlobCSIDriverArgs(enabled=False),
        snapshot_controller=containerservice.ManagedClusterStorageProfileSnapshotControllerArgs(enabled=True),
    )
