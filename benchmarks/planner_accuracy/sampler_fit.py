"""The sampler constant from logs that break activations down, with each row left out in turn.

``python -m benchmarks.planner_accuracy.sampler_fit [--rows FILE.csv]``

vLLM's profiling ends with a sampler run over ``max_num_seqs`` sequences beside the hidden states of a step, so that
bytes per logit = (activations - 2 × batched tokens × hidden) / (sequences × vocabulary). Eligible are rows of
versions to 0.17, or of unknown version, whose sampler is larger than the forward pass. The fit is the median.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path

from components.planner.catalogs.gpus import GIB
from components.planner.memory.engine import engine_memory

from .__main__ import DATA, read_rows
from .deployments import Row, ineligible, read
from .stated import completed

_SORTS_BEFORE = (0, 18)


def bytes_per_logit(rows: Iterable[Row]) -> dict[str, float]:
    """What each eligible row says."""
    found: dict[str, float] = {}
    for row in completed(rows):
        deployment = read(row)
        if isinstance(deployment, str) or not row["activation_gib"] or ineligible(deployment):
            continue
        limits, layout = deployment.limits, deployment.workers[0].layout
        engine = engine_memory(
            deployment.spec, deployment.card, layout, limits, deployment.effective_version, eager=deployment.eager
        )
        if deployment.effective_version >= _SORTS_BEFORE or engine.forward >= engine.activations:
            continue
        hidden = 2.0 * limits.max_num_batched_tokens * deployment.spec.hidden
        logits = min(limits.max_num_seqs, limits.max_num_batched_tokens) * deployment.spec.vocab
        found[deployment.id] = (float(row["activation_gib"]) * GIB - hidden) / logits
    return found


def main() -> int:
    """Print each row's constant, their median, and the median without each row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, default=DATA / "placements_open.csv")
    path: Path = parser.parse_args().rows
    if not path.exists():
        print(f"no rows to fit: {path} is not there; pass --rows FILE.csv", file=sys.stderr)
        return 2
    found = bytes_per_logit(read_rows(path))
    for name, value in found.items():
        others = statistics.median(constant for other, constant in found.items() if other != name)
        print(f"{name}: {value:.1f} bytes per logit; median of the others {others:.2f}")
    print(f"median of {len(found)} rows: {statistics.median(found.values()):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
