"""Plans for the pairs of model and hardware that published recipes mark verified, counted by maker.

``python -m benchmarks.planner_coverage FOLDER`` with a checkout of github.com/vllm-project/recipes.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.contracts.errors import StrataError
from components.contracts.serving import Precision, ServingPlan, ServingRequest
from components.planner import plan
from components.planner.catalogs.gpus import gpu
from components.planner.catalogs.models import ModelSpec, model

from .hardware import facts, refused_by_name, vendor
from .recipes import Checkpoint, Pair, pairs

_PLANNED, _SHARED, _REFUSED = "planned", "refused as the recipe does", "refused"
_NO_MODEL, _NO_HARDWARE, _BY_NAME, _UNNAMED = "model unknown", "hardware unknown", "refused by name", "not named"
_GOOD = frozenset({_PLANNED, _SHARED, _BY_NAME})
_PRECISIONS = {"fp8": Precision.FP8, "bf16": Precision.BF16, "nvfp4": Precision.NVFP4, "mxfp4": Precision.MXFP4}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the planner says to one pair."""

    pair: Pair
    verdict: str
    because: str = ""


def judge(pair: Pair) -> Outcome:
    """The best answer among the checkpoints of a recipe."""
    if vendor(pair.hardware) != "NVIDIA":
        return Outcome(pair=pair, verdict=_BY_NAME if refused_by_name(pair.hardware) else _UNNAMED)
    cluster = facts(pair.hardware)
    if cluster is None:
        return Outcome(pair=pair, verdict=_NO_HARDWARE)
    causes: list[str] = []
    for checkpoint in pair.checkpoints:
        spec = _spec(checkpoint)
        if spec is None:
            continue
        request = ServingRequest(
            name="recipe",
            model=spec.id,
            precision=_PRECISIONS.get(checkpoint.precision) if checkpoint.model == pair.model else None,
            kv_precision=checkpoint.kv_precision,
        )
        answer = plan(request, cluster, model=spec)
        if isinstance(answer, ServingPlan):
            return Outcome(pair=pair, verdict=_PLANNED)
        causes.append(answer.cause)
    if not causes:
        return Outcome(pair=pair, verdict=_NO_MODEL)
    pool = cluster.pools[0]
    memory = gpu(pool.gpu or "").memory_gib * pool.gpus
    needed = [checkpoint.least_memory_gb or 0.0 for checkpoint in pair.checkpoints]
    return Outcome(pair=pair, verdict=_SHARED if min(needed) > memory else _REFUSED, because=causes[-1])


def _spec(checkpoint: Checkpoint) -> ModelSpec | None:
    try:
        return model(checkpoint.model)
    except StrataError:
        return None


def table(outcomes: Sequence[Outcome]) -> str:
    """Counts by maker, and every pair that is not served."""
    makers = sorted(
        {vendor(outcome.pair.hardware) for outcome in outcomes}, key=lambda maker: (maker != "NVIDIA", maker)
    )
    lines = ["| Maker | Pairs | Planned or rightly refused | Verdicts |", "| --- | --- | --- | --- |"]
    for maker in makers:
        of_maker = [outcome for outcome in outcomes if vendor(outcome.pair.hardware) == maker]
        good = sum(outcome.verdict in _GOOD for outcome in of_maker)
        verdicts = Counter(outcome.verdict for outcome in of_maker).most_common()
        shown = ", ".join(f"{verdict} {count}" for verdict, count in verdicts)
        lines.append(f"| {maker} | {len(of_maker)} | {good} ({good / len(of_maker):.1%}) | {shown} |")
    lines += ["", "| Model | Hardware | Verdict | Why |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {outcome.pair.model} | {outcome.pair.hardware} | {outcome.verdict} | {outcome.because} |"
        for outcome in outcomes
        if outcome.verdict not in _GOOD
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="checkout of github.com/vllm-project/recipes")
    print(table([judge(pair) for pair in pairs(parser.parse_args().folder)]))


if __name__ == "__main__":
    main()
