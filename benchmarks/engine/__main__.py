"""``python -m benchmarks.engine [--runs 3] [--write]``: times each way, side by side, on one control plane."""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.document import write_between
from benchmarks.engine.contenders import Contender, flat, kubectl, strata
from benchmarks.engine.flat import write_flat_project
from cli.rendering import render_stack
from cli.stack import PROJECT_FOLDER, load_stack
from components.contracts.versions import KUBERNETES_EMBEDDED
from simulation import apply_pools
from stacks.chart_objects import with_chart_objects
from stacks.reading import read_whole_stack
from stacks.recording import record
from tests.sandbox import Sandbox, sandbox

_STEPS = ("preview", "first up", "unchanged up", "destroy")
_MARKERS = "<!-- engine:begin -->", "<!-- engine:end -->"
_DOCUMENT = PROJECT_FOLDER / "docs" / "benchmarks.md"


def main() -> None:
    """Run every contender as often as asked and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write the table into {_DOCUMENT.name}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "project").mkdir()
        with sandbox(PROJECT_FOLDER, root / "project", "dev") as box:
            table = _table(_measure(box, root, arguments.runs), arguments.runs)
    print(table)
    if arguments.write:
        write_between(_DOCUMENT, _MARKERS, table)


def _measure(box: Sandbox, root: Path, runs: int) -> dict[str, dict[str, list[float]]]:
    stack = load_stack("dev")
    settings = read_whole_stack(PROJECT_FOLDER, "dev")
    render_stack(stack, root / "rendered")
    resources = with_chart_objects(record(PROJECT_FOLDER, settings, stack.plans, "dev"))
    write_flat_project(root / "flat", resources, box.kubeconfig)
    contenders = [strata(box), flat(root / "flat", box.environment), kubectl(root / "rendered", box.kubeconfig)]
    times: dict[str, dict[str, list[float]]] = {
        contender.name: {step: [] for step in _STEPS} for contender in contenders
    }
    for run in range(runs):
        # Turns rotate, so that none always gets the warm or the busy machine.
        for contender in contenders[run % 3 :] + contenders[: run % 3]:
            box.control_plane.reset()
            apply_pools(box.control_plane, settings.node_pools)
            contender.forget()
            if "init" in contender.steps:
                contender.run("init")
            for step in _STEPS:
                times[contender.name][step].append(_timed(contender, step))
            print(f"run {run + 1} of {runs}: {contender.name} done", flush=True)
    return times


def _timed(contender: Contender, step: str) -> float:
    begin = time.monotonic()
    contender.run(step)
    return time.monotonic() - begin


def _table(times: dict[str, dict[str, list[float]]], runs: int) -> str:
    machine = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Pulumi 3.255.0, Kubernetes {KUBERNETES_EMBEDDED}"
    lines = [
        f"{machine}, dev stack, {runs} runs; seconds, median (minimum to maximum).",
        "",
        f"| | {' | '.join(_STEPS)} |",
        f"|---|{'---|' * len(_STEPS)}",
    ]
    for name, steps in times.items():
        cells = [
            f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})" for seconds in steps.values()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    ours, floor = times["Strata"], times["flat program"]
    ratios = [f"{statistics.median(ours[step]) / statistics.median(floor[step]):.2f} for {step}" for step in _STEPS]
    lines += ["", f"Medians of Strata by those of the flat program: {', '.join(ratios)}."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
