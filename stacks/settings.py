"""The settings of a stack: everything below ``strata:`` in ``Pulumi.<stack>.yaml``.

Owns the types and nothing else. ``reading`` turns a file into them, ``checks`` compares them with
each other and with the catalogs. Secrets never stand here: settings name the top-level keys that
hold them, because a secret nested in an object arrives as plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from components.clusters.aks.settings import AksTarget
from components.clusters.eks.settings import EksTarget
from components.clusters.existing.settings import ExistingTarget
from components.clusters.gke.settings import GkeTarget
from components.clusters.kubeadm.settings import KubeadmTarget
from components.clusters.local.settings import LocalTarget
from components.contracts.model import Contract
from components.contracts.names import NamespaceName
from components.contracts.pools import NodePool
from components.contracts.quantities import ByteSize
from components.contracts.served_models import ServedModel
from components.networks.interconnect.settings import HybridNetwork, LinkSecrets

StackName = Annotated[str, Field(pattern=r"^([A-Za-z0-9_.-]{1,100}/){0,2}[A-Za-z0-9_.-]{1,100}$")]
"""A stack as ``organization/project/stack``, or only ``stack`` within this project."""
ConfigKey = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$")]
Sha256Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


Target = Annotated[
    LocalTarget | ExistingTarget | EksTarget | GkeTarget | AksTarget | KubeadmTarget, Field(discriminator="kind")
]
"""Where the platform runs."""


class StorageSettings(Contract):
    """Volumes."""

    catalog_size: ByteSize | None = None
    """Size of the model catalog; from the checkpoints where left out."""
    protect: bool = False
    """Whether volumes outlive a destroy."""


class ImageSource(Contract):
    """Where container images come from."""

    mirror: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.:/_-]*$")] | None = None
    """Registry that replaces the images' own, such as ``registry.example.com/mirror``."""
    digests: dict[str, Sha256Digest] = {}
    """Digest by image name, such as ``vllm``."""


class Sources(Contract):
    """Where images and checkpoints come from."""

    images: ImageSource = ImageSource()
    model_hub: Annotated[str, Field(pattern=r"^https://[^\s@/]+(/[^\s@]*)?$")] = "https://huggingface.co"
    """Address of a Hugging Face hub or a mirror that speaks its protocol."""


class SecretNames(Contract):
    """Top-level keys of this file that hold secrets."""

    hugging_face_token: ConfigKey | None = None
    """Key with a Hugging Face token, for gated models."""
    ssh_private_key: ConfigKey | None = None
    """Key with the SSH key that reaches the hosts of a kubeadm cluster."""


class _WithSecrets(Contract):
    secrets: SecretNames = SecretNames()


class _Foundation(_WithSecrets):
    target: Target
    node_pools: Annotated[tuple[NodePool, ...], Field(min_length=1, max_length=100)]
    """Node pools of the cluster."""


class _Platform(Contract):
    namespace: NamespaceName = "models"
    """Namespace of the model servers."""


class _Serving(_WithSecrets):
    models: Annotated[tuple[ServedModel, ...], Field(min_length=1, max_length=200)]
    """Models to serve."""
    storage: StorageSettings = StorageSettings()
    sources: Sources = Sources()


class Settings(_Foundation, _Platform, _Serving):
    """One stack that holds everything."""

    scope: Literal["all"] = "all"
    """What the stack holds; split it where teams, credentials or outages should not be shared."""


class FoundationSettings(_Foundation):
    """A stack of network, cluster and node pools, which other stacks build on."""

    scope: Literal["foundation"]


class PlatformSettings(_Platform):
    """A stack of what all workloads of a cluster share: priorities, storage classes, namespaces."""

    scope: Literal["platform"]
    foundation: StackName
    """Stack that holds the cluster."""


class ServingSettings(_Platform, _Serving):
    """A stack of model servers."""

    scope: Literal["serving"]
    foundation: StackName
    """Stack that holds the cluster."""
    platform: StackName
    """Stack that holds the namespace and the storage classes."""


class HybridSettings(HybridNetwork):
    """A stack of links that join environments of other stacks."""

    scope: Literal["hybrid"]


StackSettings: TypeAlias = Settings | FoundationSettings | PlatformSettings | ServingSettings | HybridSettings
"""What a stack's file can say."""
STACK_KINDS: Mapping[str, type[StackSettings]] = {
    "all": Settings,
    "foundation": FoundationSettings,
    "platform": PlatformSettings,
    "serving": ServingSettings,
    "hybrid": HybridSettings,
}
"""The model of a stack's file by its ``scope``."""
SECRET_NAMES: tuple[type[SecretNames | LinkSecrets], ...] = (SecretNames, LinkSecrets)
"""What ``secrets`` can be; each field is a key, or keys by name."""
