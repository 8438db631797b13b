"""Examples for the settings reference: the first place in the project's stacks where each definition is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from .definitions import OURS
from .project import PROJECT
from .schema_nodes import Node, StackSchema
from .yaml_file import Value, read_yaml

_WRITTEN = Path(__file__).with_name("reference_examples.yaml")


def examples(project: Path, schema: StackSchema) -> dict[str, Value]:
    """A value for each definition: from a stack of the project, or written for the reference."""
    found: dict[str, Value] = {}
    default = next(name for name, scope in OURS.scopes.items() if scope.is_default)
    for path in sorted(project.glob("Pulumi.*.yaml")):
        config = _mapping(_mapping(read_yaml(path).value).get("config"))
        properties = schema.scopes[str(config.get(f"{PROJECT}:scope") or default)].properties
        for key in config.keys() & properties.keys():
            for name, example in _examples(properties[key], schema.definitions, config[key]):
                found.setdefault(name, example)
    return found | written_examples()


def written_examples() -> dict[str, Value]:
    """Examples of what no stack of the project uses, by definition."""
    return _mapping(read_yaml(_WRITTEN).value)


def _mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _examples(node: Node, definitions: Mapping[str, Node], value: Value) -> Iterator[tuple[str, Value]]:
    if node.definition:
        yield node.definition, value
        yield from _inside(definitions[node.definition], definitions, value)
    elif node.discriminator:
        # The first form is the default one, where the file names none.
        kind = str(_mapping(value).get(node.discriminator.property_name))
        mapping = node.discriminator.mapping
        chosen = Node.model_validate({"$ref": mapping.get(kind) or next(iter(mapping.values()))})
        yield from _examples(chosen, definitions, value)
    elif node.choices:
        for choice in node.choices:
            if _fits(choice, value):
                yield from _examples(choice, definitions, value)
    else:
        yield from _inside(node, definitions, value)


def _inside(node: Node, definitions: Mapping[str, Node], value: Value) -> Iterator[tuple[str, Value]]:
    match value:
        case dict():
            for key, inner in value.items():
                about = node.properties.get(key) or node.additional
                if isinstance(about, Node):
                    yield from _examples(about, definitions, inner)
        case list() if node.items:
            for inner in value:
                yield from _examples(node.items, definitions, inner)
        case _:
            pass


def _fits(node: Node, value: Value) -> bool:
    if node.definition or node.discriminator:
        return isinstance(value, dict)
    return node.type == ("array" if isinstance(value, list) else "object" if isinstance(value, dict) else None)
