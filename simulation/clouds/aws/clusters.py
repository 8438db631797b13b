"""EKS clusters: the control plane, and what EKS makes beside it."""

from __future__ import annotations

import ipaddress
import secrets

from ...provider.errors import CloudError
from ...provider.rules import Cidr, Pattern
from ...provider.store import Record
from ...provider.tables import Call, Kind, Prop, Reference
from ...provider.values import Object, Value, text, texts, truth
from . import vocabulary as v
from .control_planes import cluster_effects, managed
from .identities import lacks, policy_arn, role_of, trusts
from .logs import made_by_service
from .networks import vpc_of, zone_of
from .regions import zone_id
from .versions import KUBERNETES, LATEST_KUBERNETES, minor

NOT_FOUND = "ResourceNotFoundException"
_INVALID = "InvalidParameterException"
_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
WITHOUT_CONTROL_PLANES = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html, "Subnet requirements for clusters"."""
_OLDEST_NODES = 3
"""Minor versions that a kubelet may be behind: https://kubernetes.io/releases/version-skew-policy/."""


def cluster_reference(*, holds: bool = False) -> Reference:
    """How EKS's other types name a cluster."""
    return Reference(
        kinds=(v.CLUSTER,), by="name", code=NOT_FOUND, message="No cluster found for name: {value}.", holds=holds
    )


def cluster_of(call: Call, inputs: Object) -> Record | None:
    """The cluster that something belongs to."""
    return call.account.get(v.CLUSTER, text(inputs, "clusterName"))


def _version_on_offer(_call: Call, inputs: Object) -> None:
    """https://github.com/hashicorp/terraform-provider-aws/issues/38796."""
    if (text(inputs, "version") or LATEST_KUBERNETES) not in KUBERNETES:
        raise CloudError(_INVALID, "unsupported Kubernetes version")


def _zones(call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html; words: awsdocs/amazon-eks-user-guide#795.

    Words of a zone without control planes: https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html.
    """
    subnets = texts(inputs, "vpcConfig.subnetIds")
    if len({zone_of(call, subnet) for subnet in subnets}) < 2:  # noqa: PLR2004 - in the words below
        raise CloudError(_INVALID, "Subnets specified must be in at least two different AZs")
    if len({vpc_of(call, subnet) for subnet in subnets}) > 1:
        raise CloudError(_INVALID, "Subnets specified belong to different VPCs")
    refused = sorted({zone_id(zone_of(call, subnet)) for subnet in subnets} & WITHOUT_CONTROL_PLANES)
    if refused:
        raise CloudError(
            "UnsupportedAvailabilityZoneException",
            f"Cannot create cluster '{text(inputs, 'name')}' because {', '.join(refused)}, the targeted availability "
            "zone, does not currently have sufficient capacity to support the cluster.",
        )


def _services(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html."""
    services = text(inputs, "kubernetesNetworkConfig.serviceIpv4Cidr")
    blocks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    if services and not any(
        ipaddress.IPv4Network(services).subnet_of(ipaddress.IPv4Network(block)) for block in blocks
    ):
        raise CloudError(_INVALID, f"The service IPv4 CIDR {services} must be within {', '.join(blocks)}")


def _endpoints(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html."""
    public = truth(inputs, "vpcConfig.endpointPublicAccess", default=True)
    if not public and not truth(inputs, "vpcConfig.endpointPrivateAccess"):
        raise CloudError(_INVALID, "Private and public endpoint access cannot be disabled")
    inside = [
        cidr
        for cidr in texts(inputs, "vpcConfig.publicAccessCidrs")
        if cidr != "0.0.0.0/0" and ipaddress.ip_network(cidr).is_private and not _is_documentation(cidr)
    ]
    if inside:
        raise CloudError(_INVALID, f"The following CIDRs are not allowed in publicAccessCidrs: [{', '.join(inside)}]")


def _is_documentation(cidr: str) -> bool:
    """Whether it is one of the networks that examples use for public addresses (RFC 5737)."""
    network = ipaddress.IPv4Network(cidr)
    examples = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    return any(network.subnet_of(ipaddress.IPv4Network(example)) for example in examples)


def _role(call: Call, inputs: Object) -> None:
    """Words: hashicorp/terraform-provider-aws, internal/service/eks/cluster.go, resourceClusterCreate."""
    role = role_of(call.account, text(inputs, "roleArn"))
    if role is None:
        return
    if not trusts(role, "eks.amazonaws.com", "sts:AssumeRole"):
        raise CloudError(_INVALID, "Role could not be assumed because the trusted entity is not correct")
    if lacks(call.account, role, "AmazonEKSClusterPolicy"):
        raise CloudError(
            _INVALID,
            "The provided role doesn't have the Amazon EKS Managed Policies associated with it. Please ensure the "
            f"following policy is attached: {policy_arn('AmazonEKSClusterPolicy')}",
        )


def _key(call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html: in the cluster's region."""
    arn = text(inputs, "encryptionConfig.provider.keyArn")
    if arn and arn.split(":")[3:4] != [call.region]:
        raise CloudError(_INVALID, f"Invalid KMS key: {arn} is not in region {call.region}")


def _upgrade(call: Call, old: Object, new: Object) -> None:
    """https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2607."""
    before, after = text(old, "version"), text(new, "version") or text(old, "version")
    if after == before:
        return
    if minor(after) != minor(before) + 1:
        raise CloudError(_INVALID, f"Unsupported Kubernetes minor version update from {before} to {after}")
    late = [
        group.text("nodeGroupName")
        for group in call.account.where(v.NODE_GROUP, "clusterName", call.identifier)
        if minor(after) - minor(group.text("version")) > _OLDEST_NODES
    ]
    if late:
        # https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
        raise CloudError(
            _INVALID,
            f"Nodegroup(s) [{', '.join(late)}] must be updated to match cluster version {before} before updating "
            "cluster version",
        )


def _encryption_stays(_call: Call, old: Object, new: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html: "This action is irreversible"."""
    before = text(old, "encryptionConfig.provider.keyArn")
    if before and text(new, "encryptionConfig.provider.keyArn") != before:
        raise CloudError(
            "InvalidRequestException", "Cluster encryption configuration cannot be changed or removed once enabled"
        )


def encryption_is_removed(old: Value, new: Value) -> bool:
    """Source: hashicorp/terraform-provider-aws, internal/service/eks/cluster.go, CustomizeDiff."""
    return old is not None and new is None


def _mode_is_one_way(_call: Call, old: Object, new: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html."""
    before = text(old, "accessConfig.authenticationMode") or "CONFIG_MAP"
    after = text(new, "accessConfig.authenticationMode") or before
    if _MODES.index(after) < _MODES.index(before):
        raise CloudError(_INVALID, f"Unsupported authentication mode update from {before} to {after}")


def _same_vpc(call: Call, old: Object, new: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html."""
    vpcs = {vpc_of(call, subnet) for inputs in (old, new) for subnet in texts(inputs, "vpcConfig.subnetIds")}
    if len(vpcs) > 1:
        raise CloudError(_INVALID, "Provided subnets belong to a VPC that is not the cluster's")


def _not_protected(_call: Call, properties: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html."""
    if truth(properties, "deletionProtection"):
        raise CloudError(
            "InvalidRequestException",
            f"Cluster {text(properties, 'name')} has deletion protection enabled; disable it to delete the cluster",
        )


def _security_group(call: Call, name: str, vpc: str) -> str:
    """The group that control plane and nodes share, which EKS makes and takes away again.

    https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    """
    identifier = v.random_id("sg")(call, {})
    inputs: Object = {
        "name": f"eks-cluster-sg-{name}-{secrets.randbelow(10**10)}",
        "description": "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        "vpcId": vpc,
    }
    arn = v.arn(call, "ec2", f"security-group/{identifier}")
    call.account.seed(v.SECURITY_GROUP, identifier, inputs, {"arn": arn, "region": call.region})
    return identifier


def _computed(call: Call, inputs: Object) -> Object:
    name, subnets = text(inputs, "name"), texts(inputs, "vpcConfig.subnetIds")
    vpc = vpc_of(call, subnets[0])
    if texts(inputs, "enabledClusterLogTypes"):
        group = f"/aws/eks/{name}/cluster"
        made_by_service(call.account, group, v.arn(call, "logs", f"log-group:{group}"))
    access: Object = {"authenticationMode": "CONFIG_MAP"}
    network: Object = {"vpcId": vpc, "clusterSecurityGroupId": _security_group(call, name, vpc)}
    if truth(inputs, "vpcConfig.endpointPublicAccess", default=True):
        network["publicAccessCidrs"] = ["0.0.0.0/0"]
    return {
        "arn": v.arn(call, "eks", f"cluster/{name}"),
        "createdAt": "2026-01-01T00:00:00Z",
        "platformVersion": "eks.1",
        "version": LATEST_KUBERNETES,
        "vpcConfig": network,
        "accessConfig": access,
        "upgradePolicy": {"supportType": "EXTENDED"},
        "kubernetesNetworkConfig": {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"},
    }


CLUSTER = Kind(
    token=v.CLUSTER,
    source=f"{v.REGISTRY}/eks_cluster; {v.EKS_API}/API_CreateCluster.html",
    service="EKS",
    noun="EKS Cluster",
    operation="Cluster",
    autoname="name",
    make_id=v.id_from("name"),
    properties={
        "name": v.named(form=r"[0-9A-Za-z][0-9A-Za-z_-]*", longest=100),
        "version": Prop(allowed=Pattern(r"1\.\d{2}"), managed=True),
        "roleArn": v.to_role(code=_INVALID, message="roleArn, {value}, does not exist"),
        "vpcConfig": Prop(),
        "vpcConfig.subnetIds": v.to_subnet(fixed=False, code=_INVALID),
        "vpcConfig.endpointPrivateAccess": Prop(default=False),
        "vpcConfig.endpointPublicAccess": Prop(default=True),
        "vpcConfig.publicAccessCidrs": Prop(allowed=Cidr(), length=(1, 40), unordered=True, managed=True),
        "accessConfig": Prop(managed=True),
        "accessConfig.authenticationMode": v.one_of(*_MODES, managed=True),
        "accessConfig.bootstrapClusterCreatorAdminPermissions": Prop(fixed=True, default=True),
        "bootstrapSelfManagedAddons": Prop(fixed=True, default=True),
        "kubernetesNetworkConfig": Prop(managed=True, source=f"{v.EKS_API}/API_KubernetesNetworkConfigRequest.html"),
        "kubernetesNetworkConfig.serviceIpv4Cidr": Prop(allowed=Cidr(12, 24), fixed=True, managed=True),
        "encryptionConfig": Prop(replaces=encryption_is_removed),
        "encryptionConfig.provider": Prop(),
        "encryptionConfig.provider.keyArn": Prop(
            refers=Reference(
                kinds=(v.KEY,),
                by="arn",
                code=_INVALID,
                message="KeyArn in encryptionConfig provider, {value}, does not exist",
                holds=False,
            )
        ),
        "encryptionConfig.resources": v.one_of("secrets"),
        "enabledClusterLogTypes": Prop(allowed=v.one_of(*_LOGS).allowed, unordered=True),
        "upgradePolicy": Prop(managed=True),
        "upgradePolicy.supportType": v.one_of("STANDARD", "EXTENDED", managed=True),
        "deletionProtection": Prop(default=False),
        **v.TAGGED,
    },
    demands=(_version_on_offer, _zones, _services, _endpoints, _key),
    on_create=(_role,),
    on_update=(_upgrade, _encryption_stays, _mode_is_one_way, _same_vpc),
    on_delete=(_not_protected,),
    compute=_computed,
    chosen=("vpcConfig.clusterSecurityGroupId", "vpcConfig.vpcId"),
    exists=("ResourceInUseException", "Cluster already exists with name: {id}"),
    in_use=("ResourceInUseException", "Cluster has nodegroups attached"),
    missing=(NOT_FOUND, "No cluster found for name: {id}."),
    status="status",
    failed="FAILED",
    minutes=10,
    delete_minutes=3,
    effects=cluster_effects(managed),
)


KINDS = (CLUSTER,)
"""Every type of this file."""
