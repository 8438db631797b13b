"""Where coefficients live: the shipped module and the sets with one family left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from components.contracts.serving import Engine
from components.planner.speed.efficiency import STEP, TTFT
from components.planner.speed.prefill import TTFT_FEATURES
from components.planner.speed.step import FEATURES

from .coefficients import FITTED_ENGINES, Coefficients

MODULE = Path(__file__).parents[2] / "components/planner/speed/efficiency.py"
LEFT_OUT = Path(__file__).with_name("left_out.json")
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Measured:
    """What the rows of a fit cover, and how well it does on what it has not seen."""

    gpus: tuple[str, ...]
    least: int
    """Rows that a GPU has to have."""
    errors: dict[Engine, float]


class _Stored(TypedDict):
    step: dict[str, list[float]]
    ttft: dict[str, list[float]]


_HEAD = '''"""How far real engines stay behind the roofline, by engine.

Written by ``python -m benchmarks.planner_fit --write``; do not edit. Source: {rows:,} aggregated runs of
aiconfigurator-core 0.12.0's ``silicon_sample.csv`` (Apache-2.0, mostly InferenceX), one robust non-negative fit.
Coefficients of the terms in seconds are times over the data sheet's speed; the others are seconds per all-reduce hop,
kernel launch, sequence and request. TEI, which was not measured, has what the others share.
"""

from __future__ import annotations

from ...contracts.serving import Engine

'''


def shipped() -> Coefficients:
    """The coefficients that the planner uses."""
    return Coefficients(STEP, TTFT)


def load_left_out() -> dict[str, Coefficients]:
    """The coefficients fitted without each family, by family."""
    stored: dict[str, _Stored] = json.loads(LEFT_OUT.read_text(encoding="utf-8"))
    return {family: Coefficients(_read(terms["step"]), _read(terms["ttft"])) for family, terms in stored.items()}


def _read(stored: dict[str, list[float]]) -> dict[Engine, tuple[float, ...]]:
    return {Engine(name): tuple(values) for name, values in stored.items()}


def left_out_text(sets: dict[str, Coefficients]) -> str:
    """The file of the sets with one family left out; engines that the family was not measured on are kept too."""
    stored = {
        family: _Stored(step=_plain(coefficients.step), ttft=_plain(coefficients.ttft))
        for family, coefficients in sorted(sets.items())
    }
    families = ",\n".join(f"{json.dumps(family)}: {json.dumps(terms)}" for family, terms in stored.items())
    return "{\n" + families + "\n}\n"


def _plain(coefficients: dict[Engine, tuple[float, ...]]) -> dict[str, list[float]]:
    return {engine.value: [_short(value) for value in coefficients[engine]] for engine in FITTED_ENGINES}


def module_text(found: Coefficients, rows: int, measured: Measured) -> str:
    """The source of the shipped module."""
    step = _table("STEP", found.step, FEATURES, "step.FEATURES")
    ttft = _table("TTFT", found.ttft, TTFT_FEATURES, "prefill.TTFT_FEATURES")
    return "\n".join((_HEAD.format(rows=rows) + step, ttft, _measured(measured)))


def _measured(measured: Measured) -> str:
    gpus = ", ".join(f'"{name}"' for name in measured.gpus)
    errors = "".join(f"    Engine.{engine.name}: {error:.2f},\n" for engine, error in measured.errors.items())
    return (
        f'GPUS = ({gpus})\n"""Those with at least {measured.least} rows."""\n\n'
        f"ERRORS: dict[Engine, float] = {{\n{errors}}}\n"
        '"""Median error of the time per output token on families that were left out of the fit, by engine."""\n'
    )


def _table(name: str, found: dict[Engine, tuple[float, ...]], features: tuple[str, ...], order: str) -> str:
    lines = [f"{name}: dict[Engine, tuple[float, ...]] = {{"]
    for engine in Engine:
        lines.append(f"    Engine.{engine.name}: (")
        lines += [
            f"        {_short(value)!r},  # {feature}" for value, feature in zip(found[engine], features, strict=True)
        ]
        lines.append("    ),")
    return "\n".join([*lines, "}", f'"""Coefficients in the order of ``{order}``."""', ""])


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
