"""Where each tool is now.

Owns the first two answers to "is it there": a compatible program on PATH, then the store. It deliberately installs
nothing, so that it can be asked again after every stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from . import chart_bundles, crd_bundles, debian, path_search, releases
from .go_builds import GoBuilds
from .manifest import ChartBundle, CrdBundle, DebianBundle, Manifest, Tool
from .platforms import Platform
from .store import Store


class Source(StrEnum):
    """How a tool came here."""

    PATH = "on PATH"
    RELEASE = "official release"
    GO = "built from source"


@dataclass(frozen=True)
class Found:
    """The folder with a tool's programs."""

    folder: Path
    source: Source


class Resolver:
    """Looks tools up."""

    def __init__(
        self, manifest: Manifest, platform: Platform, store: Store, builds: GoBuilds, folders: Sequence[Path]
    ) -> None:
        self._manifest = manifest
        self._platform = platform
        self._store = store
        self._builds = builds
        self._folders = folders
        self._on_path: dict[str, Path | None] = {}

    def tool(self, tool: Tool) -> Found | None:
        """The tool, if it is there in a compatible version."""
        return self._beside_parent(tool) or self._found_on_path(tool) or self._stored(tool)

    def crds(self, bundle: CrdBundle) -> Path | None:
        """The bundle, if it is there."""
        recipe = self._store.recipe(crd_bundles.store_name(bundle), bundle.version)
        offer = releases.offer(bundle.release, bundle.version, self._platform)
        if recipe is not None and recipe in (crd_bundles.go_recipe(bundle), offer and releases.recipe(offer)):
            return self._store.place(crd_bundles.store_name(bundle), bundle.version)
        return None

    def chart(self, chart: ChartBundle) -> Path | None:
        """The chart, if it is there."""
        if self._store.recipe(chart_bundles.store_name(chart), chart.version) == chart_bundles.recipe(chart):
            return self._store.place(chart_bundles.store_name(chart), chart.version)
        return None

    def has_debian(self, bundle: DebianBundle) -> bool:
        """Whether the programs are there, on PATH or unpacked."""
        return debian.is_on_path(bundle) or self._store.holds(bundle.name, bundle.version, debian.recipe(bundle))

    def _beside_parent(self, tool: Tool) -> Found | None:
        """A Pulumi that the user has, or an official one, brings its own language hosts."""
        if tool.beside is None:
            return None
        parent = self.tool(self._manifest.tool(tool.beside))
        if parent is None or parent.source is Source.GO:
            return None
        whole = all(path_search.is_program(parent.folder / binary) for binary in tool.binaries)
        return parent if whole else None

    def _found_on_path(self, tool: Tool) -> Found | None:
        if tool.name not in self._on_path:
            self._on_path[tool.name] = path_search.find(tool, self._folders)
        folder = self._on_path[tool.name]
        return Found(folder, Source.PATH) if folder is not None else None

    def _stored(self, tool: Tool) -> Found | None:
        recipe = self._store.recipe(tool.name, tool.version)
        if recipe is None:
            return None
        folder = self._store.place(tool.name, tool.version) / "bin"
        offer = releases.offer(tool.release, tool.version, self._platform)
        if offer is not None and recipe == releases.recipe(offer):
            return Found(folder, Source.RELEASE)
        if recipe == self._builds.recipe(tool, self._manifest.modules[tool.go.module]):
            return Found(folder, Source.GO)
        return None
