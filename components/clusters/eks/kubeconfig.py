"""How programs log in to an EKS cluster: a fresh token of the caller's own AWS identity for each call."""

from __future__ import annotations

import pulumi

from ..exec_login import Login, login_kubeconfig


def kubeconfig(
    region: str, name: str, endpoint: pulumi.Output[str], authority: pulumi.Output[str]
) -> pulumi.Output[str]:
    """A kubeconfig without credentials.

    Args:
        region: AWS region.
        name: Name of the cluster.
        endpoint: Address of the API server.
        authority: Its certificate authority, base64.
    """
    return pulumi.Output.all(endpoint, authority).apply(lambda known: _content(region, name, known[0], known[1]))


def _content(region: str, name: str, endpoint: str, authority: str) -> str:
    arguments = ("eks", "get-token", "--region", region, "--cluster-name", name, "--output", "json")
    cluster = {"server": endpoint, "certificate-authority-data": authority}
    return login_kubeconfig(name, cluster, Login(command="aws", arguments=arguments))
