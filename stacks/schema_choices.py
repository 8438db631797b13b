"""What the JSON schema knows beyond the types: names in the catalogs, and what choosing a ``kind`` means.

Contracts cannot see the catalogs, which are above them; editors complete from both.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue
from pydantic.json_schema import JsonSchemaValue

from components.planner.catalogs.gpus import gpus
from components.planner.catalogs.instances import instances
from components.planner.catalogs.models import models

_MODEL_FORM = "^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"


def with_choices(definitions: Mapping[str, JsonSchemaValue]) -> None:
    """Add names of machines, models and GPUs, and a description to each ``kind``.

    Args:
        definitions: Definitions of the schema by name; changed in place.
    """
    machines = {"GpuPool": True, "CpuPool": False}
    for pool, has_gpus in machines.items():
        names = sorted(machine.name for machine in instances() if bool(machine.gpus) is has_gpus)
        about = definitions[pool]["properties"]["instance_type"]
        definitions[pool]["properties"]["instance_type"] = _either(about, [{"enum": names}, {"type": "string"}])
        # Any other machine is described by its numbers.
        definitions[pool]["if"] = {"properties": {"machine": {"type": "object"}}, "required": ["machine"]}
        definitions[pool]["else"] = {"properties": {"instance_type": {"enum": names}}}
    model = definitions["ServedModel"]["properties"]
    # A model that the catalog lacks is served from the path of its config.json.
    model["model"] = _either(model["model"], [{"enum": sorted(spec.id for spec in models())}, {"pattern": _MODEL_FORM}])
    cards = sorted({name for card in gpus() for name in (card.name, *card.aliases)})
    model["gpu"] = _either(model["gpu"], [{"enum": cards}, {"type": "null"}])
    for definition in definitions.values():
        kind = definition.get("properties", {}).get("kind")
        if kind is not None and "description" not in kind:
            kind["description"] = f"Chooses: {definition['description']}"


def _either(about: JsonSchemaValue, choices: list[JsonSchemaValue]) -> JsonSchemaValue:
    """The property with these choices instead of its own type."""
    kept = {key: value for key, value in about.items() if key not in {"type", "anyOf", "minLength", "maxLength"}}
    return {**kept, "anyOf": choices}


def by_kind(schema: JsonValue) -> JsonValue:
    """The schema with conditions on ``kind`` in place of ``oneOf``, so that validators judge only what was chosen."""
    match schema:
        case {"discriminator": {"mapping": dict(mapping), "propertyName": str(key)}, "oneOf": _, **rest}:
            conditions: list[JsonValue] = [
                {"if": {"properties": {key: {"const": kind}}, "required": [key]}, "then": {"$ref": reference}}
                for kind, reference in mapping.items()
            ]
            kinds: list[JsonValue] = [*mapping]
            return {
                **rest,
                "discriminator": schema["discriminator"],
                "type": "object",
                "required": [key],
                "properties": {key: {"enum": kinds}},
                "allOf": conditions,
            }
        case dict():
            return {name: by_kind(value) for name, value in schema.items()}
        case list():
            return [by_kind(value) for value in schema]
        case _:
            return schema
