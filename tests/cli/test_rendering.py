"""Every stack of the project renders, also where a stack below is not up or a provider has not answered yet."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.rendering import render_stack
from cli.stack import LoadedStack
from stacks.checks import files_only
from stacks.mode import Mode
from stacks.reading import read_stack
from stacks.recording import UNKNOWN
from stacks.yaml_file import Value, read_yaml
from tests.stack_files import replace_text

OBJECTS = {
    "dev": 29,
    "shared": 44,
    "aws": 92,
    "gcp": 95,
    "azure": 92,
    "onprem": 139,
    "aws-foundation": 0,
    "aws-platform": 79,
    "aws-serving": 13,
    "hybrid": 0,
}


def rendered(project: Path, stack: str, out: Path) -> list[dict[str, Value]]:
    """The objects of the stack, as if no other stack were up."""
    model = read_stack(project, stack).stack
    checked = model.check(files_only(project))
    loaded = LoadedStack(
        name=stack,
        model=model,
        checked=checked,
        file_notes=(),
        plans=checked.plans,
        workloads=checked.workloads,
        mode=Mode.NO_CLOUD,
        variables={},
        environment=None,
    )
    assert render_stack(loaded, out) == len(list(out.glob("*.yaml")))
    found = [read_yaml(path).value for path in sorted(out.glob("*.yaml"))]
    return [value for value in found if isinstance(value, dict)]


def test_every_stack_of_the_project_is_tried(project: Path) -> None:
    assert set(OBJECTS) == {path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml")}


@pytest.mark.parametrize("stack", OBJECTS)
def test_a_stack_renders_all_of_its_objects(stack: str, project: Path, tmp_path: Path) -> None:
    objects = rendered(project, stack, tmp_path)
    assert len(objects) == OBJECTS[stack]
    for found in objects:
        metadata = found["metadata"]
        assert isinstance(metadata, dict)
        assert UNKNOWN not in (metadata.get("name"), metadata.get("namespace"))
        labels = metadata.get("labels")
        # Charts of others set variables to nothing, and their definitions carry no labels.
        is_of_chart = found["kind"] == "CustomResourceDefinition" or (
            isinstance(labels, dict)
            and ("helm.sh/chart" in labels or labels.get("app.kubernetes.io/managed-by") == "Helm")
        )
        assert is_of_chart or "''" not in str(found.get("spec")), "an unknown value is named, not empty"


def test_addresses_that_a_cloud_gives_are_placeholders(project: Path, tmp_path: Path) -> None:
    volume = next(found for found in rendered(project, "gcp", tmp_path) if found["kind"] == "PersistentVolume")
    assert UNKNOWN in str(volume["spec"])


@pytest.mark.parametrize("stack", ["dev", "aws-platform"])
def test_teams_of_a_stack_are_rendered_in_their_namespaces(stack: str, project: Path, tmp_path: Path) -> None:
    for path in project.glob("Pulumi*.yaml"):
        shutil.copy(path, tmp_path)
    team = "{name: search, namespaces: [{name: search-dev}], members: [{group: search, role: edit}]}"
    replace_text(project, tmp_path, stack, "config:\n", f"config:\n  strata:teams: [{team}]\n")
    (tmp_path / "rendered").mkdir()
    objects = rendered(tmp_path, stack, tmp_path / "rendered")
    metadata = [(str(found["kind"]), found["metadata"]) for found in objects]
    inside = {kind for kind, about in metadata if isinstance(about, dict) and about.get("namespace") == "search-dev"}
    assert inside == {"LimitRange", "NetworkPolicy", "ResourceQuota", "Role", "RoleBinding"}
    assert len(objects) > OBJECTS[stack] + len(inside), "the namespace itself, two policies and the policy of Services"
