"""IAM roles that AWS services and pods take on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

import pulumi
import pulumi_aws as aws

from .settings import IamRoles

MANAGED_POLICY = "arn:aws:iam::aws:policy"

Statement: TypeAlias = Mapping[str, str | Sequence[str] | Mapping[str, Mapping[str, str | Sequence[str]]]]
"""One statement of a policy, in the words of IAM."""


class Principal(StrEnum):
    """Who takes on a role."""

    CONTROL_PLANE = "eks.amazonaws.com"
    NODE = "ec2.amazonaws.com"
    POD = "pods.eks.amazonaws.com"


def service_role(
    name: str,
    principal: Principal,
    policies: Sequence[str],
    iam: IamRoles,
    tags: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """A role with AWS's managed policies, and everything that has to exist before it can be used.

    Args:
        name: Name of the role; IAM's names are shared by all regions of an account.
        principal: Who takes it on.
        policies: Names of managed policies, such as ``AmazonEKSClusterPolicy``.
        iam: Its path and its permissions boundary.
        tags: Tags of the role.
        opts: Options of the resources.
    """
    # Pod Identity tags its sessions with the pod's cluster, namespace and service account.
    actions = ["sts:AssumeRole", "sts:TagSession"] if principal is Principal.POD else ["sts:AssumeRole"]
    statement = {"Effect": "Allow", "Principal": {"Service": principal.value}, "Action": actions}
    role = aws.iam.Role(
        name,
        name=name,
        path=None if iam.path == "/" else iam.path,
        permissions_boundary=iam.permissions_boundary,
        assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        tags=dict(tags) or None,
        opts=opts,
    )
    attached = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{policy.rpartition('/')[2]}", role=role.name, policy_arn=f"{MANAGED_POLICY}/{policy}", opts=opts
        )
        for policy in policies
    ]
    return role, [role, *attached]


def own_policy(
    role_name: str, role: aws.iam.Role, statements: Sequence[Statement], opts: pulumi.ResourceOptions
) -> aws.iam.RolePolicy:
    """A policy inside of the role, for what no managed policy of AWS says; it goes with the role.

    Args:
        role_name: Name of the role, which is also the policy's.
        role: The role.
        statements: What it may do.
        opts: Options of the resource.
    """
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return aws.iam.RolePolicy(
        role_name, name=role_name, role=role.name, policy=json.dumps(document, separators=(",", ":")), opts=opts
    )
