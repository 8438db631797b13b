"""Helm charts for runs without a way to their repositories.

Owns taking them from the Go module of the software that they deploy, or from this project where no module has them. It
deliberately does not deploy them: the program does, from `.strata/charts`.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from .errors import ToolchainError
from .go_builds import GoBuilds, GoToolchain
from .manifest import ChartBundle
from .store import Store

# The committed module whose go.sum vouches for every chart.
_MODULE = "charts"


def store_name(chart: ChartBundle) -> str:
    """Where the chart lies in the store."""
    return f"charts/{chart.name}"


def recipe(chart: ChartBundle) -> str:
    """Names what a chart was taken from; files of this project by their content."""
    if chart.kept is None:
        return f"go:{chart.go_module}:{chart.folder}"
    digest = hashlib.sha256()
    for file in sorted(path for path in chart.kept.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(chart.kept)}\0".encode() + file.read_bytes() + b"\0")
    return f"kept:{digest.hexdigest()}:{chart.go_module}:{','.join(chart.definitions)}"


def from_go(store: Store, builds: GoBuilds, go: GoToolchain, chart: ChartBundle) -> None:
    """Puts the chart into the store from the source of its software, or from this project."""
    with store.making(f"charts-{chart.name}") as scratch:
        if store.holds(store_name(chart), chart.version, recipe(chart)):
            return
        module = builds.source(go, _MODULE, f"{chart.go_module}@v{chart.version}") if chart.go_module else None
        source = chart.kept or (module / chart.folder if module else None)
        if source is None or not (source / "Chart.yaml").is_file():
            raise ToolchainError(
                field=f"tools/versions.toml: charts.{chart.name}.{'kept' if chart.kept else 'folder'}",
                cause=f"{source} has no Chart.yaml",
                consequence="stacks on the embedded cluster and on simulated clouds could not deploy this chart",
                fix="correct the folder, or the version",
            )
        prepared = scratch / "prepared"
        # Files of Go's cache cannot be written, and the store moves and removes what it has.
        shutil.copytree(source, prepared, copy_function=shutil.copyfile)
        for folder in (prepared, *(path for path in prepared.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        if module:
            _add_definitions(module, chart, prepared / "crds")
        store.put(store_name(chart), chart.version, prepared, recipe(chart))


def _add_definitions(module: Path, chart: ChartBundle, folder: Path) -> None:
    for glob in chart.definitions:
        found = sorted(module.glob(glob))
        if not found:
            raise ToolchainError(
                field=f"tools/versions.toml: charts.{chart.name}.definitions",
                cause=f"{glob} matches nothing in {chart.go_module} {chart.version}",
                consequence="the chart would deploy no definitions, and objects of its kinds would be refused",
                fix="correct the pattern, or the version",
            )
        folder.mkdir(exist_ok=True)
        for file in found:
            shutil.copyfile(file, folder / file.name)
