"""The parts of ``docs/first-real-run.md`` that the program computes, and the documents of rights beside it.

``python -m tests.first_run.page`` writes them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from cli.report.costs import cost_report, dollars
from cli.verify.answers import Answers
from cli.verify.comparison import compare
from tests.conftest import PROJECT

from .stacks import FOLDER, STACKS, FirstRun, first_run

PAGE = PROJECT / "docs" / "first-real-run.md"
_PART = re.compile(r"(<!-- (cost|promises) of ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rights_file(name: str) -> Path:
    """Where the document of rights of a stack is."""
    return FOLDER / f"{name}.rights.json"


def rights(run: FirstRun) -> str:
    """The document as it has to be."""
    return json.dumps(run.permissions.document, indent=2) + "\n"


def written(page: str, runs: Mapping[str, FirstRun]) -> str:
    """The page with its computed parts as they have to be."""
    parts = {"cost": _costs, "promises": _promises}
    return _PART.sub(lambda found: f"{found[1]}\n{parts[found[2]](runs[found[3]])}\n\n{found[4]}", page)


def _costs(run: FirstRun) -> str:
    lines = run.stack.costs()
    known = cost_report(lines, {}).lines
    rows = [
        f"| {line.item} | {dollars(line.usd_per_hour)} | {line.region} {line.date} | {line.note} |" for line in known
    ]
    total = sum(line.usd_per_hour or 0.0 for line in lines)
    unknown = sum(line.usd_per_hour is None for line in lines)
    rest = f"; parts whose price is not known here: {unknown}" if unknown else ""
    table = "\n".join(["| part | an hour | price of | note |", "|---|---|---|---|", *rows])
    return f"{table}\n\nTogether **{dollars(total)} an hour**{rest}, whether it is used or not."


def _promises(run: FirstRun) -> str:
    return "\n".join(f"- {finding.promise}" for finding in compare(run.checked.promises, Answers(items=[])))


def main() -> None:
    """Write everything."""
    runs = {name: first_run(name) for name in STACKS}
    for name, run in runs.items():
        rights_file(name).write_text(rights(run), encoding="utf-8")
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), runs), encoding="utf-8")


if __name__ == "__main__":
    main()
