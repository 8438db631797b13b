"""What the software behind each role calls in AWS, read in that software's own sources.

A role has to allow all of it, judged by AWS's own policies (``managed_policies``). Which tags and which resources a
call is made with matters: some statements allow it only so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_VOLUME = "arn:aws:ec2:us-east-2:111122223333:volume/vol-0a1b2c3d4e5f60718"
_SNAPSHOT = "arn:aws:ec2:us-east-2:111122223333:snapshot/snap-0a1b2c3d4e5f60718"
_INSTANCE = "arn:aws:ec2:us-east-2:111122223333:instance/i-0a1b2c3d4e5f60718"
_INTERFACE = "arn:aws:ec2:us-east-2:111122223333:network-interface/eni-0a1b2c3d4e5f60718"
# The driver marks all that it makes: kubernetes-sigs/aws-ebs-csi-driver, pkg/cloud/tags.go (AwsEbsDriverTagKey).
_EBS_MARK = "ebs.csi.aws.com/cluster"
_EBS_NEW: Mapping[str, str] = {f"aws:RequestTag/{_EBS_MARK}": "true"}
_EBS_OWN: Mapping[str, str] = {f"ec2:ResourceTag/{_EBS_MARK}": "true"}
# kubernetes-sigs/aws-efs-csi-driver, pkg/driver/controller.go (DefaultTagKey).
_EFS_MARK = "efs.csi.aws.com/cluster"
_EFS_NEW: Mapping[str, str] = {f"aws:RequestTag/{_EFS_MARK}": "true", "aws:TagKeys": _EFS_MARK}


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        action: Such as ``ec2:DescribeInstances``.
        resource: What it is made on.
        context: Condition keys that the request carries.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Caller:
    """Software that takes on a role.

    Attributes:
        source: Where its calls are read.
        calls: All of them.
    """

    source: str
    calls: tuple[Call, ...]


def _plain(*actions: str) -> tuple[Call, ...]:
    return tuple(Call(action) for action in actions)


def _on(resource: str, context: Mapping[str, str], *actions: str) -> tuple[Call, ...]:
    return tuple(Call(action, resource, context) for action in actions)


NODE = (
    Caller(
        "awslabs/amazon-eks-ami, nodeadm/internal/api/status.go: the name under which the node registers",
        _plain("ec2:DescribeInstances"),
    ),
    Caller(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html: images of EKS and of its add-ons",
        _plain("ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
    ),
    Caller(
        "aws/eks-pod-identity-agent, README.md: the agent asks with the node's role for those of pods",
        _plain("eks-auth:AssumeRoleForPodIdentity"),
    ),
)
"""Machines, by their own role."""
CONTROL_PLANE = (
    Caller(
        "kubernetes/cloud-provider-aws, pkg/providers/v1 (aws.go, topology.go): nodes that are gone, where nodes are",
        _plain("ec2:DescribeInstances", "ec2:DescribeInstanceTopology", "ec2:DescribeAvailabilityZones"),
    ),
    Caller(
        "kubernetes/cloud-provider-aws, pkg/providers/v1/aws_loadbalancer.go: Services of type LoadBalancer",
        _plain(
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
            "ec2:CreateSecurityGroup",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:DeleteSecurityGroup",
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateTargetGroup",
            "elasticloadbalancing:RegisterTargets",
            "elasticloadbalancing:DeleteLoadBalancer",
        ),
    ),
)
"""The control plane."""
ADD_ONS: Mapping[str, tuple[Caller, ...]] = {
    "vpc-cni": (
        Caller(
            "aws/amazon-vpc-cni-k8s, docs/iam-policy.md, IPv4 mode",
            (
                *_plain(
                    "ec2:AssignPrivateIpAddresses",
                    "ec2:AttachNetworkInterface",
                    "ec2:CreateNetworkInterface",
                    "ec2:DeleteNetworkInterface",
                    "ec2:DescribeInstances",
                    "ec2:DescribeInstanceTypes",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeTags",
                    "ec2:DetachNetworkInterface",
                    "ec2:ModifyNetworkInterfaceAttribute",
                    "ec2:UnassignPrivateIpAddresses",
                ),
                *_on(_INTERFACE, {}, "ec2:CreateTags"),
            ),
        ),
    ),
    "aws-ebs-csi-driver": (
        Caller(
            "kubernetes-sigs/aws-ebs-csi-driver, pkg/cloud/ec2_interface.go and docs/example-iam-policy-strict.json",
            (
                *_plain(
                    "ec2:DescribeAvailabilityZones",
                    "ec2:DescribeInstances",
                    "ec2:DescribeSnapshots",
                    "ec2:DescribeVolumes",
                    "ec2:DescribeVolumesModifications",
                    "ec2:DescribeVolumeStatus",
                ),
                *_on(_VOLUME, _EBS_NEW, "ec2:CreateVolume"),
                *_on(_VOLUME, _EBS_OWN, "ec2:AttachVolume", "ec2:DetachVolume", "ec2:DeleteVolume", "ec2:ModifyVolume"),
                *_on(_INSTANCE, {}, "ec2:AttachVolume", "ec2:DetachVolume"),
                *_on(_SNAPSHOT, _EBS_NEW, "ec2:CreateSnapshot"),
                *_on(_VOLUME, {"ec2:CreateAction": "CreateVolume"}, "ec2:CreateTags"),
                *_on(_SNAPSHOT, _EBS_OWN, "ec2:DeleteSnapshot"),
            ),
        ),
    ),
    "aws-efs-csi-driver": (
        Caller(
            "kubernetes-sigs/aws-efs-csi-driver, pkg/cloud/efs_interface.go and docs/iam-policy-example.json",
            (
                *_plain(
                    "elasticfilesystem:DescribeAccessPoints",
                    "elasticfilesystem:DescribeFileSystems",
                    "elasticfilesystem:DescribeMountTargets",
                    "ec2:DescribeAvailabilityZones",
                ),
                *_on("*", _EFS_NEW, "elasticfilesystem:CreateAccessPoint"),
                *_on(
                    "*",
                    {**_EFS_NEW, "elasticfilesystem:CreateAction": "CreateAccessPoint"},
                    "elasticfilesystem:TagResource",
                ),
                *_on("*", {f"aws:ResourceTag/{_EFS_MARK}": "true"}, "elasticfilesystem:DeleteAccessPoint"),
            ),
        ),
    ),
}
"""Pods of add-ons, by the name of the add-on; those that are not here ask nothing of AWS.

The FSx driver asks for rights only where it makes or deletes file systems (kubernetes-sigs/aws-fsx-csi-driver,
pkg/driver/controller.go); ours are made by the program, and mounting one asks AWS nothing.
"""

_BALANCER = (
    "arn:aws:elasticloadbalancing:us-east-2:111122223333:loadbalancer/net/k8s-models-chat-0a1b2c3d4e/5f60718293a4b5c6"
)
_LISTENER = _BALANCER.replace("loadbalancer", "listener") + "/0a1b2c3d4e5f6071"
_TARGETS = "arn:aws:elasticloadbalancing:us-east-2:111122223333:targetgroup/k8s-models-chat-0a1b2c3d4e/5f60718293a4b5c6"
_GROUP = "arn:aws:ec2:us-east-2:111122223333:security-group/sg-0a1b2c3d4e5f60718"
# pkg/deploy/tracking/provider.go: the mark on all that it makes.
_BALANCER_MARK = "elbv2.k8s.aws/cluster"
_BALANCER_NEW: Mapping[str, str] = {f"aws:RequestTag/{_BALANCER_MARK}": "prod"}
_BALANCER_OWN: Mapping[str, str] = {f"aws:ResourceTag/{_BALANCER_MARK}": "prod"}


def _made_by(action: str) -> Mapping[str, str]:
    service = "ec2" if action == "CreateSecurityGroup" else "elasticloadbalancing"
    return {**_BALANCER_NEW, f"{service}:CreateAction": action}


_SECRET = "arn:aws:secretsmanager:us-east-2:111122223333:secret:genai/prod/hub-AbCdEf"
_ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
_TYPES = "route53:ChangeResourceRecordSetsRecordTypes"
PODS: Mapping[tuple[str, str], tuple[Caller, ...]] = {
    ("kube-system", "aws-load-balancer-controller"): (
        Caller(
            "kubernetes-sigs/aws-load-balancer-controller v3.2.2, pkg/aws/services (ec2.go, elbv2.go) and callers in "
            "pkg/service, pkg/networking, pkg/targetgroupbinding, pkg/deploy: Network Load Balancers of Services",
            (
                *_plain(
                    "ec2:DescribeAvailabilityZones",
                    "ec2:DescribeInstances",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeRouteTables",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                    "elasticloadbalancing:DescribeCapacityReservation",
                    "elasticloadbalancing:DescribeListenerAttributes",
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeLoadBalancerAttributes",
                    "elasticloadbalancing:DescribeLoadBalancers",
                    "elasticloadbalancing:DescribeTags",
                    "elasticloadbalancing:DescribeTargetGroupAttributes",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                ),
                Call(
                    "iam:CreateServiceLinkedRole", context={"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}
                ),
                *_on(_GROUP, _BALANCER_NEW, "ec2:CreateSecurityGroup"),
                *_on(_GROUP, _made_by("CreateSecurityGroup"), "ec2:CreateTags"),
                # Groups of nodes carry no mark of its.
                *_on(_GROUP, {}, "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"),
                *_on(_GROUP, _BALANCER_OWN, "ec2:CreateTags", "ec2:DeleteTags", "ec2:DeleteSecurityGroup"),
                *_on(_BALANCER, _BALANCER_NEW, "elasticloadbalancing:CreateLoadBalancer"),
                *_on(_BALANCER, _made_by("CreateLoadBalancer"), "elasticloadbalancing:AddTags"),
                *_on(_TARGETS, _BALANCER_NEW, "elasticloadbalancing:CreateTargetGroup"),
                *_on(_TARGETS, _made_by("CreateTargetGroup"), "elasticloadbalancing:AddTags"),
                *_on(_BALANCER, _BALANCER_NEW, "elasticloadbalancing:CreateListener"),
                *_on(_LISTENER, _BALANCER_NEW, "elasticloadbalancing:AddTags"),
                *_on(
                    _LISTENER,
                    _BALANCER_OWN,
                    "elasticloadbalancing:AddListenerCertificates",
                    "elasticloadbalancing:DeleteListener",
                    "elasticloadbalancing:ModifyListener",
                    "elasticloadbalancing:ModifyListenerAttributes",
                    "elasticloadbalancing:RemoveListenerCertificates",
                ),
                *_on(
                    _BALANCER,
                    _BALANCER_OWN,
                    "elasticloadbalancing:AddTags",
                    "elasticloadbalancing:DeleteLoadBalancer",
                    "elasticloadbalancing:ModifyLoadBalancerAttributes",
                    "elasticloadbalancing:RemoveTags",
                    "elasticloadbalancing:SetIpAddressType",
                    "elasticloadbalancing:SetSecurityGroups",
                    "elasticloadbalancing:SetSubnets",
                ),
                *_on(
                    _TARGETS,
                    _BALANCER_OWN,
                    "elasticloadbalancing:DeleteTargetGroup",
                    "elasticloadbalancing:DeregisterTargets",
                    "elasticloadbalancing:ModifyTargetGroup",
                    "elasticloadbalancing:ModifyTargetGroupAttributes",
                    "elasticloadbalancing:RegisterTargets",
                ),
            ),
        ),
    ),
    ("strata-dns", "external-dns"): (
        Caller(
            "kubernetes-sigs/external-dns v0.22.0, provider/aws/aws.go: zones, records and changes of these",
            (
                Call("route53:ListHostedZones"),
                Call("route53:ListResourceRecordSets", _ZONE),
                *(
                    Call("route53:ChangeResourceRecordSets", _ZONE, {_TYPES: record})
                    for record in ("A", "AAAA", "CNAME", "TXT")
                ),
            ),
        ),
    ),
    ("strata-secrets", "external-secrets"): (
        Caller(
            "external-secrets v2.9.0, providers/v1/aws/secretsmanager/secretsmanager.go: values and tags, by name",
            _on(_SECRET, {}, "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
        ),
    ),
}
"""Pods with an association of their own, by namespace and service account."""
