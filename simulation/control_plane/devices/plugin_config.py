"""The configuration of NVIDIA's device plugin and GPU feature discovery: MIG strategy, time slicing, MPS.

Owns choosing it from a ConfigMap and what it makes of resource names. Source: github.com/NVIDIA/k8s-device-plugin
v0.19.0, cmd/config-manager/main.go, api/config/v1 and internal/rm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import yaml
from pydantic import Field, ValidationError

from ..api import Answer

GPU = "nvidia.com/gpu"
CONFIG_LABEL = "nvidia.com/device-plugin.config"
MigStrategy: TypeAlias = Literal["none", "single", "mixed"]
Sharing: TypeAlias = Literal["none", "time-slicing", "mps"]


class _Replicated(Answer):
    name: str
    replicas: int = Field(ge=2)


class _Replication(Answer):
    renames: bool = Field(default=False, alias="renameByDefault")
    resources: list[_Replicated] = []


class _Sharing(Answer):
    time_slicing: _Replication = Field(default=_Replication(), alias="timeSlicing")
    mps: _Replication | None = None


class _Flags(Answer):
    mig_strategy: MigStrategy = Field(default="none", alias="migStrategy")


class _File(Answer):
    version: Literal["v1"]
    flags: _Flags = _Flags()
    sharing: _Sharing = _Sharing()


@dataclass(frozen=True)
class PluginConfig:
    """What a running plugin was told."""

    mig_strategy: MigStrategy = "none"
    sharing: Sharing = "none"
    replicas: Mapping[str, int] | None = None
    renames: bool = False

    def shared(self, resource: str, count: int) -> tuple[str, int]:
        """Name and number under which devices are advertised.

        Args:
            resource: Name of the devices where they are not shared.
            count: How many there are.
        """
        replicas = self.replicas_of(resource)
        if replicas == 1:
            return resource, count
        return (f"{resource}.shared" if self.renames else resource), count * replicas

    def replicas_of(self, resource: str) -> int:
        """How many pods share one device of the name; 1 where none do."""
        return (self.replicas or {}).get(resource, 1)


def read_config(text: str, strategy: str = "") -> PluginConfig | None:
    """The configuration in a file; None where the plugin would end with an error.

    Args:
        text: Content of the file; empty for the defaults.
        strategy: MIG strategy of the environment or the command line, which wins over that of the file.
    """
    try:
        file = _File.model_validate(yaml.safe_load(text)) if text.strip() else _File(version="v1")
        mig = _Flags.model_validate({"migStrategy": strategy}).mig_strategy if strategy else file.flags.mig_strategy
    except (ValidationError, yaml.YAMLError):
        return None
    # As Sharing.ReplicatedResources has it, MPS wins where both are there.
    mps, slices = file.sharing.mps, file.sharing.time_slicing
    active = slices if mps is None else mps
    kind: Sharing = "none" if not active.resources else "time-slicing" if mps is None else "mps"
    if kind == "mps" and mig == "mixed":
        return None
    return PluginConfig(mig, kind, {entry.name: entry.replicas for entry in active.resources}, active.renames)


def choose_config(files: Mapping[str, str], label: str, default: str, fallbacks: str) -> str | None:
    """The content that config-manager puts in place; None where it ends with an error, and the plugin never starts.

    Args:
        files: The ConfigMap.
        label: Value of the node's label ``nvidia.com/device-plugin.config``; empty where it has none.
        default: The name in ``DEFAULT_CONFIG``.
        fallbacks: The strategies in ``FALLBACK_STRATEGIES``, separated by commas.
    """
    if not files:
        return None
    for name in (label, default):
        if name:
            return files.get(name)
    for strategy in fallbacks.split(","):
        if strategy == "named" and "default" in files:
            return files["default"]
        if strategy == "single" and len(files) == 1:
            return next(iter(files.values()))
        if strategy == "empty":
            return ""
    return None
