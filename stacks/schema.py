"""The JSON Schema of a stack's file, from the same types that validate it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .definitions import OURS, AnyScope
from .project import PROJECT


def stack_file_schema() -> str:
    """Schema of ``Pulumi.<stack>.yaml`` by its scope; other namespaces and secrets are not restricted."""
    definitions: dict[str, object] = {}
    by_scope: list[dict[str, object]] = []
    for name, scope in OURS.scopes.items():
        settings = scope.settings.model_json_schema()
        definitions |= settings.pop("$defs", {})
        properties = {f"{PROJECT}:{field}": value for field, value in settings["properties"].items()}
        required = [f"{PROJECT}:{field}" for field in settings["required"]]
        by_scope.append({"if": _has_scope(name, scope), "then": {"properties": properties, "required": required}})
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of Strata",
        "type": "object",
        "properties": {"config": {"type": "object", "allOf": by_scope}},
        "required": ["config"],
        "$defs": definitions,
    }
    return json.dumps(schema, indent=2) + "\n"


def _has_scope(name: str, scope: AnyScope) -> dict[str, object]:
    """Condition for files of that scope; the default scope also matches files without one."""
    key = f"{PROJECT}:scope"
    return {"properties": {key: {"const": name}}, **({} if scope.is_default else {"required": [key]})}


def main() -> None:
    """Write the schema to the path given."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(stack_file_schema())


if __name__ == "__main__":
    main()
