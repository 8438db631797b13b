"""How programs log in to an AKS cluster: a fresh token of the caller's own Entra identity for each call."""

from __future__ import annotations

import base64
from typing import TypedDict, cast

import pulumi
import yaml

from ..exec_login import Login, login_kubeconfig

# Application id of the AKS Entra server, the same in every tenant (https://azure.github.io/kubelogin).
_SERVER = "6dae42f8-4368-4678-94ff-3960e28e3630"


class _Cluster(TypedDict):
    cluster: dict[str, str]


class _Kubeconfig(TypedDict):
    clusters: list[_Cluster]


def kubeconfig(name: str, user_kubeconfig: pulumi.Output[str]) -> pulumi.Output[str]:
    """A kubeconfig without credentials.

    Args:
        name: Name of the cluster.
        user_kubeconfig: The kubeconfig of AKS, base64; only the API server's address and authority are used.
    """
    return user_kubeconfig.apply(lambda known: _content(name, known))


def _content(name: str, user_kubeconfig: str) -> str:
    known = cast("_Kubeconfig", yaml.safe_load(base64.b64decode(user_kubeconfig)))
    login = Login(
        command="kubelogin",
        # The Azure CLI's log-in, which pipelines have too (azure/login).
        arguments=("get-token", "--login", "azurecli", "--server-id", _SERVER),
        provides_cluster=True,
    )
    return login_kubeconfig(name, known["clusters"][0]["cluster"], login)
