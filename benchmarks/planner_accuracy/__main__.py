"""How far the planner's predictions are from published measurements.

``python -m benchmarks.planner_accuracy [--rows FILE.csv] [--json] [--write docs/accuracy.md]``

A file has the columns of ``placements_open.csv`` or of ``perf_open.csv``; without one, both are read from
``../shared/data`` where that is there.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

from benchmarks.document import write_between

from . import perf, placements, recipes, report

DATA = Path("../shared/data")
_MARKERS = "<!-- measured: begin -->", "<!-- measured: end -->"
_MEASURES_LATENCY = "tpot_ms"


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _evaluate(paths: list[Path]) -> tuple[list[str], dict[str, report.Json]]:
    sections: list[str] = []
    data: dict[str, report.Json] = {}
    for path in paths:
        rows = read_rows(path)
        if rows and _MEASURES_LATENCY in rows[0]:
            latency = perf.evaluate(rows)
            sections.append(f"## Speed: {path.name}\n\n{report.perf_markdown(latency)}")
            data["performance"] = report.perf_json(latency)
        else:
            memory = placements.evaluate(rows)
            sections.append(f"## Memory and fit: {path.name}\n\n{report.placements_markdown(memory)}")
            data["placements"] = report.placements_json(memory)
            found, unread = recipes.compare(rows)
            sections.append(f"## GPUs beside published deployments\n\n{report.recipes_markdown(found, unread)}")
            data["recipes"] = {
                "rows": len(found),
                "need_more": [comparison.row.id for comparison in found if comparison.needs_more],
            }
    return sections, data


def main() -> int:
    """Print or write the tables; 2 when there are no rows to compare with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, action="append", help="rows to compare with; may be given again")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--write", type=Path, help="replace the measured part of this file")
    arguments = parser.parse_args()
    paths: list[Path] = arguments.rows or [DATA / "placements_open.csv", DATA / "perf_open.csv"]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        print(f"no rows to compare with: {', '.join(missing)} is not there; pass --rows FILE.csv", file=sys.stderr)
        return 2
    sections, data = _evaluate(paths)
    body = "\n\n".join(sections)
    if arguments.write:
        write_between(arguments.write, _MARKERS, f"\n{body}\n")
    else:
        print(json.dumps(data, indent=2) if arguments.json else body)
    return 0


if __name__ == "__main__":
    sys.exit(main())
