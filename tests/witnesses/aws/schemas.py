"""AWS's registry schemas, as cfn-lint carries them: properties, what is required, what replaces.

Source: cfn-lint, data/schemas; ``version.json`` there says of which day they are.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

_REGION = "us-east-2"
_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
Node = dict[str, JsonValue]
"""A part of a JSON schema."""


class Handler(BaseModel):
    """What CloudFormation calls in order to create, change or delete an object."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    permissions: tuple[str, ...] = ()


class Schema(BaseModel):
    """The schema of one type."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    name: str = Field(alias="typeName")
    properties: dict[str, JsonValue]
    definitions: dict[str, Node] = {}
    create_only: tuple[str, ...] = Field(default=(), alias="createOnlyProperties")
    handlers: dict[str, Handler] = {}

    def resolved(self, node: JsonValue) -> Node:
        """The node, or the definition that it refers to."""
        found = _OBJECT.validate_python(node)
        while "$ref" in found:
            found = self.definitions[str(found["$ref"]).rpartition("/")[2]]
        return found

    def element(self, node: Node) -> Node:
        """What a list holds; the node itself where it is none."""
        while "items" in node:
            node = self.resolved(node["items"])
        return node

    def child(self, node: Node, name: str) -> tuple[str, Node] | None:
        """A property of an object, or of a list's elements, whatever the case of its name."""
        known = _OBJECT.validate_python(self.element(node).get("properties", {}))
        for key, inner in known.items():
            if key.lower() == name.lower():
                return key, self.resolved(inner)
        return None

    def find(self, path: tuple[str, ...]) -> tuple[tuple[str, ...], Node] | None:
        """The property at a path, with its published names; lists on the way are not spelled."""
        node: Node = {"properties": self.properties}
        names: list[str] = []
        for step in path:
            found = self.child(node, step)
            if found is None:
                return None
            names.append(found[0])
            node = found[1]
        return tuple(names), node

    def replaces(self, names: tuple[str, ...]) -> bool:
        """Whether a change of this property, or of one that it lies in, makes a new object."""
        pointers = ("/".join(names[: length + 1]) for length in range(len(names)))
        return any(f"/properties/{pointer}" in self.create_only for pointer in pointers)


def _folder() -> Path:
    spec = find_spec("cfnlint")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "schemas"


@cache
def _index() -> dict[str, str]:
    known = (_folder() / "providers" / f"{_REGION}.json").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, str]).validate_json(known)


@cache
def raw_schema(name: str) -> Node:
    """The schema of a type as it is written, such as of ``AWS::EKS::Nodegroup``."""
    text = (_folder() / "resources" / f"{_index()[name]}.json").read_text(encoding="utf-8")
    return _OBJECT.validate_json(text)


@cache
def schema(name: str) -> Schema:
    """The schema of a type."""
    return Schema.model_validate(raw_schema(name))
