"""Definitions of custom resources by upstream, and what they take as JSON Schema."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import JsonValue, TypeAdapter

from tests.manifests.openapi_schemas import closed

Body = dict[str, JsonValue]
_BODY: TypeAdapter[Body] = TypeAdapter(Body)
NOT_TO_BE_HAD: Mapping[tuple[str, str], str] = {}
"""Kinds that some example has, by group and kind, whose definition nobody publishes, with the reason."""
NOT_PUBLISHED: Mapping[tuple[str, str], str] = {
    ("cloud.google.com", "ComputeClass"): "GKE installs it; its reference says to read the definition from a cluster",
}
"""Kinds that no example has, and of which no sample can be judged either."""


@dataclass(frozen=True)
class Definition:
    """One definition.

    Attributes:
        body: It, as its authors wrote it.
        origin: Where it was found.
    """

    body: Body
    origin: str

    @property
    def spec(self) -> Body:
        """Its specification."""
        return _BODY.validate_python(self.body["spec"])

    @property
    def kind(self) -> tuple[str, str]:
        """Group and kind."""
        names = _BODY.validate_python(self.spec["names"])
        return str(self.spec["group"]), str(names["kind"])

    def schemas(self) -> Iterator[tuple[str, JsonValue]]:
        """File names as kubeconform looks for them, and the schema of each version."""
        group, kind = self.kind
        versions = self.spec["versions"]
        assert isinstance(versions, list)
        for version in versions:
            assert isinstance(version, dict)
            schema = _BODY.validate_python(version["schema"])["openAPIV3Schema"]
            yield f"{group}_{version['name']}_{kind.lower()}.json", _whole(closed(schema))


def _whole(schema: JsonValue) -> JsonValue:
    """What every object has besides, whatever its definition says of it."""
    assert isinstance(schema, dict)
    properties = schema.get("properties")
    own = properties if isinstance(properties, dict) else {}
    common: Body = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    return {**schema, "properties": {**own, **common}}


def find_definitions(project: Path, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Definition]:
    """The definition of each kind that has one: collected beside the checkout, else of a module that the project pins.

    Args:
        project: Folder of the project.
        wanted: Groups and kinds.
    """
    kinds = set(wanted)
    found: dict[tuple[str, str], Definition] = {}
    for definition in (*_collected(project.parent / "shared" / "crds", kinds), *_pinned(project)):
        if definition.kind in kinds:
            found.setdefault(definition.kind, definition)
    return found


def _collected(folder: Path, kinds: set[tuple[str, str]]) -> Iterator[Definition]:
    index = folder / "INDEX.tsv"
    if not index.is_file():
        return
    with index.open(newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            if (row["group"], row["kind"]) in kinds:
                yield from _read(folder / row["file"])


def _pinned(project: Path) -> Iterator[Definition]:
    folders = (
        project / "simulation" / "clouds" / "aws" / "definitions",
        project / "simulation" / "clouds" / "gcp" / "definitions",
        project / ".strata" / "crds",
        project / ".strata" / "definitions",
        project / ".strata" / "charts",
    )
    for folder in folders:
        # The toolchain links each bundle, and Path.rglob does not follow links.
        for root in (folder, *folder.glob("*"), *folder.glob("*/crds")):
            for path in sorted(root.glob("*.yaml")):
                if "kind: CustomResourceDefinition" in path.read_text():
                    yield from _read(path)


def _read(path: Path) -> Iterator[Definition]:
    for document in yaml.safe_load_all(path.read_text()):
        if document is not None:
            body = _BODY.validate_json(json.dumps(document, default=str))
            if body.get("kind") == "CustomResourceDefinition":
                yield Definition(body, str(path))
