"""A cluster that exists, as users describe it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...contracts.cluster_facts import StorageFacts
from ...contracts.model import Contract
from ...contracts.names import ObjectName
from ...contracts.pools import DriverOwner


class ExistingTarget(Contract):
    """A cluster that exists, by its kubeconfig."""

    kind: Literal["existing"]
    name: ObjectName
    """Name of the cluster in Strata."""
    kubeconfig: Annotated[str, Field(min_length=1, max_length=4096)]
    """Path of a kubeconfig; relative paths start at the project."""
    context: str | None = None
    """Context in the kubeconfig; the current one where left out."""
    kubernetes_version: Annotated[str, Field(pattern=r"^1\.\d{2}(\.\d{1,3})?$")]
    """Version of the cluster, such as ``1.34.2``."""
    driver_owner: DriverOwner = DriverOwner.NODE_IMAGE
    """Who installs the NVIDIA driver."""
    pod_monitors: bool = False
    """Whether the Prometheus operator is installed, so that model servers can be scraped by a PodMonitor each."""
    scaled_objects: bool = False
    """Whether KEDA is installed, so that models may be scaled by it."""
    storage: StorageFacts
    """Storage classes of the cluster."""
