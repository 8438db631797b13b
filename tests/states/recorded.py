"""What commit 3d70e42 made of the example stacks, as ``record`` wrote it down."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

COMMIT = "3d70e42"
FOLDER = Path(__file__).with_name(COMMIT)
WHOLE_STACKS = ("dev", "aws", "gcp", "azure", "onprem")
"""Stacks that hold everything, from the network to the model servers."""
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_OBJECTS: TypeAdapter[dict[str, dict[str, JsonValue]]] = TypeAdapter(dict[str, dict[str, JsonValue]])


def placeholder(name: str) -> str:
    """The placeholder in a recording for a value that differs from run to run, or is secret."""
    return f"{{{{{name}}}}}"


def replaced(value: JsonValue, values: Mapping[str, str]) -> JsonValue:
    """Every text with these parts replaced, inside of secrets as well."""
    match value:
        case {"plaintext": str(text), **rest}:
            before = _JSON.validate_json(text)
            after = replaced(before, values)
            return {**rest, "plaintext": text if after == before else json.dumps(after)}
        case dict():
            return {key: replaced(inner, values) for key, inner in value.items()}
        case list():
            return [replaced(inner, values) for inner in value]
        case str():
            # A long text may hold a shorter one.
            for old in sorted(values, key=len, reverse=True):
                value = value.replace(old, values[old])
            return value
        case _:
            return value


def state(stack: str, values: Mapping[str, str]) -> JsonValue:
    """The state of a stack, as ``pulumi stack import`` takes it.

    Args:
        stack: Its name.
        values: The value of each placeholder, by its name.
    """
    found = unfilled_state(stack)
    filled = replaced(found, {placeholder(name): text for name, text in values.items()})
    assert "{{" not in json.dumps(filled), f"a placeholder in the state of {stack} was not filled"
    return filled


def unfilled_state(stack: str) -> JsonValue:
    """The state of a stack with its placeholders."""
    return _JSON.validate_json(_read("states", stack))


def write_state(stack: str, content: JsonValue) -> None:
    """Keep the state of a stack."""
    _write("states", stack, content)


def rendered_objects(stack: str) -> dict[str, dict[str, JsonValue]]:
    """The Kubernetes objects of a stack by the name of their file."""
    return _OBJECTS.validate_json(_read("rendered", stack))


def write_rendered(stack: str, objects: dict[str, dict[str, JsonValue]]) -> None:
    """Keep the objects of a stack."""
    _write("rendered", stack, objects)


def _path(kind: str, stack: str) -> Path:
    return FOLDER / kind / f"{stack}.json.gz"


def _read(kind: str, stack: str) -> bytes:
    return gzip.decompress(_path(kind, stack).read_bytes())


def _write(kind: str, stack: str, content: object) -> None:
    path = _path(kind, stack)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps(content, sort_keys=True).encode(), mtime=0))


class Recorded(BaseModel):
    """A resource of a state."""

    model_config = ConfigDict(extra="ignore")
    urn: str
    type: str
    inputs: dict[str, JsonValue] = {}
    outputs: dict[str, JsonValue] = {}

    @property
    def object(self) -> dict[str, JsonValue]:
        """The Kubernetes object, without what the provider notes beside it."""
        return {key: value for key, value in self.inputs.items() if not key.startswith("__")}


class _Deployment(BaseModel):
    model_config = ConfigDict(extra="ignore")
    resources: list[Recorded]


class _State(BaseModel):
    model_config = ConfigDict(extra="ignore")
    deployment: _Deployment


def resources_of(exported: JsonValue) -> list[Recorded]:
    """The resources of a state."""
    return _State.model_validate(exported).deployment.resources
