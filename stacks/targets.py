"""The union of the targets of all environments."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.clusters.aks.settings import AksTarget
from components.clusters.eks.settings import EksTarget
from components.clusters.existing.settings import ExistingTarget
from components.clusters.gke.settings import GkeTarget
from components.clusters.kubeadm.settings import KubeadmTarget
from components.clusters.local.settings import LocalTarget

Target = Annotated[
    LocalTarget | ExistingTarget | EksTarget | GkeTarget | AksTarget | KubeadmTarget, Field(discriminator="kind")
]
"""Where the platform runs."""
