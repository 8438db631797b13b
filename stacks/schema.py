"""The JSON Schema of a stack's file, from the same types that validate it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic.json_schema import JsonSchemaValue

from .definitions import OURS, AnyScope
from .project import PROJECT
from .schema_choices import by_kind, with_choices

# ProjectStack of pulumi/sdk/go/common/workspace/project.go.
_ENGINE_KEYS = ("secretsprovider", "encryptedkey", "encryptionsalt", "environment")


def stack_file_schema() -> str:
    """Schema of ``Pulumi.<stack>.yaml`` by its scope; other namespaces are not restricted."""
    definitions: dict[str, JsonSchemaValue] = {}
    by_scope: list[dict[str, object]] = []
    for name, scope in OURS.scopes.items():
        settings = scope.settings.model_json_schema()
        definitions |= settings.pop("$defs", {})
        properties = {f"{PROJECT}:{field}": value for field, value in settings["properties"].items()}
        required = [f"{PROJECT}:{field}" for field in settings["required"]]
        then: dict[str, object] = {"properties": properties, "required": required}
        by_scope.append({"if": _has_scope(name, scope), "then": {**then, "patternProperties": _others(properties)}})
    with_choices(definitions)
    schema: JsonSchemaValue = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of Strata",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {f"{PROJECT}:scope": {"enum": list(OURS.scopes)}},
                "allOf": by_scope,
            },
            **dict.fromkeys(_ENGINE_KEYS, True),
        },
        "additionalProperties": False,
        "required": ["config"],
        "$defs": definitions,
    }
    return json.dumps(by_kind(schema), indent=2) + "\n"


def _others(known: Iterable[str]) -> dict[str, JsonSchemaValue]:
    """Keys of ours that are no settings can only be secrets, which the engine encrypts."""
    names = "|".join(sorted(re.escape(key.partition(":")[2]) for key in known))
    secret = {
        "type": "object",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
        "description": "A secret that a name under secrets refers to.",
    }
    return {f"^{PROJECT}:(?!({names})$)": secret}


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
