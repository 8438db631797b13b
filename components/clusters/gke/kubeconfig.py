"""How programs log in to a GKE cluster: a fresh token of the caller's own Google identity for each call."""

from __future__ import annotations

import json

import pulumi

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
    login = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "gke-gcloud-auth-plugin",
        "installHint": "install it with `gcloud components install gke-gcloud-auth-plugin`",
        "interactiveMode": "Never",
        "provideClusterInfo": True,
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": f"https://{endpoint}", **trust}}],
            "users": [{"name": name, "user": {"exec": login}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
