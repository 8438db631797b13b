"""Every Kubernetes object and chart of every example stack and of its variants, each distinct one once."""

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


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One resource that a stack registers.

    Attributes:
        origin: Stack and variant.
        kubernetes: Version of its cluster, empty without one.
        resource: The resource.
    """

    origin: str
    kubernetes: str
    resource: Registered

    @property
    def key(self) -> str:
        """What makes it another one: it, and for a chart the version that it is rendered for."""
        inputs = json.dumps(dict(self.resource.inputs), sort_keys=True)
        return f"{self.kubernetes} {inputs}" if self.is_chart else inputs

    @property
    def is_chart(self) -> bool:
        """Whether it is a Helm chart."""
        return self.resource.token == CHART_TOKEN


def recordings(project: Path, folder: Path) -> list[Recording]:
    """Every distinct object and chart.

    Args:
        project: Folder of the project, with the stacks' files.
        folder: An empty one for the variants.
    """
    seen: dict[str, Recording] = {}
    for origin, version, resource in _resources(project, folder):
        found = Recording(origin=origin, kubernetes=version, resource=resource)
        if found.is_chart or resource.is_kubernetes_object:
            seen.setdefault(found.key, found)
    return list(seen.values())


def examples(recorded: Sequence[Recording]) -> list[Example]:
    """Every distinct object, with those of charts.

    Args:
        recorded: What the stacks register.
    """
    seen: dict[str, Example] = {}

    def add(origin: str, resource: Registered) -> None:
        body = _BODY.validate_python(dict(resource.inputs))
        seen.setdefault(json.dumps(body, sort_keys=True), Example(origin=origin, body=body))

    deployed: dict[str, list[Registered]] = {}
    for found in recorded:
        if found.is_chart:
            deployed.setdefault(found.kubernetes, []).append(found.resource)
        else:
            add(found.origin, found.resource)
    for version, resources in deployed.items():
        for made in with_chart_objects(resources, version):
            add(f"a chart on Kubernetes {version}", made)
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


def _resources(project: Path, folder: Path) -> Iterator[tuple[str, str, Registered]]:
    """Origin, version of Kubernetes, and what is registered."""
    for origin, stack, file in _files(project, folder):
        path = folder / f"Pulumi.{stack}.yaml"
        before = path.read_text()
        path.write_text(file)
        version, resources = _recorded(folder, stack)
        yield from ((origin, version, resource) for resource in resources)
        path.write_text(before)


def _files(project: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    shutil.copy(project / "Pulumi.yaml", folder)
    written = sorted([*project.glob("Pulumi.*.yaml"), *(project / "docs").glob("*/Pulumi.*.yaml")])
    for path in written:
        shutil.copy(path, folder)
    charts_folder(folder).parent.mkdir()
    charts_folder(folder).symlink_to(charts_folder(project))
    for path in written:
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
