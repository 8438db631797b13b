"""The JSON Schema of a stack's file, from the same types that validate it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .reading import PROJECT
from .settings import Settings


def stack_file_schema() -> str:
    """Schema of ``Pulumi.<stack>.yaml``; other namespaces and secrets stay open."""
    settings = Settings.model_json_schema()
    definitions = settings.pop("$defs")
    properties = {f"{PROJECT}:{name}": value for name, value in settings["properties"].items()}
    required = [f"{PROJECT}:{name}" for name in settings["required"]]
    config = {"type": "object", "properties": properties, "required": required}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of Strata",
        "type": "object",
        "properties": {"config": config},
        "required": ["config"],
        "$defs": definitions,
    }
    return json.dumps(schema, indent=2) + "\n"


def main() -> None:
    """Write the schema to the path given."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(stack_file_schema())


if __name__ == "__main__":
    main()
