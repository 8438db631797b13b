"""What has to hold of a cluster that exists."""

from __future__ import annotations

from collections.abc import Iterator

from ...contracts.errors import Problem
from ...contracts.versions import KUBERNETES_OLDEST
from ..rules.versions import minor


def version_problems(version: str) -> Iterator[Problem]:
    """A version of Kubernetes on which servers could not be operated."""
    if minor(version) < minor(KUBERNETES_OLDEST):
        yield Problem(
            field="target.kubernetes_version",
            cause=f"Kubernetes {version} is older than {KUBERNETES_OLDEST}",
            consequence="servers could not drain: the preStop sleep action does not exist there",
            fix=f"upgrade the cluster to {KUBERNETES_OLDEST} or newer",
        )
