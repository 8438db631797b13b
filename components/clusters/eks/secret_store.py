"""Secrets of AWS Secrets Manager that pods may ask for, and the role by which they are read.

Source of the actions: external-secrets/external-secrets v2.9.0, ``providers/v1/aws/secretsmanager/secretsmanager.go``:
a secret by its name, and its tags where an ExternalSecret wants these. A list of secrets cannot be allowed for some of
them only, so none is: ``dataFrom.find`` finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ...contracts.service_accounts import EXTERNAL_SECRETS
from .roles import Principal, Statement, own_policy, service_role
from .settings import IamRoles, SecretsManager


def secret_statements(secrets: SecretsManager, region: str) -> Sequence[Statement]:
    """What the role of external-secrets may do.

    Args:
        secrets: Secrets that it reads.
        region: Region of the cluster.
    """
    where = secrets.region or region
    # Secrets of other accounts need a policy of their own besides, so the account may stay open.
    read: Statement = {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": [f"arn:aws:secretsmanager:{where}:*:secret:{secrets.prefix}*"],
    }
    decrypt: Statement = {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": list(secrets.kms_keys),
        "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{where}.amazonaws.com"}},
    }
    return (read, decrypt) if secrets.kms_keys else (read,)


@dataclass(frozen=True, kw_only=True)
class SecretStoreArgs:
    """The cluster and its secrets.

    Attributes:
        cluster_name: Name of the cluster, known once the control plane is active.
        region: Region of the cluster.
        secrets: Secrets that are read.
        iam: Path and permissions boundary of the role.
        tags: Tags of the role.
    """

    cluster_name: pulumi.Input[str]
    region: str
    secrets: SecretsManager
    iam: IamRoles = field(default_factory=IamRoles)
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


def secret_store_identity(name: str, args: SecretStoreArgs, opts: pulumi.ResourceOptions) -> Iterator[pulumi.Resource]:
    """The role of external-secrets, and everything without which its pods cannot take it on.

    Args:
        name: Name of the role and prefix of the others.
        args: The cluster and its secrets.
        opts: Options of each resource.
    """
    role, ready = service_role(name, Principal.POD, [], args.iam, args.tags, opts)
    yield from ready
    yield own_policy(name, role, secret_statements(args.secrets, args.region), opts)
    yield aws.eks.PodIdentityAssociation(
        name,
        cluster_name=args.cluster_name,
        namespace=EXTERNAL_SECRETS.namespace,
        service_account=EXTERNAL_SECRETS.name,
        role_arn=role.arn,
        tags=dict(args.tags) or None,
        opts=opts,
    )
