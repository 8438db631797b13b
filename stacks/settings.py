"""The settings of a stack: everything below ``strata:`` in ``Pulumi.<stack>.yaml``.

One class for each scope, composed of the settings of its layers. ``reading`` turns a file into one of them. Secrets
are not part of it: settings name the top-level keys that hold them, because Pulumi passes a secret nested in an object
as plain text.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from components.contracts.errors import StrataError
from components.networks.interconnect.settings import HybridNetwork, LinkSecrets

from .layers.accelerators import AcceleratorsPart
from .layers.foundation import FoundationPart
from .layers.layer import StackName
from .layers.platform import PlatformPart
from .layers.services import ServicesPart
from .layers.serving import ServingPart
from .secret_names import SecretNames


class Settings(FoundationPart, AcceleratorsPart, ServicesPart, PlatformPart, ServingPart):
    """One stack that holds everything."""

    scope: Literal["all"] = "all"
    """What the stack holds; split it where teams, credentials or outages should not be shared."""


class FoundationSettings(FoundationPart):
    """A stack of network, cluster and node pools, which other stacks build on."""

    scope: Literal["foundation"]


class PlatformSettings(AcceleratorsPart, ServicesPart, PlatformPart):
    """A stack of what all workloads of a cluster share: devices, services, priorities, storage classes, namespaces."""

    scope: Literal["platform"]
    foundation: StackName
    """Stack that holds the cluster."""


class ServingSettings(ServingPart):
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
SECRET_NAMES: tuple[type[SecretNames | LinkSecrets], ...] = (SecretNames, LinkSecrets)
"""What ``secrets`` can be; each field is a key, or keys by name."""


def whole_settings(stack: str, settings: object) -> Settings:
    """The settings of a stack that holds everything; StrataError for another scope."""
    if isinstance(settings, Settings):
        return settings
    raise StrataError.of(
        "scope",
        cause=f"stack {stack} is of scope {getattr(settings, 'scope', 'unknown')}",
        consequence="what the other stacks hold would be missing",
        fix="name a stack of scope all",
    )
