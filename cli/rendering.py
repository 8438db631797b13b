"""Every Kubernetes object of a stack as a YAML file, for review, policy checks and GitOps.

Writes into one directory only, one file per object, and a hidden index from which the next run knows the files that it
may delete. Secrets are withheld.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from components.contracts.errors import StrataError
from components.contracts.versions import KUBERNETES_EMBEDDED
from stacks.chart_objects import with_chart_objects
from stacks.layers.platform import WithNamespace
from stacks.recording import Registered, record_checked
from stacks.secret_names import SecretNames, WithSecrets
from stacks.yaml_file import Value

from .stack import PROJECT_FOLDER, LoadedStack, facts_of

_INDEX = ".rendered"
_SAFE = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def render_stack(stack: LoadedStack, out: Path) -> int:
    """Write the stack's objects below ``out``; how many there are.

    Raises:
        StrataError: The directory holds foreign files, or two objects would share a file.
    """
    resources = recorded(stack)
    version = facts_of(stack.model).kubernetes_version if resources else KUBERNETES_EMBEDDED
    objects = [found for found in with_chart_objects(resources, version) if found.is_kubernetes_object]
    files = render_objects(objects)
    _clear(out)
    for name, text in files.items():
        _write(out / name, text)
    _write(out / _INDEX, "\n".join(sorted(files)))
    return len(files)


def recorded(stack: LoadedStack) -> list[Registered]:
    """What the stack registers; nothing of one that has no cluster, as its links need environments that are up."""
    if stack.model.environment is None and stack.model.cluster_stack is None:
        return []
    named, placed = stack.model.part(WithSecrets), stack.model.part(WithNamespace)
    return record_checked(
        PROJECT_FOLDER,
        stack.checked,
        named.secrets if named else SecretNames(),
        stack.name,
        namespace=placed.namespace if placed else None,
    )


def render_objects(resources: list[Registered]) -> dict[str, str]:
    """File name to YAML text; StrataError when names collide or could leave the directory."""
    files: dict[str, str] = {}
    for resource in resources:
        name = _file_name(resource)
        if name in files:
            raise StrataError.of(
                resource.name,
                cause=f"a second object would be written to {name}",
                consequence="one of the two would be lost",
                fix="give the services different names",
            )
        files[name] = _yaml(resource.inputs)
    return files


def _file_name(resource: Registered) -> str:
    metadata = resource.inputs.get("metadata")
    about = metadata if isinstance(metadata, dict) else {}
    parts = [str(resource.inputs["kind"]).lower(), str(about.get("namespace", "")), str(about.get("name", ""))]
    named = [part for part in parts if part]
    if not about.get("name") or not all(_SAFE.fullmatch(part.replace(":", "-")) for part in named):
        raise StrataError.of(
            resource.name,
            cause=f"{'-'.join(named)!r} is not a valid object name",
            consequence="its file could not be written safely",
            fix="use names of a-z, 0-9 and '-'",
        )
    # Two dots cannot occur in the parts of one name, so different objects never share a file; neither can an underline,
    # which stands for the colon of roles such as system:metrics-server.
    return f"{'..'.join(named).replace(':', '_')}.yaml"


def _clear(out: Path) -> None:
    """Make the directory, or remove from it what an earlier run listed."""
    out.mkdir(parents=True, exist_ok=True)
    present = {entry.name for entry in out.iterdir()}
    listed = set((out / _INDEX).read_text().splitlines()) if _INDEX in present else set[str]()
    foreign = sorted(present - listed - {_INDEX})
    if foreign:
        raise StrataError.of(
            str(out),
            cause=f"contains files that were not rendered: {', '.join(foreign[:5])}",
            consequence="they could be overwritten, or mistaken for objects of the stack",
            fix="name an empty directory",
        )
    for name in listed & present:
        (out / name).unlink()


def _write(path: Path, text: str) -> None:
    """Replace the file itself, so that a symbolic link is never followed."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(draft).chmod(0o644)
    Path(draft).replace(path)


def _yaml(value: Mapping[str, Value]) -> str:
    return yaml.safe_dump(dict(value), sort_keys=True, allow_unicode=True, width=120)
