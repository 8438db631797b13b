"""A kubeconfig without credentials: a program of the cloud fetches a fresh token of the caller's own identity."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Login:
    """The program that a client runs for each token.

    Attributes:
        command: Its name.
        arguments: What it is called with.
        install_hint: Shown where it is missing.
        provides_cluster: Whether the client tells it the address and authority of the cluster.
    """

    command: str
    arguments: Sequence[str] = ()
    install_hint: str | None = None
    provides_cluster: bool = False


def login_kubeconfig(name: str, cluster: Mapping[str, str], login: Login) -> str:
    """The kubeconfig, in JSON.

    Args:
        name: Name of the cluster, its user and its context.
        cluster: Address and authority, as a kubeconfig names them.
        login: How a client gets a token.
    """
    program = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": login.command,
        **({"args": list(login.arguments)} if login.arguments else {}),
        **({"installHint": login.install_hint} if login.install_hint else {}),
        "interactiveMode": "Never",
        **({"provideClusterInfo": True} if login.provides_cluster else {}),
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": {"exec": program}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
