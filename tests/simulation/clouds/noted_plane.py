"""A control plane that runs nothing, so that a cluster takes no time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from simulation.control_plane.api import Json
from simulation.control_plane.machines import Machine
from simulation.control_plane.rolling import Replacement
from simulation.provider.managed_cluster import Endpoint
from simulation.provider.tables import Cloud, Effects


@dataclass
class NotedPlane:
    """What a control plane was told."""

    exists: bool = False
    groups: dict[str, tuple[Machine, ...]] = field(default_factory=dict[str, tuple[Machine, ...]])
    replacements: dict[str, Replacement | None] = field(default_factory=dict[str, Replacement | None])
    drivers: list[str] = field(default_factory=list[str])
    definitions: list[Path] = field(default_factory=list[Path])
    objects: dict[str, Json] = field(default_factory=dict[str, Json])

    def create(self) -> Endpoint:
        self.exists = True
        return Endpoint(server="https://127.0.0.1:6443", certificate_authority="Q0E=")

    @property
    def groups_known(self) -> set[str]:
        """API groups that Kubernetes knows by what it was made to know."""
        files = [path for folder in self.definitions for path in folder.glob("*.yaml")]
        definitions = [about for path in files for about in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
        return {about["spec"]["group"] for about in definitions}

    def define(self, folder: Path) -> None:
        self.definitions.append(folder)

    def apply(self, path: str, body: Json) -> None:
        self.objects[path] = body

    def set_machines(self, group: str, machines: Sequence[Machine], replacement: Replacement | None = None) -> None:
        self.groups[group] = tuple(machines)
        self.replacements[group] = replacement

    def install_driver(self, provisioner: str) -> None:
        if provisioner not in self.drivers:
            self.drivers.append(provisioner)

    def remove_driver(self, provisioner: str) -> None:
        if provisioner in self.drivers:
            self.drivers.remove(provisioner)

    def delete(self) -> None:
        self.exists = False


def with_effects(cloud: Cloud, effects: Mapping[str, Effects]) -> Cloud:
    """The cloud with other effects for some of its types."""
    kinds = {token: replace(cloud.kinds[token], effects=effect) for token, effect in effects.items()}
    return replace(cloud, kinds={**cloud.kinds, **kinds})
