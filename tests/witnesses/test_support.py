"""``docs/support.md`` says what its table says, and every test that it names is there."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import pytest
import yaml

from components.contracts.errors import StrataError
from stacks.checks import files_only
from stacks.reading import read_stack
from stacks.yaml_file import read_yaml
from tests.conftest import PROJECT
from tests.stack_files import put

from .support import FEATURES, PAGE, TARGETS, Feature, page
from .test_rows import existing


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.witnesses.support"


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.about)
def test_every_test_that_checks_a_feature_exists(feature: Feature) -> None:
    assert [name for name in feature.tests() if name not in existing()] == []
    assert feature.by_target.keys() <= set(TARGETS)
    assert feature.by_target or feature.note, "where nothing checks it, say why"


@pytest.mark.parametrize(
    ("stack", "machine", "said"),
    [
        ("gcp", "ct5lp-hightpu-4t", "has TPUs"),
        ("azure", "Standard_ND96isr_MI300X_v5", "has AMD GPUs"),
        ("aws", "g4ad.4xlarge", "has AMD GPUs"),
        ("aws", "trn2.48xlarge", "Trainium"),
        ("dev", "trn2.48xlarge", "Trainium"),
    ],
)
def test_other_accelerators_are_refused_by_name(stack: str, machine: str, said: str, tmp_path: Path) -> None:
    for path in PROJECT.glob("Pulumi*.yaml"):
        shutil.copy(path, tmp_path)
    file = copy.deepcopy(read_yaml(PROJECT / f"Pulumi.{stack}.yaml").value)
    put(file, ("config", "strata:node_pools", 1, "instance_type"), machine)
    (tmp_path / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(file))
    with pytest.raises(StrataError) as caught:
        read_stack(tmp_path, stack).stack.check(files_only(tmp_path))
    (problem,) = caught.value.problems
    assert problem.field == "node_pools[1].instance_type"
    assert said in problem.cause
    assert problem.fix.startswith("use a machine with NVIDIA GPUs")
