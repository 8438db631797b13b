"""`strata models add` writes rows that the planner then reads."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import pytest

from cli import models
from components.contracts.errors import StrataError
from components.planner.catalogs import model_rows
from components.planner.catalogs.hf_config import read_config
from components.planner.catalogs.models import _model  # pyright: ignore[reportPrivateUsage]
from components.planner.catalogs.table import read_rows

_CONFIGS = Path(__file__).parents[1] / "planner" / "configs"


def _arguments(**values: object) -> argparse.Namespace:
    usual = {"variant_of": "", "source": "", "files": None, "table": None}
    return argparse.Namespace(**(usual | values))


@pytest.mark.parametrize("name", sorted(folder.name for folder in _CONFIGS.iterdir()))
def test_a_row_says_what_the_files_say(name: str, tmp_path: Path) -> None:
    table = tmp_path / "models.csv"
    shutil.copy(model_rows.TABLE, table)
    known = len(read_rows(table))
    models.run(_arguments(model=f"me/{name}", files=_CONFIGS / name, table=table))
    rows = read_rows(table)
    assert len(rows) == known + 1
    (row,) = (row for row in rows if row["id"] == f"me/{name}")
    read = _model(row)
    direct = read_config(_CONFIGS / name / "config.json", name=f"me/{name}")
    for field in ("attention", "window", "linear", "convolution", "experts", "layers", "dense_width", "context"):
        assert getattr(read, field) == getattr(direct, field), field
    assert read.native.precisions == direct.native.precisions


def test_adding_a_model_again_replaces_its_row(tmp_path: Path) -> None:
    table = tmp_path / "models.csv"
    shutil.copy(model_rows.TABLE, table)
    known = len(read_rows(table))
    add = _arguments(model="zai-org/GLM-5.2", files=_CONFIGS / "GLM-5.2", table=table, source="as given")
    models.run(add)
    assert len(read_rows(table)) == known


def test_a_variant_is_found_from_the_model_that_it_is_of(tmp_path: Path) -> None:
    table = tmp_path / "models.csv"
    shutil.copy(model_rows.TABLE, table)
    files = _CONFIGS / "MiniMax-M3-NVFP4"
    models.run(_arguments(model="me/M3-FP4", files=files, table=table, variant_of="MiniMaxAI/MiniMax-M3"))
    (row,) = (row for row in read_rows(table) if row["id"] == "MiniMaxAI/MiniMax-M3")
    assert "nvfp4=me/M3-FP4" in row["variants"]


def test_a_folder_without_a_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StrataError, match=r"config\.json"):
        models.run(_arguments(model="me/nothing", files=tmp_path, table=tmp_path / "models.csv"))
