"""Everything that an example stack and its variants declare, as the engine would get it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import JsonValue, TypeAdapter

from stacks.checks import files_only
from stacks.project import charts_folder
from stacks.reading import read_stack
from stacks.recording import record_checked
from stacks.secret_names import SecretNames, WithSecrets
from tests.stacks.test_variants import cases, changed

INPUTS: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One resource that a stack declares.

    Attributes:
        origin: Stack and variant, for messages.
        token: Its type.
        name: Its logical name.
        inputs: What the provider gets.
    """

    origin: str
    token: str
    name: str
    inputs: dict[str, JsonValue]


def declared(project: Path, folder: Path, stack: str, package: str) -> Iterator[Declared]:
    """Every resource of a cloud that an example stack or one of its variants declares.

    Args:
        project: Folder of the project, with the stacks' files.
        folder: An empty one for the variants.
        stack: The example; links are left out, as they need stacks that are up.
        package: The cloud's provider, such as ``gcp``.
    """
    for path in project.glob("Pulumi*.yaml"):
        shutil.copy(path, folder)
    if charts_folder(project).exists():
        charts_folder(folder).parent.mkdir()
        charts_folder(folder).symlink_to(charts_folder(project))
    yield from _of_stack(folder, stack, "", package)
    for changed_stack, variant in cases():
        if changed_stack == stack:
            (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(changed(project, stack, variant)))
            yield from _of_stack(folder, stack, variant, package)


def _of_stack(folder: Path, stack: str, variant: str, package: str) -> Iterator[Declared]:
    file = read_stack(folder, stack)
    secrets = file.settings.secrets if isinstance(file.settings, WithSecrets) else SecretNames()
    resources = record_checked(folder, file.stack.check(files_only(folder)), secrets, stack)
    for resource in resources:
        if resource.token.startswith(f"{package}:"):
            origin = f"{stack}, {variant}" if variant else stack
            inputs = INPUTS.validate_python(resource.inputs)
            yield Declared(origin=origin, token=resource.token, name=resource.name, inputs=inputs)
