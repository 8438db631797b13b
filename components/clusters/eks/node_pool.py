"""One node pool: a launch template, the managed node group made from it, and when it has to be empty.

Owns which setting lands in which of the two; EKS refuses most of them in the wrong place.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pulumi
import pulumi_aws as aws

from ...contracts.capacity import Spot
from ...contracts.gpu_sharing import sharing_labels
from ...contracts.names import joined_name
from ...contracts.pools import GPU_TAINT, POOL_LABEL, DriverOwner, GpuPool, NodePool, Taint, TaintEffect, pool_sharing
from ...planner.catalogs.described import machine_of
from ...planner.shapes import as_used
from .efa import network_interfaces
from .facts import DEFAULT_DRIVER
from .images import AmiType, ami_type, root_disk_gib, user_data
from .purchase import purchase, shares_placement, update_strategy
from .settings import EfaLayout

_TAINT_EFFECTS = {
    TaintEffect.NO_SCHEDULE: "NO_SCHEDULE",
    TaintEffect.PREFER_NO_SCHEDULE: "PREFER_NO_SCHEDULE",
    TaintEffect.NO_EXECUTE: "NO_EXECUTE",
}
# What autoscaling schedules take; left out, the largest size would become 0, which no node group has.
_SCHEDULE_TIME, _UNCHANGED = "%Y-%m-%dT%H:%M:%SZ", -1
# P6 machines forget a connection that was silent for 350 seconds, all older ones after five days (EC2 user guide,
# security-group-connection-tracking); a long prefill or a pooled connection is silent for longer.
_TRACKING = aws.ec2.LaunchTemplateNetworkInterfaceConnectionTrackingSpecificationArgs(
    tcp_established_timeout=5 * 86_400
)


@dataclass(frozen=True, kw_only=True)
class NodePoolArgs:
    """What a pool is made of.

    Attributes:
        pool: The pool as users write it.
        cluster_name: Name of the cluster, known once the control plane is active.
        version: Kubernetes version of the nodes, known once the control plane runs it.
        node_role: ARN of the nodes' role.
        subnets: Subnet of the nodes by zone.
        security_groups: Groups of every network interface.
        efa_layout: What the network interfaces of EFA machines are for.
        release: Release of the node image; the newest at creation where left out, and kept.
        after: What has to exist before.
        tags: Tags of everything that is made, machines and their disks included.
    """

    pool: NodePool
    cluster_name: pulumi.Input[str]
    version: pulumi.Input[str]
    node_role: pulumi.Input[str]
    subnets: Mapping[str, pulumi.Input[str]]
    security_groups: Sequence[pulumi.Input[str]]
    efa_layout: EfaLayout = EfaLayout.IP_OPTIMISED
    release: str | None = None
    after: Sequence[pulumi.Resource] = ()
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class EksNodePool(pulumi.ComponentResource):
    """A managed node group.

    Attributes:
        group: The node group; depend on it to come after its nodes.
    """

    group: aws.eks.NodeGroup

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:EksNodePool", name, None, opts)
        self._name = joined_name(name)
        self._args = args
        self._machine = as_used(machine_of(args.pool), args.pool)
        self._purchase = purchase(args.pool.capacity, datetime.now(UTC))
        self._inside = pulumi.ResourceOptions(parent=self)
        self.group = self._node_group(self._launch_template())
        self._scale_out()
        self._scale_in()
        self.register_outputs({"node_group": self.group.node_group_name})

    def _node_group(self, template: aws.ec2.LaunchTemplate) -> aws.eks.NodeGroup:
        args, pool = self._args, self._args.pool
        limits = pool.autoscaled
        waits = self._purchase.scale_out_at is not None
        return aws.eks.NodeGroup(
            self._name,
            cluster_name=args.cluster_name,
            node_group_name=pool.name,
            node_role_arn=args.node_role,
            subnet_ids=[args.subnets[zone] for zone in pool.zones],
            version=args.version,
            release_version=args.release,
            ami_type=self._image(),
            capacity_type=self._purchase.capacity_type,
            instance_types=None if self._purchase.type_in_template else _instance_types(pool),
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                desired_size=0 if waits else pool.count,
                min_size=0 if waits else limits.minimum if limits else pool.count,
                max_size=limits.maximum if limits else pool.count,
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(
                max_unavailable=self._purchase.max_unavailable,
                update_strategy=update_strategy(pool, self._machine),
            ),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            labels=self._labels(),
            taints=[_taint(taint) for taint in self._taints()],
            tags=dict(args.tags) or None,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(args.after), protect=pool.protect, ignore_changes=self._left_alone()
            ),
        )

    def _left_alone(self) -> list[str]:
        """What is not changed after the group was made: an autoscaler's size, a block's version."""
        scaled = self._args.pool.autoscaled or self._purchase.scale_out_at
        return [
            *(["scalingConfig.desiredSize"] if scaled else []),
            *(["version", "releaseVersion"] if self._purchase.version_stays else []),
        ]

    def _scale_out(self) -> None:
        """Start the machines when they become available; EC2 refuses them before, and a group that waits is empty."""
        at = self._purchase.scale_out_at
        if at is not None:
            self._schedule(f"{self._name}-starts", f"{self._name}-block-starts", at, self._args.pool.count)

    def _scale_in(self) -> None:
        """Empty the pool in time: nodes that leave their Auto Scaling group are drained, those EC2 ends are not."""
        at = self._purchase.scale_in_at
        if at is not None:
            self._schedule(self._name, f"{self._name}-block-ends", at, 0)

    def _schedule(self, name: str, action: str, at: datetime, size: int) -> None:
        aws.autoscaling.Schedule(
            name,
            scheduled_action_name=action,
            autoscaling_group_name=self.group.resources[0].autoscaling_groups[0].name.apply(lambda name: name or ""),
            start_time=at.astimezone(UTC).strftime(_SCHEDULE_TIME),
            min_size=0,
            desired_capacity=size,
            max_size=_UNCHANGED,
            opts=self._inside,
        )

    def _image(self) -> AmiType:
        pool = self._args.pool
        return ami_type(self._machine, pool.driver or DEFAULT_DRIVER if isinstance(pool, GpuPool) else DriverOwner.NONE)

    def _launch_template(self) -> aws.ec2.LaunchTemplate:
        args, bought = self._args, self._purchase
        interfaces = self._network_interfaces()
        cloud_init = user_data(self._machine)
        return aws.ec2.LaunchTemplate(
            self._name,
            name=self._name,
            update_default_version=True,
            instance_type=args.pool.instance_type if bought.type_in_template else None,
            block_device_mappings=[self._root_disk()],
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # Pods get their rights from Pod Identity, never from the node.
                http_put_response_hop_limit=1,
            ),
            network_interfaces=interfaces or None,
            # With interfaces the groups stand on each of them, and must not stand here.
            vpc_security_group_ids=None if interfaces else args.security_groups,
            placement=self._placement(),
            instance_market_options=(
                aws.ec2.LaunchTemplateInstanceMarketOptionsArgs(market_type=bought.market_type)
                if bought.market_type
                else None
            ),
            capacity_reservation_specification=self._reservation(),
            user_data=base64.b64encode(cloud_init.encode()).decode() if cloud_init else None,
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags={**args.tags, "Name": self._name})
                for kind in ("instance", "volume", "network-interface")
            ],
            tags=dict(args.tags) or None,
            opts=self._inside,
        )

    def _network_interfaces(self) -> list[aws.ec2.LaunchTemplateNetworkInterfaceArgs]:
        machine = self._machine
        interfaces = network_interfaces(machine.name, self._args.efa_layout) if machine.rdma_nics else ()
        return [
            aws.ec2.LaunchTemplateNetworkInterfaceArgs(
                network_card_index=interface.card,
                device_index=interface.device,
                interface_type=interface.kind.value,
                security_groups=self._args.security_groups,
                delete_on_termination="true",
                # AWS refuses a public address on machines with several interfaces.
                associate_public_ip_address="false" if interface.has_address else None,
                connection_tracking_specification=_TRACKING if interface.has_address else None,
            )
            for interface in interfaces
        ]

    def _placement(self) -> aws.ec2.LaunchTemplatePlacementArgs | None:
        if self._purchase.placement_group:
            return aws.ec2.LaunchTemplatePlacementArgs(group_name=self._purchase.placement_group)
        if not shares_placement(self._args.pool, self._machine):
            return None
        group = aws.ec2.PlacementGroup(
            self._name, name=self._name, strategy="cluster", tags=dict(self._args.tags) or None, opts=self._inside
        )
        return aws.ec2.LaunchTemplatePlacementArgs(group_name=group.name)

    def _reservation(self) -> aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs | None:
        if not self._purchase.reservation_id:
            return None
        return aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
            capacity_reservation_preference=self._purchase.reservation_preference,
            capacity_reservation_target=aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
                capacity_reservation_id=self._purchase.reservation_id
            ),
        )

    def _root_disk(self) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
        return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
            device_name="/dev/xvda",
            ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                volume_size=root_disk_gib(self._args.pool),
                volume_type="gp3",
                encrypted="true",
                delete_on_termination="true",
            ),
        )

    def _labels(self) -> dict[str, str]:
        pool = self._args.pool
        gpu = {"nvidia.com/gpu.present": "true"} if isinstance(pool, GpuPool) else {}
        efa = {"vpc.amazonaws.com/efa.present": "true"} if self._machine.rdma_nics else {}
        # Amazon's images cut no GPU: the GPU operator's MIG manager does.
        shared = sharing_labels(pool_sharing(pool), has_mig_manager=True)
        return {**gpu, **efa, **shared, **pool.labels, POOL_LABEL: pool.name}

    def _taints(self) -> Sequence[Taint]:
        pool = self._args.pool
        return (GPU_TAINT, *pool.taints) if isinstance(pool, GpuPool) else pool.taints


def _instance_types(pool: NodePool) -> list[str]:
    further = pool.capacity.instance_types if isinstance(pool.capacity, Spot) else ()
    return [pool.instance_type, *further]


def _taint(taint: Taint) -> aws.eks.NodeGroupTaintArgs:
    return aws.eks.NodeGroupTaintArgs(key=taint.key, value=taint.value, effect=_TAINT_EFFECTS[taint.effect])
