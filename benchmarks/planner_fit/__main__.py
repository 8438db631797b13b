"""Fit the planner's efficiency coefficients to measured rows, or check that the shipped ones are that fit.

``python -m benchmarks.planner_fit --rows silicon_sample.csv [--write | --check]``

The rows are ``aiconfigurator_core/systems/silicon_sample.csv`` of the wheel aiconfigurator-core 0.12.0
(``pip download --no-deps aiconfigurator-core==0.12.0``, then unzip that file).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from pathlib import Path

from components.contracts.serving import Engine

from .coefficients import FITTED_ENGINES, Coefficients, fit_coefficients, left_out
from .predict import Case, case
from .rows import Unusable, read
from .store import LEFT_OUT, MODULE, Measured, left_out_text, module_text

_LEAST_ROWS = 20
"""With fewer a GPU counts as not measured."""


def main() -> int:
    """Run; 1 when ``--check`` finds other coefficients than those shipped."""
    arguments = _arguments()
    cases, unusable = usable(arguments.rows)
    for because, count in unusable.most_common():
        print(f"{count:5} rows left out: {because}")
    found, without = fit_coefficients(cases), left_out(cases)
    _report(cases, found, without)
    texts = {MODULE: module_text(found, len(cases), _measured(cases, without)), LEFT_OUT: left_out_text(without)}
    if arguments.write:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    changed = [path.name for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    if arguments.check and changed:
        print(f"{' and '.join(changed)} differ from this fit; run with --write")
        return 1
    return 0


def usable(path: Path) -> tuple[list[Case], Counter[str]]:
    """Rows of a file that can be predicted, and why the others cannot."""
    cases: list[Case] = []
    unusable: Counter[str] = Counter()
    for row in read(path):
        found = row.because if isinstance(row, Unusable) else case(row)
        if isinstance(found, str):
            unusable[found] += 1
        else:
            cases.append(found)
    return cases, unusable


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planner_fit", description=__doc__)
    parser.add_argument("--rows", type=Path, required=True, help="silicon_sample.csv of aiconfigurator-core 0.12.0")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write the coefficients into the repository")
    action.add_argument("--check", action="store_true", help="fail unless the repository holds this fit")
    return parser.parse_args()


def _report(cases: list[Case], found: Coefficients, without: dict[str, Coefficients]) -> None:
    print(f"{len(cases)} rows; TPOT median |error|: fitted on all, then with the row's family left out")
    for engine in FITTED_ENGINES:
        own = _timed(cases, engine)
        inside = statistics.median(_error(found, case) for case in own)
        outside = statistics.median(_error(without[case.family], case) for case in own)
        print(f"  {engine.value:12} {len(own):5} rows  {inside:6.1%}  {outside:6.1%}")


def _measured(cases: list[Case], without: dict[str, Coefficients]) -> Measured:
    rows = Counter(case.row.gpu for case in cases)
    gpus = tuple(sorted(name for name, count in rows.items() if count >= _LEAST_ROWS))
    errors = {
        engine: statistics.median(_error(without[case.family], case) for case in _timed(cases, engine))
        for engine in FITTED_ENGINES
    }
    return Measured(gpus, _LEAST_ROWS, errors)


def _timed(cases: list[Case], engine: Engine) -> list[Case]:
    return [case for case in cases if case.row.engine is engine and case.row.tpot]


def _error(coefficients: Coefficients, case: Case) -> float:
    return abs(coefficients.tpot(case) / (case.row.tpot or 1.0) - 1)


if __name__ == "__main__":
    sys.exit(main())
