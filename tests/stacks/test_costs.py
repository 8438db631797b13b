from __future__ import annotations

from pathlib import Path

import pytest

from components.contracts.costs import known_total
from stacks.reading import read_stack


def test_the_example_of_eks_is_mostly_its_gpus(project: Path) -> None:
    lines = read_stack(project, "aws").stack.costs()
    by_item = {line.item: line.usd_per_hour for line in lines}
    assert len(by_item) == len(lines), "the report compares lines by their item"
    assert by_item["h100: 2 × p5.48xlarge"] == pytest.approx(110.08)
    assert by_item["shared files on EFS"] is None, "what will be stored is not known"
    assert 110.08 + 10.49 < known_total(lines) < 130


def test_a_local_stack_costs_nothing(project: Path) -> None:
    assert read_stack(project, "dev").stack.costs() == ()
