"""A cluster that exists, as users describe it."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ...contracts.api_groups import ApiGroups, translated_switches
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
    pod_monitors: Annotated[bool, Field(json_schema_extra={"deprecated": True})] = False
    """Deprecated: write ``apis: [monitoring.coreos.com]``, which is what true is turned into."""
    scaled_objects: Annotated[bool, Field(json_schema_extra={"deprecated": True})] = False
    """Deprecated: write ``apis: [keda.sh]``, which is what true is turned into."""
    storage: ExistingStorage
    """Storage classes of the cluster."""

    @model_validator(mode="after")
    def _translate_switches(self) -> Self:
        vars(self).update(
            translated_switches(self.apis, pod_monitors=self.pod_monitors, scaled_objects=self.scaled_objects)
        )
        return self
