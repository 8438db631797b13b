from __future__ import annotations

import json
from pathlib import Path

from stacks.reading import read_stack
from stacks.schema import stack_file_schema


def test_the_committed_schema_is_current(project: Path) -> None:
    committed = (project / "docs" / "settings.schema.json").read_text()
    assert committed == stack_file_schema(), "run `make schema`"


def test_every_setting_is_described() -> None:
    schema = json.loads(stack_file_schema())
    bare = [
        f"{name}.{field}"
        for name, definition in schema["$defs"].items()
        for field, about in definition.get("properties", {}).items()
        if not ({"description", "const", "$ref"} & set(about))
        and name in {"LocalTarget", "ExistingTarget", "ServedModel"}
    ]
    assert len(bare) <= 14, f"fields without a description: {bare}"


def test_every_stack_of_the_project_is_valid(project: Path) -> None:
    stacks = [path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml")]
    assert stacks
    for stack in stacks:
        read_stack(project, stack)
