"""``python -m benchmarks.scale [--write]``: a large platform and a tenth of it on the embedded cluster."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.document import write_between
from benchmarks.engine.flat import write_flat_project
from benchmarks.scale.measured import Measured, cores_in_use, measure, memory_of
from benchmarks.scale.platform import Size, stack_file
from cli.stack import PROJECT_FOLDER
from components.contracts.versions import KUBERNETES_EMBEDDED
from stacks.chart_objects import with_chart_objects
from stacks.checks import check_all
from stacks.reading import read_whole_stack
from stacks.recording import record
from tests.sandbox import Sandbox, sandbox

_MARKERS = "<!-- scale:begin -->", "<!-- scale:end -->"
_DOCUMENT = PROJECT_FOLDER / "docs" / "benchmarks.md"
_REST_SECONDS = 60.0
_UP = ("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--suppress-outputs", "--stack")
_PREVIEW = ("pulumi", "preview", "--non-interactive", "--suppress-outputs", "--stack")


def main() -> None:
    """Measure both sizes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--pools", type=int, default=20)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--write", action="store_true", help=f"write the table into {_DOCUMENT.name}")
    arguments = parser.parse_args()
    full = Size(arguments.nodes, arguments.pools, arguments.models)
    tenth = Size(full.nodes // 10, max(1, full.pools // 10), max(1, full.models // 10))
    table = _table({tenth: _measure(tenth), full: _measure(full)})
    print(table)
    if arguments.write:
        write_between(_DOCUMENT, _MARKERS, table)


def _measure(size: Size) -> dict[str, str | Measured]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "project").mkdir()
        with sandbox(PROJECT_FOLDER, root / "project", "dev") as box:
            return _steps(box, root, size)


def _steps(box: Sandbox, root: Path, size: Size) -> dict[str, str | Measured]:
    """Every step once, in the order in which a user comes to them."""
    (box.folder / "Pulumi.dev.yaml").write_text(stack_file(size))
    (box.folder / ".strata" / "backend").mkdir()
    # Both programs as `make` runs them: the engine looks for no provider of a cloud.
    ours = {**box.environment, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}
    flat, theirs = _flat_program(box, root, ours)
    python = str(box.folder / ".venv/bin/python")
    found: dict[str, str | Measured] = {}

    def step(name: str, command: tuple[str, ...], where: Path, environment: Mapping[str, str]) -> None:
        found[name] = measure(command, where, environment)
        print(f"{size}: {name}: {found[name]}", flush=True)

    def rest(name: str) -> None:
        pids = [component.pid for component in box.control_plane.status().components if component.pid]
        found[name] = f"{cores_in_use(pids, _REST_SECONDS):.2f} cores, {memory_of(pids):.1f} GiB"
        print(f"{size}: {name}: {found[name]}", flush=True)

    measure(("pulumi", "stack", "init", "dev", "--non-interactive"), box.folder, ours)
    measure(("pulumi", "stack", "init", "flat", "--non-interactive"), flat, theirs)
    step("check", (python, "-m", "cli", "check", "dev"), box.folder, ours)
    step("cluster with its nodes", (python, "-m", "cli", "start", "dev"), box.folder, ours)
    step("preview", (*_PREVIEW, "dev"), box.folder, ours)
    step("preview of the flat program", (*_PREVIEW, "flat"), flat, theirs)
    rest("cluster at rest after previews")
    step("first up", (*_UP, "dev"), box.folder, ours)
    step("unchanged up", (*_UP, "dev"), box.folder, ours)
    rest("cluster at rest with everything up")
    return found


def _flat_program(box: Sandbox, root: Path, environment: Mapping[str, str]) -> tuple[Path, dict[str, str]]:
    settings = read_whole_stack(box.folder, "dev")
    recorded = record(box.folder, settings, check_all(box.folder, settings).plans, "dev")
    resources = with_chart_objects(recorded)
    write_flat_project(root / "flat", resources, box.kubeconfig)
    return root / "flat", {**environment, "PULUMI_BACKEND_URL": f"file://{root}/flat/backend"}


def _table(found: Mapping[Size, Mapping[str, str | Measured]]) -> str:
    small, large = found
    machine = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Kubernetes {KUBERNETES_EMBEDDED}, one run"
    lines = [f"{machine}; memory is the most of all processes of the command together.", ""]
    lines += [f"| | {small} | {large} | ratio of times |", "|---|---|---|---|"]
    for name, amount in found[large].items():
        before = found[small][name]
        match amount, before:
            case Measured(), Measured():
                ratio = f"{amount.seconds / before.seconds:.1f}"
                lines.append(f"| {name} | {_cell(before)} | {_cell(amount)} | {ratio} |")
            case _:
                lines.append(f"| {name} | {before} | {amount} | |")
    return "\n".join(lines)


def _cell(amount: Measured) -> str:
    return f"{amount.seconds:.1f} s, {amount.memory:.2f} GiB"


if __name__ == "__main__":
    main()
