"""Who may do what in an EKS cluster: access entries, their policies, and identities of pods."""

from __future__ import annotations

import secrets

from ...provider.errors import CloudError
from ...provider.rules import Pattern
from ...provider.store import Account
from ...provider.tables import Call, Kind, Prop
from ...provider.values import Object, text, texts
from . import vocabulary as v
from .clusters import NOT_FOUND, cluster_of, cluster_reference
from .identities import missing_roles, role_of, trusts

_INVALID = "InvalidParameterException"
_POLICY = "arn:aws:eks::aws:cluster-access-policy/"
_POLICIES = frozenset(
    f"{_POLICY}AmazonEKS{name}Policy" for name in ("ClusterAdmin", "Admin", "AdminView", "Edit", "View", "SecretReader")
)
"""Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html."""
_NODE_TYPES = ("EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX")
_TO_CLUSTER = Prop(fixed=True, refers=cluster_reference())


def _mode_has_entries(call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html."""
    cluster = cluster_of(call, inputs)
    if cluster is not None and cluster.text("accessConfig.authenticationMode") == "CONFIG_MAP":
        raise CloudError(
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this "
            "operation.",
        )


def _principal(call: Call, inputs: Object) -> None:
    """terraform-provider-aws#36447 for roles of services, terraform-aws-eks#2969 for those that do not exist."""
    arn = text(inputs, "principalArn")
    if ":role/aws-service-role/" in arn:
        raise CloudError(
            _INVALID,
            "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role",
        )
    if ":iam::" not in arn or any(missing_roles(call, iter([arn]))):
        raise CloudError(_INVALID, "The specified principalArn is invalid: invalid principal.")


def _groups(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html; words: eksctl-io/eksctl#7480."""
    for group in texts(inputs, "kubernetesGroups"):
        if group.startswith("system:"):
            raise CloudError(_INVALID, f"The kubernetes group name {group} is invalid, it cannot start with system:")


def _entry_computed(call: Call, inputs: Object) -> Object:
    arn = text(inputs, "principalArn")
    return {
        "accessEntryArn": v.arn(call, "eks", f"access-entry/{text(inputs, 'clusterName')}/{secrets.token_hex(16)}"),
        "userName": arn,
        "createdAt": "2026-01-01T00:00:00Z",
        "modifiedAt": "2026-01-01T00:00:00Z",
    }


def entry_of(account: Account, cluster: str, principal: str) -> bool:
    """Whether a principal may log in at all."""
    return account.get(v.ACCESS_ENTRY, f"{cluster}:{principal}") is not None


ACCESS_ENTRY = Kind(
    token=v.ACCESS_ENTRY,
    source=f"{v.REGISTRY}/eks_access_entry; {v.EKS_API}/API_CreateAccessEntry.html",
    service="EKS",
    noun="EKS Access Entry",
    operation="AccessEntry",
    make_id=v.id_from("clusterName", "principalArn"),
    properties={
        "clusterName": _TO_CLUSTER,
        "principalArn": Prop(fixed=True, allowed=Pattern(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:.+", "is an invalid ARN")),
        "kubernetesGroups": Prop(unordered=True),
        "type": v.one_of("STANDARD", "EC2", *_NODE_TYPES, fixed=True, default="STANDARD"),
        **v.TAGGED,
    },
    demands=(_mode_has_entries, _principal, _groups),
    compute=_entry_computed,
    exists=("ResourceInUseException", "The specified access entry resource is already in use on this cluster."),
    missing=(NOT_FOUND, "The specified principalArn could not be found."),
)


def _known_policy(_call: Call, inputs: Object) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html."""
    if text(inputs, "policyArn") not in _POLICIES:
        raise CloudError(_INVALID, "The policyArn parameter format is not valid")


def _has_entry(call: Call, inputs: Object) -> None:
    """https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3024."""
    if not entry_of(call.account, text(inputs, "clusterName"), text(inputs, "principalArn")):
        raise CloudError(
            NOT_FOUND,
            "The specified principalArn could not be found. You can view your available access entries with "
            "'list-access-entries'.",
        )


ACCESS_POLICY = Kind(
    token=v.ACCESS_POLICY,
    source=f"{v.REGISTRY}/eks_access_policy_association; {v.EKS_API}/API_AssociateAccessPolicy.html",
    service="EKS",
    noun="EKS Access Policy Association",
    operation="AccessPolicy",
    make_id=v.id_from("clusterName", "principalArn", "policyArn", between="#"),
    properties={
        "clusterName": _TO_CLUSTER,
        "principalArn": Prop(fixed=True),
        "policyArn": Prop(fixed=True),
        "accessScope": Prop(fixed=True),
        "accessScope.type": v.one_of("cluster"),
    },
    demands=(_known_policy, _has_entry),
    compute=lambda _call, _inputs: {"associatedAt": "2026-01-01T00:00:00Z", "modifiedAt": "2026-01-01T00:00:00Z"},
)


def require_pod_trust(call: Call, arn: str) -> None:
    """Pods may take on the role.

    Raises:
        CloudError: when they may not; https://github.com/hashicorp/terraform-provider-aws/issues/41483.
    """
    role = role_of(call.account, arn)
    if role is not None and not trusts(role, "pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession"):
        raise CloudError(
            _INVALID,
            "Trust policy of the role provided is invalid. Follow the official documentation to resolve the issue.",
        )


def _own_pods(call: Call, inputs: Object) -> None:
    """Words: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html."""
    cluster = text(inputs, "clusterName")
    same = [
        found
        for found in call.account.where(v.POD_IDENTITY, "clusterName", cluster)
        if (found.text("namespace"), found.text("serviceAccount"))
        == (text(inputs, "namespace"), text(inputs, "serviceAccount"))
    ]
    if same:
        raise CloudError(
            "ResourceInUseException",
            f"Association already exists: {same[0].identifier}",
        )


def _role_for_pods(call: Call, inputs: Object) -> None:
    arn = text(inputs, "roleArn")
    if any(missing_roles(call, iter([arn]))):
        raise CloudError(_INVALID, "Role provided in the request does not exist.")
    require_pod_trust(call, arn)


def _association_computed(call: Call, inputs: Object) -> Object:
    identifier = f"a-{secrets.token_hex(9)[:17]}"
    return {
        "associationId": identifier,
        "associationArn": v.arn(call, "eks", f"podidentityassociation/{text(inputs, 'clusterName')}/{identifier}"),
    }


POD_IDENTITY = Kind(
    token=v.POD_IDENTITY,
    source=f"{v.REGISTRY}/eks_pod_identity_association; {v.EKS_API}/API_CreatePodIdentityAssociation.html",
    service="EKS",
    noun="EKS Pod Identity Association",
    operation="PodIdentityAssociation",
    make_id=v.random_id("a"),
    properties={
        "clusterName": _TO_CLUSTER,
        "namespace": Prop(fixed=True),
        "serviceAccount": Prop(fixed=True),
        "roleArn": Prop(allowed=Pattern(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", "is an invalid ARN")),
        **v.TAGGED,
    },
    demands=(_role_for_pods,),
    on_create=(_own_pods,),
    compute=_association_computed,
    missing=(NOT_FOUND, "No association found with associationID: {id}."),
)

KINDS = (ACCESS_ENTRY, ACCESS_POLICY, POD_IDENTITY)
"""Every type of this file."""
