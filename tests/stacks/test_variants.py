"""What users make of the examples is accepted: other regions, pools, networks, models and storage."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from components.contracts.errors import StrataError
from stacks.checks import files_only
from stacks.reading import read_stack
from stacks.yaml_file import Value, read_yaml
from tests.stack_files import put, remove

VARIANTS = read_yaml(Path(__file__).with_name("variants.yaml")).value


def cases() -> Iterator[tuple[str, str]]:
    assert isinstance(VARIANTS, dict)
    for stack, variants in VARIANTS.items():
        assert isinstance(variants, dict)
        for name in variants:
            yield stack, name


def changed(project: Path, stack: str, variant: str) -> Value:
    """The stack's file with the settings of the variant."""
    assert isinstance(VARIANTS, dict)
    variants = VARIANTS[stack]
    assert isinstance(variants, dict)
    changes = variants[variant]
    assert isinstance(changes, dict)
    file = copy.deepcopy(read_yaml(project / f"Pulumi.{stack}.yaml").value)
    assert isinstance(file, dict)
    for path, value in changes.items():
        first, *rest = path.split(".")
        place = (f"strata:{first}", *(int(part) if part.isdigit() else part for part in rest))
        if value is None:
            remove(file["config"], place)
        else:
            put(file["config"], place, value)
    return file


@pytest.mark.parametrize(("stack", "variant"), cases())
def test_a_realistic_variant_is_accepted(stack: str, variant: str, project: Path, tmp_path: Path) -> None:
    for path in project.glob("Pulumi*.yaml"):
        shutil.copy(path, tmp_path)
    (tmp_path / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(changed(project, stack, variant)))
    try:
        read_stack(tmp_path, stack).stack.check(files_only(tmp_path))
    except StrataError as error:
        pytest.fail(f"refused:\n{error}")
