"""The facts of an EKS cluster, all of them known before it exists.

Owns what pods and the planner may count on: nodes, storage classes, load balancers, identities. Ids that
AWS chooses, such as the file system's, are added to the storage class by the cluster's component.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...contracts.api_groups import RESOURCE_METRICS
from ...contracts.cluster_facts import Authentication, ClusterFacts, NodeRepair, StorageFacts, VolumeClass
from ...contracts.devices import DevicePart
from ...contracts.dns import DnsFacts, ZoneFacts
from ...contracts.pools import DriverOwner, NodePool
from ...contracts.quantities import ByteSize
from ...contracts.secret_stores import SecretStoreFacts
from ...networks.aws.settings import CreatedVpc
from ...networks.nat import EVERYWHERE, NatGateways
from ...planner.shapes import pool_facts
from ..volume_classes import block_class, shared_class
from .addon_table import APIS as ADD_ON_APIS
from .addon_table import NAMESPACES as ADD_ON_NAMESPACES
from .settings import EfsStorage, EksTarget, LoadBalancerController, LustreStorage

DEFAULT_DRIVER = DriverOwner.NODE_IMAGE
"""AL2023's NVIDIA images carry driver, container toolkit and EFA; nodes are ready minutes earlier."""
# EKS user guide, ml-eks-k8s-device-plugin: the images install no device plugin, Bottlerocket's apart.
PROVIDED: Mapping[DriverOwner, Sequence[DevicePart]] = {DriverOwner.NODE_IMAGE: (DevicePart.DRIVER, DevicePart.TOOLKIT)}
"""What GPU nodes come with, by the owner of their driver."""
EBS_DRIVER = "ebs.csi.aws.com"
EFS_DRIVER = "efs.csi.aws.com"
LUSTRE_DRIVER = "fsx.csi.aws.com"
WORKLOAD_IDENTITY = "eks-pod-identity"
LOAD_BALANCER_CLASS = "service.k8s.aws/nlb"
"""AWS Load Balancer Controller; the one inside of EKS ignores Services that name a class."""
# https://kubernetes-sigs.github.io/aws-load-balancer-controller, guide/service/annotations.
INTERNAL_NLB = {
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
}
"""Inside the VPC only, straight to the pods."""
# https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html; the controller reads them as well.
INTERNAL_WITHOUT_CONTROLLER = {
    "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
}
"""Inside the VPC only, by way of the nodes."""
# The agent hands out credentials at 169.254.170.23 (EKS user guide, "Set up the Amazon EKS Pod Identity Agent").
_POD_IDENTITY_PORT = 80

_MIB = 2**20
# gp3 includes 125 MiB/s and 3,000 operations per second at no extra price (EBS user guide, general-purpose).
_GP3_READ = 125 * _MIB
# Elastic throughput, one client of the CSI driver (EFS user guide, limits: 1,500 MiB/s; 500 with older clients).
_EFS_READ = 1500 * _MIB
# One Lustre client over TCP (FSx for Lustre user guide, performance). EFA takes up to 700 Gbit/s where LNet was
# set up for it before kubelet started, which Amazon's images do not do; until then it is not counted on.
_LUSTRE_CLIENT_READ = 100e9 / 8


def eks_facts(target: EksTarget, pools: Sequence[NodePool]) -> ClusterFacts:
    """The facts of an EKS cluster with these pools.

    Raises:
        StrataError: when a pool's machine type is unknown or does not suit its kind.
    """
    has_controller = target.load_balancer_controller is not LoadBalancerController.NONE
    return ClusterFacts(
        name=target.name,
        environment="eks",
        # Its add-on: components/clusters/eks/addon_table.py.
        apis=(RESOURCE_METRICS, *(() if target.adopt_cluster else ADD_ON_APIS), *target.apis),
        namespaces=() if target.adopt_cluster else ADD_ON_NAMESPACES,
        kubernetes_version=target.kubernetes_version,
        pools=tuple(pool_facts(pool, DEFAULT_DRIVER, PROVIDED) for pool in pools),
        # Local disks are no class of their own: they are the nodes' ephemeral storage.
        storage=StorageFacts(
            read_write_once=block_class(EBS_DRIVER, _GP3_READ, parameters={"type": "gp3", "encrypted": "true"}),
            read_write_many=_shared_class(target),
        ),
        load_balancer_class=LOAD_BALANCER_CLASS if has_controller else None,
        load_balancer_annotations=INTERNAL_NLB if has_controller else INTERNAL_WITHOUT_CONTROLLER,
        authentication=Authentication.AWS_IAM,
        workload_identity=WORKLOAD_IDENTITY,
        internet=_reaches_internet(target),
        dns=_dns(target),
        secrets=_secrets(target),
        # EKS user guide, node-repair: GPUs are watched by the monitoring agent, an add-on of ours.
        node_repair=NodeRepair.UNREADY if target.adopt_cluster else NodeRepair.GPUS,
        existed=target.adopt_cluster,
    )


def _dns(target: EksTarget) -> DnsFacts | None:
    """Route 53 is one for all regions; its endpoint for VPCs is in us-east-1 only.

    AWS' SDK wants a region all the same ("Missing Region": kubernetes-sigs/external-dns issue 5179), where
    ``docs/tutorials/aws.md`` of v0.22.0 writes it. EKS' webhook of identities was seen to add one (pull request 4382);
    one that is written does not depend on it.
    """
    if target.dns is None:
        return None
    zones = tuple(ZoneFacts(domain=zone.domain, id=zone.id) for zone in target.dns.zones)
    return DnsFacts(provider="aws", zones=zones, environment={"AWS_REGION": target.region}, ports=(_POD_IDENTITY_PORT,))


def _secrets(target: EksTarget) -> SecretStoreFacts | None:
    """AWS Secrets Manager, which external-secrets asks as the role of its pods."""
    if target.secrets is None:
        return None
    region = target.secrets.region or target.region
    return SecretStoreFacts(
        provider="aws",
        settings={"service": "SecretsManager", "region": region},
        about=f"secrets of AWS Secrets Manager in {region} whose names begin with {target.secrets.prefix}",
        ports=(_POD_IDENTITY_PORT,),
    )


def _reaches_internet(target: EksTarget) -> bool:
    """Not without NAT, unless a transit gateway leads everywhere; of an adopted VPC nothing is known."""
    match target.network:
        case CreatedVpc() as vpc if vpc.nat is NatGateways.NONE:
            return vpc.transit is not None and EVERYWHERE in vpc.transit.routes
        case _:
            return True


def _shared_class(target: EksTarget) -> VolumeClass:
    match target.shared_storage:
        case EfsStorage():
            return shared_class(EFS_DRIVER, _EFS_READ, {"provisioningMode": "efs-ap", "directoryPerms": "700"})
        case LustreStorage() as lustre:
            return shared_class(LUSTRE_DRIVER, lustre_read(lustre), capacity=ByteSize.gib(lustre.capacity_gib))


def lustre_read(lustre: LustreStorage) -> float:
    """Bytes per second that one node reads: the file system's own throughput, or what one client can take."""
    return min(lustre.capacity_gib / 1024 * lustre.throughput * 1e6, _LUSTRE_CLIENT_READ)
