"""One node pool: machines, disks, networks, GPUs, and how they are bought.

Owns which setting lands in which field; GKE refuses most combinations only when machines are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from ...contracts.gpu_sharing import Mig, TimeSlicing, sharing_labels
from ...contracts.pools import GPU_TAINT, POOL_LABEL, GpuPool, NodePool, Taint, TaintEffect, pool_sharing
from ...planner.catalogs.described import machine_of
from .fabric import FABRICS, Placement, placement, uses_dranet
from .fabric_networks import Attachment
from .facts import DEFAULT_DRIVER
from .images import NO_DEVICE_PLUGIN, GpuDriver, ImageType, boot_disk, boot_disk_gb, gpu_driver, local_disks
from .purchase import RESERVATION_KEY, purchase
from .settings import GpuNetworks

TAINT_EFFECTS = {
    TaintEffect.NO_SCHEDULE: "NO_SCHEDULE",
    TaintEffect.PREFER_NO_SCHEDULE: "PREFER_NO_SCHEDULE",
    TaintEffect.NO_EXECUTE: "NO_EXECUTE",
}
"""Effects of taints in the words of GKE."""
# Images of model servers unpack to 30 GB and more, and several versions lie side by side during an update.
_ALL_APIS = "https://www.googleapis.com/auth/cloud-platform"
_DRANET_LABEL = "cloud.google.com/gke-networking-dra-driver"


@dataclass(frozen=True, kw_only=True)
class NodePoolArgs:
    """What a pool is made of.

    Attributes:
        pool: The pool as users write it.
        cluster: Path of the cluster, known once it runs.
        region: Its region.
        node_account: Email of the nodes' service account.
        max_pods_per_node: Pods of a node.
        gpu_networks: How the network cards of GPUs become networks of pods.
        attachments: GPU networks of the nodes, in order.
        after: What has to exist before.
        labels: Labels of the machines.
    """

    pool: NodePool
    cluster: pulumi.Input[str]
    region: str
    node_account: pulumi.Input[str]
    max_pods_per_node: int = 110
    gpu_networks: GpuNetworks = GpuNetworks.MULTI_NETWORK
    attachments: Sequence[Attachment] = ()
    after: Sequence[pulumi.Resource] = ()
    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class GkeNodePool(pulumi.ComponentResource):
    """A node pool.

    Attributes:
        group: The node pool; depend on it to come after its nodes.
    """

    group: gcp.container.NodePool

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:GkeNodePool", name, None, opts)
        self._name = name
        self._args = args
        self._machine = machine_of(args.pool)
        self._purchase = purchase(args.pool.capacity)
        self._driver = _driver(args.pool)
        self._inside = pulumi.ResourceOptions(parent=self, depends_on=list(args.after))
        self.group = self._node_pool()
        self.register_outputs({"node_pool": self.group.name})

    def _node_pool(self) -> gcp.container.NodePool:
        args, pool, bought = self._args, self._args.pool, self._purchase
        per_zone = pool.count // len(pool.zones)
        return gcp.container.NodePool(
            self._name,
            name=pool.name,
            cluster=args.cluster,
            location=args.region,
            node_locations=pool.zones,
            # Google counts nodes of each zone.
            node_count=None if pool.autoscaled else per_zone,
            initial_node_count=(0 if bought.from_zero else per_zone) if pool.autoscaled else None,
            autoscaling=self._autoscaling(),
            max_pods_per_node=args.max_pods_per_node,
            management=gcp.container.NodePoolManagementArgs(
                # Clusters in a release channel keep their nodes up to date, or GKE refuses the pool.
                auto_upgrade=True,
                auto_repair=bought.auto_repair,
            ),
            upgrade_settings=self._upgrades(),
            network_config=self._network(),
            placement_policy=self._placement(),
            queued_provisioning=gcp.container.NodePoolQueuedProvisioningArgs(enabled=True) if bought.queued else None,
            node_config=self._node_config(),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                protect=pool.protect,
                ignore_changes=[
                    *(("initialNodeCount", "nodeCount") if pool.autoscaled else ()),
                    *(("upgradeSettings",) if bought.short_lived else ()),
                ],
            ),
        )

    def _upgrades(self) -> gcp.container.NodePoolUpgradeSettingsArgs:
        bought, has_gpus = self._purchase, bool(self._machine.gpus)
        if bought.short_lived:
            return gcp.container.NodePoolUpgradeSettingsArgs(strategy="SHORT_LIVED")
        return gcp.container.NodePoolUpgradeSettingsArgs(
            strategy="SURGE",
            max_surge=bought.max_surge if has_gpus else 1,
            max_unavailable=bought.max_unavailable if has_gpus else 0,
        )

    def _autoscaling(self) -> gcp.container.NodePoolAutoscalingArgs | None:
        limits = self._args.pool.autoscaled
        if not limits:
            return None
        return gcp.container.NodePoolAutoscalingArgs(
            total_min_node_count=limits.minimum,
            total_max_node_count=limits.maximum,
            location_policy=self._purchase.location_policy.value,
        )

    def _network(self) -> gcp.container.NodePoolNetworkConfigArgs:
        args = self._args
        return gcp.container.NodePoolNetworkConfigArgs(
            enable_private_nodes=True,
            additional_node_network_configs=[
                gcp.container.NodePoolNetworkConfigAdditionalNodeNetworkConfigArgs(
                    network=attachment.vpc, subnetwork=attachment.subnet
                )
                for attachment in args.attachments
            ]
            or None,
            accelerator_network_profile="auto" if self._uses_dranet() else None,
        )

    def _uses_dranet(self) -> bool:
        return uses_dranet(self._machine.name, self._args.gpu_networks)

    def _placement(self) -> gcp.container.NodePoolPlacementPolicyArgs | None:
        pool = self._args.pool
        match placement(self._machine, pool.capacity, pool.most_nodes):
            case Placement.ANYWHERE:
                return None
            case Placement.COMPACT:
                return gcp.container.NodePoolPlacementPolicyArgs(type="COMPACT")
            case Placement.NVLINK_DOMAIN:
                policy = gcp.compute.ResourcePolicy(
                    self._name,
                    name=self._name,
                    region=self._args.region,
                    workload_policy=gcp.compute.ResourcePolicyWorkloadPolicyArgs(
                        type="HIGH_THROUGHPUT", accelerator_topology=FABRICS[self._machine.name].topology
                    ),
                    opts=self._inside,
                )
                return gcp.container.NodePoolPlacementPolicyArgs(type="COMPACT", policy_name=policy.name)

    def _node_config(self) -> gcp.container.NodePoolNodeConfigArgs:
        args, pool, bought = self._args, self._args.pool, self._purchase
        disks = local_disks(self._machine)
        operator = self._driver is not None and self._driver.image is ImageType.UBUNTU
        return gcp.container.NodePoolNodeConfigArgs(
            machine_type=self._machine.name,
            image_type=(self._driver.image if self._driver else ImageType.COS).value,
            disk_type=boot_disk(self._machine).value,
            disk_size_gb=boot_disk_gb(pool),
            ephemeral_storage_local_ssd_config=(
                gcp.container.NodePoolNodeConfigEphemeralStorageLocalSsdConfigArgs(local_ssd_count=disks)
                if disks
                else None
            ),
            guest_accelerators=self._accelerators(),
            service_account=args.node_account,
            # Rights come from the service account's roles; scopes would only take some of them away.
            oauth_scopes=[_ALL_APIS],
            # Pods get their rights from Workload Identity, never from the node.
            workload_metadata_config=gcp.container.NodePoolNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
            metadata={"disable-legacy-endpoints": "true"},
            gvnic=gcp.container.NodePoolNodeConfigGvnicArgs(enabled=True),
            # Containers start while their image is still on its way, from Artifact Registry or Docker Hub, on
            # Container-Optimized OS only (GKE documentation, how-to/image-streaming).
            gcfs_config=gcp.container.NodePoolNodeConfigGcfsConfigArgs(enabled=not operator),
            shielded_instance_config=gcp.container.NodePoolNodeConfigShieldedInstanceConfigArgs(
                enable_integrity_monitoring=True,
                # The operator compiles its driver on the node, and nobody signs it.
                enable_secure_boot=not operator,
            ),
            spot=bought.spot,
            flex_start=bought.flex_start or None,
            max_run_duration=bought.longest_run,
            reservation_affinity=self._reservation(),
            labels=self._labels(),
            resource_labels=dict(args.labels) or None,
            taints=[_taint(taint) for taint in self._taints()],
        )

    def _accelerators(self) -> list[gcp.container.NodePoolNodeConfigGuestAcceleratorArgs] | None:
        machine = self._machine
        if not machine.gpus or not self._driver:
            return None
        is_ours = NO_DEVICE_PLUGIN not in self._driver.labels
        sharing = pool_sharing(self._args.pool) if is_ours else None
        return [
            gcp.container.NodePoolNodeConfigGuestAcceleratorArgs(
                type=machine.accelerator_key or "",
                count=machine.gpus,
                gpu_partition_size=sharing.profile if isinstance(sharing, Mig) else None,
                gpu_sharing_config=(
                    gcp.container.NodePoolNodeConfigGuestAcceleratorGpuSharingConfigArgs(
                        gpu_sharing_strategy="TIME_SHARING", max_shared_clients_per_gpu=sharing.replicas
                    )
                    if isinstance(sharing, TimeSlicing)
                    else None
                ),
                gpu_driver_installation_config=(
                    gcp.container.NodePoolNodeConfigGuestAcceleratorGpuDriverInstallationConfigArgs(
                        gpu_driver_version=self._driver.installation.value
                    )
                ),
            )
        ]

    def _reservation(self) -> gcp.container.NodePoolNodeConfigReservationAffinityArgs | None:
        bought = self._purchase
        if not bought.affinity:
            return None
        return gcp.container.NodePoolNodeConfigReservationAffinityArgs(
            consume_reservation_type=bought.affinity.value,
            key=RESERVATION_KEY if bought.reservation else None,
            values=[bought.reservation] if bought.reservation else None,
        )

    def _labels(self) -> dict[str, str]:
        pool = self._args.pool
        gpu = {"nvidia.com/gpu.present": "true", **self._driver.labels} if self._driver else {}
        fabric = {_DRANET_LABEL: "true"} if self._uses_dranet() else {}
        return {**gpu, **fabric, **self._sharing_labels(), **pool.labels, POOL_LABEL: pool.name}

    def _sharing_labels(self) -> dict[str, str]:
        """Only for another's plugin: that of GKE is told by the pool."""
        if self._driver is None or NO_DEVICE_PLUGIN not in self._driver.labels:
            return {}
        return sharing_labels(pool_sharing(self._args.pool), has_mig_manager=True)

    def _taints(self) -> Sequence[Taint]:
        pool = self._args.pool
        return (GPU_TAINT, *pool.taints) if isinstance(pool, GpuPool) else pool.taints


def _driver(pool: NodePool) -> GpuDriver | None:
    return gpu_driver(pool.driver or DEFAULT_DRIVER) if isinstance(pool, GpuPool) else None


def _taint(taint: Taint) -> gcp.container.NodePoolNodeConfigTaintArgs:
    return gcp.container.NodePoolNodeConfigTaintArgs(
        key=taint.key, value=taint.value, effect=TAINT_EFFECTS[taint.effect]
    )
