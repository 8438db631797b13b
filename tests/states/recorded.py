"""What commit 3d70e42 made of the example stacks, as ``record`` wrote it down."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

COMMIT = "3d70e42"
FOLDER = Path(__file__).with_name(COMMIT)
WHOLE_STACKS = ("dev", "aws", "gcp", "azure", "onprem")
"""Stacks that hold everything, from the network to the model servers."""
_OBJECTS: TypeAdapter[dict[str, dict[str, JsonValue]]] = TypeAdapter(dict[str, dict[str, JsonValue]])


def rendered_objects(stack: str) -> dict[str, dict[str, JsonValue]]:
    """The Kubernetes objects of a stack by the name of their file."""
    return _OBJECTS.validate_json(gzip.decompress(_path("rendered", stack).read_bytes()))


def write_rendered(stack: str, objects: dict[str, dict[str, JsonValue]]) -> None:
    """Keep the objects of a stack."""
    _write(_path("rendered", stack), json.dumps(objects, sort_keys=True))


def _path(kind: str, stack: str) -> Path:
    return FOLDER / kind / f"{stack}.json.gz"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
