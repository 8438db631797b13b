"""``python -m benchmarks.startup [--runs 3] [--write]``: time to a running program and to a preview, for each stack.

The floor is a Pulumi program that imports the SDK and declares nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.document import write_between
from cli.stack import PROJECT_FOLDER
from stacks.reading import read_stack
from stacks.settings import Settings
from tests.sandbox import sandbox

_MARKERS = "<!-- startup:begin -->", "<!-- startup:end -->"
_DOCUMENT = PROJECT_FOLDER / "docs" / "benchmarks.md"
_FLOOR = "empty program"
_PHASES = ("imports", "checks and plans", "declaring")
_PROGRAM = """
import time
begin = time.monotonic()
from pathlib import Path
import stacks.program
from stacks.checks import check_all
from stacks.reading import read_whole_stack
from stacks.recording import record
imported = time.monotonic()
settings = read_whole_stack(Path.cwd(), NAME)
plans = check_all(Path.cwd(), settings).plans
checked = time.monotonic()
record(Path.cwd(), settings, plans, NAME)
print(imported - begin, checked - imported, time.monotonic() - checked)
"""
_EMPTY = "name: empty\nruntime:\n  name: python\n  options: {toolchain: pip, virtualenv: .venv}\n"


def main() -> None:
    """Time every stack that holds everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write the table into {_DOCUMENT.name}")
    arguments = parser.parse_args()
    rows = [f"| {_FLOOR} | | | | {_cell(_floor_previews(arguments.runs))} |"]
    rows += [_row(stack, arguments.runs) for stack in _stacks()]
    about = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Pulumi 3.255.0, {arguments.runs} runs"
    table = "\n".join(
        [
            f"{about}; seconds, median (minimum to maximum).",
            "",
            f"| stack | {' | '.join(_PHASES)} | preview |",
            f"|---|{'---|' * (len(_PHASES) + 1)}",
            *rows,
        ]
    )
    print(table)
    if arguments.write:
        write_between(_DOCUMENT, _MARKERS, table)


def _stacks() -> list[str]:
    names = sorted(path.name.split(".")[1] for path in PROJECT_FOLDER.glob("Pulumi.*.yaml"))
    return [name for name in names if isinstance(read_stack(PROJECT_FOLDER, name).settings, Settings)]


def _row(stack: str, runs: int) -> str:
    phases = [_phases(stack) for _ in range(runs)]
    cells = [_cell([run[index] for run in phases]) for index in range(len(_PHASES))]
    print(f"{stack}: program done", flush=True)
    return f"| {stack} | {' | '.join(cells)} | {_cell(_previews(stack, runs))} |"


def _phases(stack: str) -> list[float]:
    """Seconds of each phase in a fresh interpreter, without an engine."""
    command = [sys.executable, "-c", _PROGRAM.replace("NAME", repr(stack))]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_FOLDER)}
    done = subprocess.run(command, cwd=PROJECT_FOLDER, env=environment, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()[-3:]]


def _previews(stack: str, runs: int) -> list[float]:
    """Seconds of `pulumi preview` of a stack that is not up, in a copy of the project."""
    with tempfile.TemporaryDirectory() as folder, sandbox(PROJECT_FOLDER, Path(folder), stack) as box:
        started = box.strata("start")
        if started.returncode:
            raise RuntimeError(f"{stack}: {started.stdout[-1000:]}{started.stderr[-1000:]}")
        command = f"pulumi preview --non-interactive --suppress-outputs --stack {stack}"
        times: list[float] = []
        for _ in range(runs):
            begin = time.monotonic()
            done = box.run(["sh", "-c", command]) if box.is_local else box.simulated(command)
            times.append(time.monotonic() - begin)
            if done.returncode:
                # A cloud that is not simulated yet; its program is timed all the same.
                print(f"{stack}: {done.stdout[-2000:]}{done.stderr[-2000:]}", file=sys.stderr)
                return []
        return times


def _floor_previews(runs: int) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "Pulumi.yaml").write_text(_EMPTY)
        (root / "__main__.py").write_text("import pulumi\n")
        (root / ".venv").symlink_to(PROJECT_FOLDER / ".venv")
        (root / "backend").mkdir()
        environment = {**os.environ, "PULUMI_BACKEND_URL": f"file://{root}/backend"}

        def pulumi(*arguments: str) -> float:
            begin = time.monotonic()
            command = ["pulumi", *arguments, "--non-interactive"]
            subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True)
            return time.monotonic() - begin

        pulumi("stack", "init", "empty")
        return [pulumi("preview", "--stack", "empty") for _ in range(runs)]


def _cell(times: list[float]) -> str:
    if not times:
        return "not simulated yet"
    return f"{statistics.median(times):.1f} ({min(times):.1f} to {max(times):.1f})"


if __name__ == "__main__":
    main()
