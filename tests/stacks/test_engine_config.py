"""The engine's own configuration, which a program reads where no file is: JSON by key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.runtime import set_all_config, set_mocks
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from components.contracts.errors import StrataError
from stacks.definitions import OURS
from stacks.program import stack_of_config
from stacks.yaml_file import Value, read_yaml


class _Nothing(Mocks):
    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, object]]:
        return args.name, {}

    def call(self, args: MockCallArgs) -> tuple[dict[str, object], list[tuple[str, str]] | None]:  # noqa: ARG002
        return {}, []


@pytest.fixture(autouse=True)
def configuration() -> Iterator[None]:
    set_mocks(_Nothing(), project="strata", stack="dev")
    yield
    set_all_config({})


def config(project: Path) -> dict[str, str]:
    """The dev stack's settings as the engine passes them."""
    file = read_yaml(project / "Pulumi.dev.yaml").value
    assert isinstance(file, dict)
    values = file["config"]
    assert isinstance(values, dict)
    return {key: as_text(value) for key, value in values.items()}


def as_text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def test_settings_are_read_from_the_engine(project: Path) -> None:
    set_all_config(config(project), ["strata:huggingFaceToken"])
    assert stack_of_config(project, OURS).scope == "all"


def test_broken_json_is_a_problem_with_its_key(project: Path) -> None:
    set_all_config(config(project) | {"strata:target": '{"kind": "local",'})
    with pytest.raises(StrataError) as caught:
        stack_of_config(project, OURS)
    (problem,) = caught.value.problems
    assert problem.field == "strata:target"
    assert "is not JSON" in problem.cause
    assert "Pulumi.dev.yaml" in problem.fix
