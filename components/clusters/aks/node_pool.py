"""One node pool: an agent pool, which is one scale set in Azure.

Owns which setting of a pool lands in which property; the parts that depend on each other come from the
tables beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import containerservice

from ...contracts.gpu_sharing import sharing_labels
from ...contracts.pools import GPU_TAINT, POOL_LABEL, GpuPool, NodePool, Taint, pool_sharing
from ...networks.azure.settings import zone_number
from ...planner.catalogs.described import machine_of
from .control_plane import MAX_PODS
from .disks import os_disk_gib
from .fabric import fabric_labels
from .facts import DEFAULT_DRIVER
from .images import IMAGE, gpu_instance_profile, gpu_profile_driver
from .purchase import purchase, update_order
from .settings import OsDisk

# What Azure refuses to change on a pool (PropertyChangeNotAllowed), although the provider would try.
_FROZEN = (
    "vmSize",
    "availabilityZones",
    "vnetSubnetID",
    "osSKU",
    "osDiskType",
    "osDiskSizeGB",
    "maxPods",
    "scaleSetPriority",
    "scaleSetEvictionPolicy",
    "spotMaxPrice",
    "capacityReservationGroupID",
    "gpuProfile",
    "gpuInstanceProfile",
)


@dataclass(frozen=True, kw_only=True)
class NodePoolArgs:
    """What a pool is made of.

    Attributes:
        pool: The pool as users write it.
        resource_group: Name of the cluster's resource group.
        cluster_name: Name of the cluster, known once the control plane runs.
        version: Kubernetes version of the nodes, known once the control plane runs it.
        subnets: Subnet of the nodes by zone.
        os_disk: The disks that nodes run from.
        after: What has to exist before.
        tags: Tags of the pool and its machines.
    """

    pool: NodePool
    resource_group: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    version: pulumi.Input[str]
    subnets: Mapping[str, pulumi.Input[str]]
    os_disk: OsDisk = field(default_factory=OsDisk)
    after: Sequence[pulumi.Resource] = ()
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class AksNodePool(pulumi.ComponentResource):
    """An agent pool.

    Attributes:
        pool: The agent pool; depend on it to come after its nodes.
    """

    pool: containerservice.AgentPool

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:AksNodePool", name, None, opts)
        self._name = name
        self._args = args
        self._machine = machine_of(args.pool)
        self._purchase = purchase(args.pool.capacity)
        self.pool = self._agent_pool()
        self.register_outputs({"agent_pool": self.pool.name})

    def _agent_pool(self) -> containerservice.AgentPool:
        args, pool, bought = self._args, self._args.pool, self._purchase
        owned_elsewhere = ["count"] if pool.autoscaled else []
        limits = pool.autoscaled
        return containerservice.AgentPool(
            self._name,
            agent_pool_name=pool.name,
            resource_group_name=args.resource_group,
            resource_name_=args.cluster_name,
            mode="User",
            type="VirtualMachineScaleSets",
            vm_size=pool.instance_type,
            orchestrator_version=args.version,
            availability_zones=[number for zone in pool.zones if (number := zone_number(zone))] or None,
            # One subnet holds a pool, also one that is spread: its way out is that of its first zone.
            vnet_subnet_id=args.subnets[pool.zones[0]],
            count=pool.count,
            enable_auto_scaling=limits is not None,
            min_count=limits.minimum if limits else None,
            max_count=limits.maximum if limits else None,
            os_type="Linux",
            os_sku=IMAGE,
            os_disk_type="Ephemeral" if args.os_disk.ephemeral else "Managed",
            os_disk_size_gb=os_disk_gib(pool, args.os_disk),
            max_pods=MAX_PODS,
            scale_set_priority=bought.priority.value,
            scale_set_eviction_policy=bought.eviction_policy,
            spot_max_price=bought.spot_max_price,
            capacity_reservation_group_id=bought.reservation_group,
            # Deallocated machines keep their quota and their disks, and a GPU driver that may not fit the next image.
            scale_down_mode="Delete",
            gpu_profile=self._gpu_profile(),
            gpu_instance_profile=gpu_instance_profile(pool),
            node_labels=self._labels(),
            node_taints=[_taint(taint) for taint in self._taints()] or None,
            upgrade_settings=self._upgrade_settings(),
            tags=dict(args.tags) or None,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                protect=pool.protect,
                ignore_changes=owned_elsewhere,
                replace_on_changes=list(_FROZEN),
                # Its name is its own, and quota or reservation have no room for both.
                delete_before_replace=True,
            ),
        )

    def _upgrade_settings(self) -> containerservice.AgentPoolUpgradeSettingsArgs | None:
        order = update_order(self._args.pool, self._machine)
        if order is None:
            return None
        surge, unavailable = order.value
        return containerservice.AgentPoolUpgradeSettingsArgs(max_surge=surge, max_unavailable=unavailable)

    def _gpu_profile(self) -> containerservice.GPUProfileArgs | None:
        pool = self._args.pool
        if not isinstance(pool, GpuPool):
            return None
        return containerservice.GPUProfileArgs(driver=gpu_profile_driver(pool.driver or DEFAULT_DRIVER))

    def _labels(self) -> dict[str, str]:
        pool = self._args.pool
        gpu = {"nvidia.com/gpu.present": "true"} if isinstance(pool, GpuPool) else {}
        bought = dict(self._purchase.labels)
        shared = sharing_labels(pool_sharing(pool), has_mig_manager=gpu_instance_profile(pool) is None)
        return {**gpu, **fabric_labels(self._machine), **bought, **shared, **pool.labels, POOL_LABEL: pool.name}

    def _taints(self) -> tuple[Taint, ...]:
        pool = self._args.pool
        gpu = (GPU_TAINT,) if isinstance(pool, GpuPool) else ()
        bought = self._purchase.taints
        return (*gpu, *bought, *(taint for taint in pool.taints if taint not in bought))


def _taint(taint: Taint) -> str:
    return f"{taint.key}={taint.value}:{taint.effect.value}"
