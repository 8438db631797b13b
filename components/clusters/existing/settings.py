"""A cluster that exists, as users describe it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ...contracts.api_groups import ApiGroups
from ...contracts.dns import NameServer
from ...contracts.forms import Form
from ...contracts.model import Contract
from ...contracts.names import ObjectName
from ...contracts.pools import DriverOwner
from .storage import ExistingStorage


def _release(version: str) -> str:
    return re.sub(r"^v|[-+].*$", "", version)


KubernetesVersion = Annotated[
    str, Form(r"v?1\.\d{2}(\.\d{1,3})?([-+][0-9A-Za-z.+-]{0,60})?", "1.34.2"), AfterValidator(_release)
]
"""Version of a cluster, such as ``1.34.2``; what ``kubectl version`` prints, such as ``v1.34.2+k3s1``, is shortened."""


class ExistingTarget(Contract):
    """A cluster that exists, by its kubeconfig."""

    kind: Literal["existing"] = "existing"
    name: ObjectName
    """Name of the cluster in Strata."""
    kubeconfig: Annotated[str, Field(min_length=1, max_length=4096)]
    """Path of a kubeconfig; relative paths start at the project."""
    context: str | None = None
    """Context in the kubeconfig; the current one where left out."""
    kubernetes_version: KubernetesVersion
    """Version of the cluster, such as ``1.34.2``."""
    driver_owner: DriverOwner = DriverOwner.NODE_IMAGE
    """Who installs the NVIDIA driver."""
    apis: ApiGroups = ()
    """API groups that somebody else installs in the cluster, such as ``monitoring.coreos.com`` or ``keda.sh``."""
    dns: NameServer | None = None
    """Where names of Services are written."""
    storage: ExistingStorage
    """Storage classes of the cluster."""
