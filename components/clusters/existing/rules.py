"""What has to hold of a cluster that exists."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ...contracts.errors import Problem
from ...contracts.versions import KUBERNETES_OLDEST
from ..rules.versions import minor
from .drivers import DRIVERS, Driver
from .storage import ExistingStorage


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
        # Not quoted: people paste the file itself, with its keys.
        yield Problem(
            field=field,
            cause="holds line ends or other control characters, which no path of a file has",
            consequence="the kubeconfig cannot be opened",
            fix="write the path of the file, such as ~/.kube/config",
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


def storage_problems(storage: ExistingStorage) -> Iterator[Problem]:
    """Classes that cannot be made, or whose volumes only one node can mount."""
    shared = storage.read_write_many
    if DRIVERS.get(shared.provisioner, Driver()).is_one_node:
        yield Problem(
            field="target.storage.read_write_many",
            cause=f"volumes of {shared.provisioner} are mounted by one node at a time",
            consequence="no volume for the model catalog would ever be made",
            fix="name a class of shared files, such as one of efs.csi.aws.com, file.csi.azure.com or nfs.csi.k8s.io",
        )
    if shared.name == storage.read_write_once.name and shared.managed and storage.read_write_once.managed:
        yield Problem(
            field="target.storage.read_write_many.name",
            cause=f"{shared.name!r} is the name of the class for volumes of one node too",
            consequence="both would be made, and the second one would be refused",
            fix="choose another name",
        )
    uses = {"read_write_once": storage.read_write_once, "read_write_many": shared, "scratch": storage.scratch}
    for use, found in uses.items():
        ignored = {"parameters": found.parameters, "binding": "binding" in found.model_fields_set} if found else {}
        for setting, is_given in ignored.items():
            if found and is_given and not found.managed:
                yield Problem(
                    field=f"target.storage.{use}.{setting}",
                    cause=f"the class {found.name!r} exists already",
                    consequence="the setting would be ignored: a class has what it was made with",
                    fix="leave it out, or write managed: true to have the class made",
                )
