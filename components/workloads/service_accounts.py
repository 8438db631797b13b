"""Service accounts without rights and without a token."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import core

from .identity import Identity
from .metadata import metadata


def service_account(
    resource_name: str, *, namespace: pulumi.Input[str], identity: Identity, opts: pulumi.ResourceOptions
) -> core.v1.ServiceAccount:
    """A service account without a token: no workload of Strata calls the API server."""
    return core.v1.ServiceAccount(
        resource_name,
        metadata=metadata(identity, namespace),
        automount_service_account_token=False,
        opts=opts,
    )
