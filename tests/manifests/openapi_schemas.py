"""JSON Schemas for kubeconform from an API server's own OpenAPI documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from stacks.yaml_file import Value

LOCATION = "{{ .Group }}_{{ .ResourceAPIVersion }}_{{ .ResourceKind }}.json"
"""Template by which kubeconform finds a schema."""
_PREFIX = "#/components/schemas/"


def write_schemas(get: Callable[[str], str], folder: Path) -> int:
    """Write one schema for each kind that the server knows; how many.

    Args:
        get: Body of a path of the API server.
        folder: Where to write.
    """
    index = json.loads(get("/openapi/v3"))
    count = 0
    for path in index["paths"]:
        if path.startswith(("apis/", "api/")):
            schemas = json.loads(get(f"/openapi/v3/{path}")).get("components", {}).get("schemas", {})
            count += _write_group(schemas, folder)
    return count


def _write_group(schemas: dict[str, Value], folder: Path) -> int:
    definitions = {name: closed(schema) for name, schema in schemas.items()}
    count = 0
    for name, schema in schemas.items():
        kinds = schema.get("x-kubernetes-group-version-kind") if isinstance(schema, dict) else None
        for kind in kinds if isinstance(kinds, list) else []:
            if isinstance(kind, dict):
                # kubeconform takes the version of the core group, which has no name, for its group too.
                target = f"{kind['group'] or kind['version']}_{kind['version']}_{str(kind['kind']).lower()}.json"
                document = {"$ref": f"#/definitions/{name}", "definitions": definitions}
                (folder / target).write_text(json.dumps(document))
                count += 1
    return count


def closed(schema: Value) -> Value:
    """The schema with local references, in which a field that it does not name is an error."""
    match schema:
        case dict():
            result = {key: _part(key, value) for key, value in schema.items() if not key.startswith("x-")}
            reference = result.get("$ref")
            if isinstance(reference, str):
                result["$ref"] = f"#/definitions/{reference.removeprefix(_PREFIX)}"
            open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
            if isinstance(schema.get("properties"), dict) and not open_ended:
                result["additionalProperties"] = False
            return result
        case list():
            return [closed(item) for item in schema]
        case _:
            return schema


def _part(key: str, value: Value) -> Value:
    # Definitions of custom resources have fields of their own whose names begin like extensions.
    if key == "properties" and isinstance(value, dict):
        return {name: closed(field) for name, field in value.items()}
    return closed(value)
