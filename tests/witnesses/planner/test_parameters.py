"""The catalog counts the parameters of each model as its own code in transformers does, by part.

``parameters.csv`` is written by ``make planner-witnesses`` with programs that the product does not need.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from components.planner.catalogs.models import ModelSpec, model
from components.planner.catalogs.table import Row, read_rows
from components.planner.memory.parameters import parameters

_TABLE = Path(__file__).with_name("parameters.csv")
_ROWS = {row["model"]: row for row in read_rows(_TABLE)}
_TOLERANCE = 1e-3
_PARTS_TOLERANCE = 2e-3
"""Of the whole model: vision towers' and latent projections' norms and biases stand in other parts than here."""


def _spec(name: str) -> ModelSpec:
    return model(name.replace("/Meta-Llama-3.1", "/Llama-3.1"))


def _parts(spec: ModelSpec) -> dict[str, int]:
    counts = parameters(spec)
    return {
        "embedding": counts.embedding,
        "head": counts.head,
        "experts": counts.experts,
        "shared": counts.shared_experts + counts.latent,
        "linear": counts.linear,
        "attention": counts.attention + counts.key_value + counts.attention_replicated + counts.absorbed,
        "feed_forward": counts.feed_forward,
        "towers": counts.extra,
    }


def test_the_table_covers_the_models_that_transformers_knows() -> None:
    assert len(_ROWS) >= 90
    assert {"deepseek-ai/DeepSeek-V4-Pro", "zai-org/GLM-5.2", "nvidia/MiniMax-M3-NVFP4"} <= set(_ROWS)


@pytest.mark.parametrize("row", _ROWS.values(), ids=_ROWS)
def test_parameters_are_those_of_the_models_own_code(row: Row) -> None:
    spec, whole = _spec(row["model"]), int(row["total"])
    assert parameters(spec).total == pytest.approx(whole, rel=_TOLERANCE)
    for part, counted in _parts(spec).items():
        assert counted == pytest.approx(int(row[part]), abs=_PARTS_TOLERANCE * whole), part
