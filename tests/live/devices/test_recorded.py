"""The stand-in for the driver's library says what real drivers said of real GPUs."""

from __future__ import annotations

from pathlib import Path

import pytest

from .gpu_witness import Record, differences, record, stand_in
from .programs import Programs, require_programs, require_root

RECORDED = sorted(Path(__file__).with_name("recorded").glob("*.json"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_the_stand_in_says_what_the_driver_said(file: Path, tmp_path: Path) -> None:
    require_programs()
    require_root()
    driver = Record.model_validate_json(file.read_text())
    same = stand_in(driver)
    assert same is not None

    assert list(differences(driver, record(Programs(tmp_path, same)))) == []
