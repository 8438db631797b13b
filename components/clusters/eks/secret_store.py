"""Secrets of AWS Secrets Manager that pods may ask for, and what the role may do that reads them.

Source of the actions: external-secrets/external-secrets v2.9.0, ``providers/v1/aws/secretsmanager/secretsmanager.go``:
a secret by its name, and its tags where an ExternalSecret wants these. A list of secrets cannot be allowed for some of
them only, so none is: ``dataFrom.find`` finds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from .roles import Statement
from .settings import SecretsManager


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
