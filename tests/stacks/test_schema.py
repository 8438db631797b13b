"""The JSON schema, judged by a validator as editors have one, and the reference that is written from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from pydantic import JsonValue, TypeAdapter

from stacks.reading import read_stack
from stacks.reference import settings_reference
from stacks.reference_examples import written_examples
from stacks.schema import stack_file_schema
from stacks.schema_nodes import StackSchema
from stacks.yaml_file import Value, read_yaml
from tests.stack_files import replace_text

SCHEMA: dict[str, JsonValue] = TypeAdapter(dict[str, JsonValue]).validate_json(stack_file_schema())


def errors(folder: Path, stack: str) -> list[str]:
    """Where an editor would underline the file, as paths."""
    found = validation_errors(SCHEMA, read_yaml(folder / f"Pulumi.{stack}.yaml").value)
    return sorted({path for error in found for path in _deepest(error)})


def validation_errors(schema: Mapping[str, JsonValue], value: Value) -> list[ValidationError]:
    # The stubs leave the schema argument of this method untyped.
    return list(Draft202012Validator(schema).iter_errors(value))  # pyright: ignore[reportUnknownMemberType]


def _deepest(error: ValidationError) -> Iterator[str]:
    """Paths of the errors inside a choice, or of the error itself."""
    if error.context:
        longest = max(len(inner.absolute_path) for inner in error.context)
        for inner in error.context:
            if len(inner.absolute_path) == longest:
                yield from _deepest(inner)
    else:
        yield "/".join(str(part) for part in error.absolute_path)


def test_the_committed_schema_is_current(project: Path) -> None:
    committed = (project / "docs" / "settings.schema.json").read_text()
    assert committed == stack_file_schema(), "run `make schema`"


def test_the_committed_reference_is_current(project: Path) -> None:
    assert (project / "docs" / "settings.md").read_text() == settings_reference(project), "run `make schema`"


def test_every_setting_is_described() -> None:
    schema = StackSchema.model_validate_json(stack_file_schema())
    nodes = {**schema.definitions, **schema.scopes}
    bare = [
        f"{name}.{field}"
        for name, node in nodes.items()
        for field, about in node.properties.items()
        if not (about.description or about.definition or field in {"strata:target", "strata:scope"})
    ]
    assert bare == []


@pytest.mark.parametrize("definition", written_examples())
def test_an_example_that_no_stack_holds_is_valid(definition: str) -> None:
    schema: dict[str, JsonValue] = {"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{definition}"}
    assert [error.message for error in validation_errors(schema, written_examples()[definition])] == []


def test_an_editor_underlines_nothing_in_the_stacks_of_the_project(project: Path) -> None:
    stacks = [path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml")]
    assert len(stacks) > 8
    assert {stack: errors(project, stack) for stack in stacks} == {stack: [] for stack in stacks}


BAD = {
    "a key that is not known": (
        "dev",
        "  strata:models:",
        "  strata:namspace: x\n  strata:models:",
        "config/strata:namspace",
    ),
    "a setting of another scope": (
        "aws-platform",
        "  strata:foundation:",
        "  strata:models: []\n  strata:foundation:",
        "config/strata:models",
    ),
    "a machine that does not exist": ("dev", "p5.48xlarge", "p5.48xlagre", "config/strata:node_pools/0/instance_type"),
    "a machine without GPUs in a GPU pool": (
        "dev",
        "p5.48xlarge",
        "m7i.8xlarge",
        "config/strata:node_pools/0/instance_type",
    ),
    "a scope that does not exist": (
        "aws-serving",
        "strata:scope: serving",
        "strata:scope: servign",
        "config/strata:scope",
    ),
    "a key beside config": ("dev", "config:", "confg: {}\nconfig:", ""),
    "a GPU that does not exist": ("dev", "gpu: H100-SXM", "gpu: H1000", "config/strata:models/0/gpu"),
    "a model without its owner": (
        "dev",
        "model: Qwen/Qwen2-7B-Instruct",
        "model: Qwen2",
        "config/strata:models/0/model",
    ),
    "a name with capitals": ("dev", "name: h100", "name: H100", "config/strata:node_pools/0/name"),
    "a range without a mask": ("aws", "cidr: 10.20.0.0/16", "cidr: 10.20.0.0", "config/strata:target/network/cidr"),
    "a time without a unit": ("dev", "replicas: 2", 'drain: "60"', "config/strata:models/0/drain"),
    "a version without quotes": (
        "aws",
        'kubernetes_version: "',
        "kubernetes_version: 1.35 #",
        "config/strata:target/kubernetes_version",
    ),
    "a secret in plain text": (
        "dev",
        "  strata:huggingFaceToken:\n",
        "  strata:token: abc\n  strata:huggingFaceToken:\n",
        "config/strata:token",
    ),
}


GOOD = {
    "a machine by its numbers": (
        "dev",
        "instance_type: p5.48xlarge",
        "instance_type: p9.48xlarge\n      machine: {cpus: 192, memory: 2Ti, gpu: H100-SXM, gpus: 8}",
    ),
    "a GPU by its family": ("dev", "gpu: H100-SXM", "gpu: H100"),
}


@pytest.mark.parametrize("stack_file", GOOD)
def test_an_editor_underlines_nothing_that_is_right(stack_file: str, project: Path, tmp_path: Path) -> None:
    stack, old, new = GOOD[stack_file]
    replace_text(project, tmp_path, stack, old, new)
    assert errors(tmp_path, stack) == []


@pytest.mark.parametrize("mistake", BAD)
def test_an_editor_underlines_a_mistake(mistake: str, project: Path, tmp_path: Path) -> None:
    stack, old, new, path = BAD[mistake]
    replace_text(project, tmp_path, stack, old, new)
    assert path in errors(tmp_path, stack)


def test_every_stack_of_the_project_is_valid(project: Path) -> None:
    stacks = [path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml")]
    assert stacks
    for stack in stacks:
        read_stack(project, stack)
