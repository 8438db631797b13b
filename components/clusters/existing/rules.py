"""What has to hold of a cluster that exists."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ...contracts.errors import Problem
from ...contracts.shown_text import excerpt
from ...contracts.versions import KUBERNETES_OLDEST
from ..rules.versions import minor
from .drivers import DRIVERS, Driver
from .storage import ExistingClass


def version_problems(version: str) -> Iterator[Problem]:
    """A version of Kubernetes on which servers could not be operated."""
    if minor(version) < minor(KUBERNETES_OLDEST):
        yield Problem(
            field="target.kubernetes_version",
            cause=f"Kubernetes {version} is older than {KUBERNETES_OLDEST}",
            consequence="servers could not drain: the preStop sleep action does not exist there",
            fix=f"upgrade the cluster to {KUBERNETES_OLDEST} or newer",
        )


def kubeconfig_problems(kubeconfig: str) -> Iterator[Problem]:
    """A path that no file can have, or whose home directory nobody has."""
    field = "target.kubeconfig"
    if any(unicodedata.category(letter) == "Cc" for letter in kubeconfig):
        yield Problem(
            field=field,
            cause=f"{excerpt(kubeconfig)!r} holds a character that no path of a file has",
            consequence="the kubeconfig cannot be opened",
            fix="write the path without it",
        )
        return
    try:
        Path(kubeconfig).expanduser()
    except RuntimeError:
        user = kubeconfig.partition("/")[0]
        yield Problem(
            field=field,
            cause=f"{user!r} is the home directory of nobody on this machine",
            consequence="the kubeconfig cannot be found",
            fix="write ~ for your own home directory, or the whole path",
        )


def storage_problems(shared: ExistingClass) -> Iterator[Problem]:
    """A class for shared volumes whose volumes only one node can mount."""
    if DRIVERS.get(shared.provisioner, Driver()).is_one_node:
        yield Problem(
            field="target.storage.read_write_many",
            cause=f"volumes of {shared.provisioner} are mounted by one node at a time",
            consequence="no volume for the model catalog would ever be made",
            fix="name a class of shared files, such as one of efs.csi.aws.com, file.csi.azure.com or nfs.csi.k8s.io",
        )
