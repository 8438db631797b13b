"""Every Kubernetes object of every example stack and of its variants, each distinct one once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import JsonValue, TypeAdapter

from stacks.chart_objects import CHART_TOKEN, with_chart_objects
from stacks.checks import files_only
from stacks.layers.platform import WithNamespace
from stacks.project import charts_folder
from stacks.reading import read_stack
from stacks.recording import Registered, record_checked
from stacks.secret_names import SecretNames, WithSecrets
from tests.stacks.test_variants import cases, changed

Body = dict[str, JsonValue]
_BODY: TypeAdapter[Body] = TypeAdapter(Body)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One object, as the first of the stacks has it that have it so.

    Attributes:
        origin: Stack and variant.
        body: The object.
    """

    origin: str
    body: Body

    @property
    def kind(self) -> tuple[str, str]:
        """API group, empty for the core, and kind."""
        return str(self.body["apiVersion"]).rpartition("/")[0], str(self.body["kind"])

    @property
    def place(self) -> tuple[str, ...]:
        """What names it within a cluster."""
        about = self.body["metadata"]
        assert isinstance(about, dict)
        return (*self.kind, str(about.get("namespace", "")), str(about["name"]))


def examples(project: Path, folder: Path) -> list[Example]:
    """Every distinct object.

    Args:
        project: Folder of the project, with the stacks' files.
        folder: An empty one for the variants.
    """
    seen: dict[str, Example] = {}
    for origin, resource in _objects(project, folder):
        body = _BODY.validate_python(dict(resource.inputs))
        seen.setdefault(json.dumps(body, sort_keys=True), Example(origin=origin, body=body))
    return list(seen.values())


def rounds(objects: Sequence[Example]) -> list[list[Example]]:
    """The objects in lists in each of which every object has a name of its own."""
    made: list[list[Example]] = []
    taken: dict[tuple[str, ...], int] = {}
    for example in objects:
        number = taken.get(example.place, 0)
        taken[example.place] = number + 1
        if number == len(made):
            made.append([])
        made[number].append(example)
    return made


def _objects(project: Path, folder: Path) -> Iterator[tuple[str, Registered]]:
    charts: dict[str, tuple[str, str, Registered]] = {}
    for origin, stack, file in _files(project, folder):
        path = folder / f"Pulumi.{stack}.yaml"
        before = path.read_text()
        path.write_text(file)
        version, resources = _recorded(folder, stack)
        for resource in resources:
            if resource.token == CHART_TOKEN:
                key = json.dumps([version, dict(resource.inputs)], sort_keys=True)
                charts.setdefault(key, (origin, version, resource))
            elif resource.is_kubernetes_object:
                yield origin, resource
        path.write_text(before)
    for origin, version, resource in charts.values():
        yield from ((origin, made) for made in with_chart_objects([resource], version))


def _files(project: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    for path in project.glob("Pulumi*.yaml"):
        shutil.copy(path, folder)
    charts_folder(folder).parent.mkdir()
    charts_folder(folder).symlink_to(charts_folder(project))
    for path in sorted(project.glob("Pulumi.*.yaml")):
        stack = path.name.split(".")[1]
        yield stack, stack, path.read_text()
    for stack, variant in cases():
        yield f"{stack}, {variant}", stack, yaml.safe_dump(changed(project, stack, variant))


def _recorded(folder: Path, stack: str) -> tuple[str, Sequence[Registered]]:
    """Version of the cluster, and what is registered; nothing of a stack without one."""
    file = read_stack(folder, stack)
    if file.stack.environment is None and file.stack.cluster_stack is None:
        return "", ()
    named, placed = file.stack.part(WithSecrets), file.stack.part(WithNamespace)
    secrets = named.secrets if named else SecretNames()
    namespace = placed.namespace if placed else None
    others = files_only(folder)
    resources = record_checked(folder, file.stack.check(others), secrets, stack, namespace=namespace)
    return file.stack.facts(others).kubernetes_version, resources
