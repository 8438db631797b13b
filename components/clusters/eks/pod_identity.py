"""Roles of AWS that pods of one service account take on by Pod Identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ...contracts.service_accounts import AccountName
from .roles import Principal, Statement, own_policy, service_role
from .settings import IamRoles


@dataclass(frozen=True, kw_only=True)
class PodIdentityArgs:
    """Whose pods may do what.

    Attributes:
        cluster_name: Name of the cluster, known once the control plane is active.
        account: Service account of the pods.
        statements: What they may do.
        iam: Path and permissions boundary of the role.
        tags: Tags of role and association.
    """

    cluster_name: pulumi.Input[str]
    account: AccountName
    statements: Sequence[Statement]
    iam: IamRoles = field(default_factory=IamRoles)
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


def pod_identity(name: str, args: PodIdentityArgs, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """The role, and everything without which pods cannot take it on; they get it when they start and not later.

    Args:
        name: Name of the role and of the others.
        args: Whose pods may do what.
        opts: Options of each resource.
    """
    role, ready = service_role(name, Principal.POD, [], args.iam, args.tags, opts)
    policy = own_policy(name, role, args.statements, opts)
    association = aws.eks.PodIdentityAssociation(
        name,
        cluster_name=args.cluster_name,
        namespace=args.account.namespace,
        service_account=args.account.name,
        role_arn=role.arn,
        tags=dict(args.tags) or None,
        opts=opts,
    )
    return [*ready, policy, association]
