"""Helm charts for runs without a way to their repositories.

Owns taking them from the Go module of the software that they deploy. It deliberately does not deploy them: the program
does, from `.strata/charts`.
"""

from __future__ import annotations

import shutil

from .errors import ToolchainError
from .go_builds import GoBuilds, GoToolchain
from .manifest import ChartBundle
from .store import Store

# The committed module whose go.sum vouches for every chart.
_MODULE = "charts"


def store_name(chart: ChartBundle) -> str:
    """Where the chart lies in the store."""
    return f"charts/{chart.name}"


def go_recipe(chart: ChartBundle) -> str:
    """Names what a chart was taken from."""
    return f"go:{chart.go_module}:{chart.folder}"


def from_go(store: Store, builds: GoBuilds, go: GoToolchain, chart: ChartBundle) -> None:
    """Puts the chart into the store from the source of its software."""
    with store.making(f"charts-{chart.name}") as scratch:
        if store.holds(store_name(chart), chart.version, go_recipe(chart)):
            return
        source = builds.source(go, _MODULE, f"{chart.go_module}@v{chart.version}") / chart.folder
        if not (source / "Chart.yaml").is_file():
            raise ToolchainError(
                field=f"tools/versions.toml: charts.{chart.name}.folder",
                cause=f"{chart.folder} of {chart.go_module} {chart.version} has no Chart.yaml",
                consequence="stacks on the embedded cluster and on simulated clouds could not deploy this chart",
                fix="correct the folder, or the version",
            )
        prepared = scratch / "prepared"
        # Files of Go's cache cannot be written, and the store moves and removes what it has.
        shutil.copytree(source, prepared, copy_function=shutil.copyfile)
        for folder in (prepared, *(path for path in prepared.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        store.put(store_name(chart), chart.version, prepared, go_recipe(chart))
