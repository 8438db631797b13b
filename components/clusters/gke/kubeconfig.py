"""How programs log in to a GKE cluster: a fresh token of the caller's own Google identity for each call."""

from __future__ import annotations

import pulumi

from ..exec_login import Login, login_kubeconfig
from .settings import ApiEndpoint


def kubeconfig(
    name: str, endpoint_kind: ApiEndpoint, endpoint: pulumi.Output[str], authority: pulumi.Output[str]
) -> pulumi.Output[str]:
    """A kubeconfig without credentials.

    Args:
        name: Name of the cluster.
        endpoint_kind: How it is reached.
        endpoint: Its address or name.
        authority: Certificate authority of the address, base64; the name has a certificate of Google's.
    """
    return pulumi.Output.all(endpoint, authority).apply(
        lambda known: _content(name, known[0], known[1] if endpoint_kind is ApiEndpoint.IP else None)
    )


def _content(name: str, endpoint: str, authority: str | None) -> str:
    trust = {"certificate-authority-data": authority} if authority else {}
    login = Login(
        command="gke-gcloud-auth-plugin",
        install_hint="install it with `gcloud components install gke-gcloud-auth-plugin`",
        provides_cluster=True,
    )
    return login_kubeconfig(name, {"server": f"https://{endpoint}", **trust}, login)
