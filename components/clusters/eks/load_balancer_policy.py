"""What AWS Load Balancer Controller may do in AWS: what Network Load Balancers of Services take, and no more.

Owns the statements of its role. Source: kubernetes-sigs/aws-load-balancer-controller v3.2.2,
``docs/install/iam_policy.json``. Left out is what serves features that its values switch off: Application Load
Balancers, web application firewalls, Shield, Cognito and the discovery of certificates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .roles import Statement

# The controller marks all that it makes with the name of the cluster.
_MARK = "elbv2.k8s.aws/cluster"
_NEW = {"Null": {f"aws:RequestTag/{_MARK}": "false"}}
_OWN = {"Null": {f"aws:ResourceTag/{_MARK}": "false"}}
_OWN_KEEPS_MARK = {"Null": {f"aws:RequestTag/{_MARK}": "true", f"aws:ResourceTag/{_MARK}": "false"}}
_MADE_WITH = {"StringEquals": {"elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateLoadBalancer"]}}
_GROUPS = "arn:aws:ec2:*:*:security-group/*"
_TARGETS, _BALANCERS, _LISTENERS = (
    f"arn:aws:elasticloadbalancing:*:*:{kind}" for kind in ("targetgroup/*/*", "loadbalancer/net/*/*", "listener/net/*")
)


def _balancing(*actions: str) -> list[str]:
    return [f"elasticloadbalancing:{action}" for action in actions]


def _allow(
    actions: Sequence[str],
    resources: str | Sequence[str] = "*",
    condition: Mapping[str, Mapping[str, str | Sequence[str]]] | None = None,
) -> Statement:
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


_LOOKING = _allow(
    [
        *(
            f"ec2:Describe{what}"
            for what in (
                "AvailabilityZones",
                "Instances",
                "InternetGateways",
                "NetworkInterfaces",
                "RouteTables",
                "SecurityGroups",
                "Subnets",
                "Tags",
                "VpcPeeringConnections",
                "Vpcs",
            )
        ),
        "ec2:GetSecurityGroupsForVpc",
        *_balancing(
            "DescribeCapacityReservation",
            "DescribeListenerAttributes",
            "DescribeListenerCertificates",
            "DescribeListeners",
            "DescribeLoadBalancerAttributes",
            "DescribeLoadBalancers",
            "DescribeRules",
            "DescribeSSLPolicies",
            "DescribeTags",
            "DescribeTargetGroupAttributes",
            "DescribeTargetGroups",
            "DescribeTargetHealth",
        ),
    ]
)
STATEMENTS: Sequence[Statement] = (
    # The first load balancer of an account makes the role under which AWS itself looks after it.
    _allow(
        ["iam:CreateServiceLinkedRole"],
        condition={"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
    ),
    _LOOKING,
    # Nodes' groups, which are not its own, are opened to the load balancers.
    _allow(["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:CreateSecurityGroup"]),
    _allow(["ec2:CreateTags"], _GROUPS, {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}, **_NEW}),
    _allow(["ec2:CreateTags", "ec2:DeleteTags"], _GROUPS, _OWN_KEEPS_MARK),
    _allow(["ec2:DeleteSecurityGroup"], condition=_OWN),
    _allow(_balancing("CreateLoadBalancer", "CreateTargetGroup"), condition=_NEW),
    _allow(_balancing("AddTags"), [_TARGETS, _BALANCERS], {**_MADE_WITH, **_NEW}),
    _allow(_balancing("AddTags", "RemoveTags"), [_TARGETS, _BALANCERS], _OWN_KEEPS_MARK),
    _allow(_balancing("AddTags", "RemoveTags"), f"{_LISTENERS}/*/*"),
    _allow(_balancing("CreateListener"), _BALANCERS),
    _allow(
        _balancing("DeleteListener", "ModifyListener", "AddListenerCertificates", "RemoveListenerCertificates"),
        f"{_LISTENERS}/*/*",
    ),
    _allow(
        _balancing(
            "DeleteLoadBalancer",
            "DeleteTargetGroup",
            "ModifyCapacityReservation",
            "ModifyListenerAttributes",
            "ModifyLoadBalancerAttributes",
            "ModifyTargetGroup",
            "ModifyTargetGroupAttributes",
            "SetIpAddressType",
            "SetSecurityGroups",
            "SetSubnets",
        ),
        condition=_OWN,
    ),
    _allow(_balancing("RegisterTargets", "DeregisterTargets"), _TARGETS),
)
"""For the role of its pods."""
