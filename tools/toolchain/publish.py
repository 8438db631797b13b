"""Making the resolved toolchain usable from the project.

Owns what is linked where, the Python environments that the project needs, and the stamp that ends the next run at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import chart_bundles, debian, stamp
from .crd_bundles import store_name
from .errors import ToolchainError
from .manifest import DebianBundle, Group, Manifest, Tool
from .python_env import Environment
from .resolution import Found, Resolver, Source
from .stamp import Stamp
from .store import Store, pulumi_home
from .workspace import Workspace, link_or_copy

_RUN = "requirements.txt"
_DEV = "requirements-dev.txt"
_CHECKOV = "requirements-checkov.txt"


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Fills `.strata/`."""

    manifest: Manifest
    store: Store
    workspace: Workspace
    resolver: Resolver
    key: str

    def environments(self, groups: Sequence[Group]) -> list[Environment]:
        """The Python environments that the groups need."""
        root = self.workspace.root
        both = (root / _RUN, root / _DEV)
        wanted = both if Group.CHECK in groups else both[:1]
        found = [Environment(name=".venv", folder=self.workspace.venv, wanted=wanted, known=both)]
        if Group.CHECK in groups:
            files = (root / _CHECKOV,)
            found.append(Environment(name="checkov", folder=self._checkov, wanted=files, known=files))
        return found

    @property
    def _checkov(self) -> Path:
        return self.store.place("checkov", self.manifest.checkov)

    def publish(self, wanted: Sequence[Group]) -> None:
        """Links everything and writes the stamp, last.

        A group that is whole stays linked when this run did not ask for it: `make up` takes nothing from `make test`.
        """
        groups = tuple(group for group in Group if group in wanted or self._is_whole(group))
        tools = [tool for tool in self.manifest.tools if tool.group in groups]
        bundles = [bundle for bundle in self.manifest.crds if bundle.group in groups]
        found = {tool.name: self._found(tool) for tool in tools}
        programs: dict[str, Path] = {}
        links: dict[str, Path] = {}
        for tool in tools:
            folder = self._laid(tool, found)
            for binary in tool.binaries:
                programs[binary] = folder / binary
                if tool.plugin is None and tool.beside is None:
                    links[binary] = folder / binary
        if Group.CHECK in groups:
            links["checkov"] = programs["checkov"] = self._checkov / "bin" / "checkov"
        crds = {bundle.name: self.store.place(store_name(bundle), bundle.version) for bundle in bundles}
        charts = {
            chart.name: self.store.place(chart_bundles.store_name(chart), chart.version)
            for chart in self.manifest.charts
            if chart.group in groups
        }
        self.workspace.link_tools(links)
        running = {bundle.name for bundle in bundles if bundle.group is Group.RUN}
        self.workspace.link_crds({name: place for name, place in crds.items() if name in running})
        self.workspace.link_definitions({name: place for name, place in crds.items() if name not in running})
        self.workspace.link_charts(charts)
        unpacked = [self.store.place(bundle.name, bundle.version) for bundle in self._unpacked(groups)]
        self.workspace.link_runtime({place.parent.name: place for place in unpacked})
        self.workspace.write_command()
        self.workspace.write_env(pulumi_home())
        parts = [
            *programs.values(),
            *crds.values(),
            *charts.values(),
            *unpacked,
            self.workspace.env_file,
            self.workspace.command,
            self.workspace.backend,
        ]
        parts += [self.workspace.bin / name for name in links]
        for environment in self.environments(groups):
            parts += [environment.stamp_file, environment.python]
        texts = {name: str(path) for name, path in programs.items()}
        stamp.write(self.workspace, Stamp(key=self.key, groups=groups, programs=texts, marks=stamp.marks(parts)))

    def _unpacked(self, groups: Sequence[Group]) -> list[DebianBundle]:
        """Bundles of Debian packages that are run from the store."""
        return [bundle for bundle in self.manifest.debian if bundle.group in groups and not debian.is_on_path(bundle)]

    def _is_whole(self, group: Group) -> bool:
        tools = [tool for tool in self.manifest.tools if tool.group is group]
        bundles = [bundle for bundle in self.manifest.crds if bundle.group is group]
        charts = [chart for chart in self.manifest.charts if chart.group is group]
        return (
            all(environment.is_current for environment in self.environments((group,)))
            and all(self.resolver.crds(bundle) is not None for bundle in bundles)
            and all(self.resolver.chart(chart) is not None for chart in charts)
            and all(self.resolver.tool(tool) is not None for tool in tools)
            and all(self.resolver.has_debian(bundle) for bundle in self.manifest.debian if bundle.group is group)
        )

    def _found(self, tool: Tool) -> Found:
        found = self.resolver.tool(tool)
        if found is None:
            raise ToolchainError(
                field=tool.name,
                cause="it was installed, and is not there any more",
                consequence="the toolchain is incomplete",
                fix="run the same command again",
            )
        return found

    def _laid(self, tool: Tool, found: dict[str, Found]) -> Path:
        """The folder from which Pulumi, or the user, runs this tool."""
        folder = found[tool.name].folder
        if tool.plugin is not None:
            target = pulumi_home() / "plugins" / f"{tool.plugin}-v{tool.version}"
        elif tool.beside is not None and found[tool.beside].source is Source.GO:
            target = found[tool.beside].folder
        else:
            return folder
        for binary in tool.binaries:
            link_or_copy(folder / binary, target / binary)
        return target


def where(workspace: Workspace, name: str) -> Path:
    """The path of a resolved program."""
    known = stamp.read(workspace)
    if known is None or name not in known.programs:
        names = ", ".join(sorted(known.programs)) if known else "nothing yet"
        raise ToolchainError(
            field=name,
            cause=f"it is not installed here; installed: {names}",
            consequence="its path is unknown",
            fix="make toolchain (what the stack needs) or make toolchain-check (what the checks need, too)",
        )
    return Path(known.programs[name])
