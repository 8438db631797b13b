"""What is wrong with a resource, or with a table of the simulated account, by AWS's registry schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from simulation.provider.rules import OneOf, Rule
from simulation.provider.tables import Kind, Prop
from simulation.provider.values import Object, Unknown, Value

from .json_schema import violations
from .published_types import TYPES, Published
from .schemas import Node, Schema, raw_schema, schema
from .service_models import values_of


def judge_inputs(token: str, inputs: Object) -> list[str]:
    """Properties that AWS has not, values that it does not take, and what is required and missing."""
    published = TYPES[token]
    translation = Translation(published)
    written = translation.of(inputs)
    return translation.problems + violations(raw_schema(published.schema), written)


class Translation:
    """Inputs of ours in the words of the schema.

    Attributes:
        problems: Properties that the schema has not.
    """

    def __init__(self, published: Published) -> None:
        self._published, self._schema = published, schema(published.schema)
        self.problems: list[str] = []

    def of(self, inputs: Object) -> dict[str, JsonValue]:
        """The object as CloudFormation takes it."""
        written: dict[str, JsonValue] = dict(self._published.constant)
        for key, value in inputs.items():
            self._put(written, {"properties": self._schema.properties}, (key,), self._published.path((key,)), value)
        return written

    def _put(
        self, into: dict[str, JsonValue], node: Node, path: tuple[str, ...], names: tuple[str, ...], value: Value
    ) -> None:
        """Set a value under names that lead down from an object; a list on the way has one element."""
        dotted = ".".join(path)
        if self._published.why_own(dotted):
            return
        found = self._schema.child(node, names[0])
        if found is None:
            self.problems.append(f"{dotted}: {self._schema.name} has no {names[0]}")
            return
        name, inner = found
        if len(names) == 1:
            into[name] = self._value(inner, path, value)
        elif isinstance(value, list) and "items" in inner:
            into[name] = [self._one(inner, path, names[1:], item) for item in value]
        else:
            held = into.setdefault(name, [{}] if "items" in inner else {})
            below = held[0] if isinstance(held, list) else held
            assert isinstance(below, dict)
            self._put(below, inner, path, names[1:], value)

    def _one(self, node: Node, path: tuple[str, ...], names: tuple[str, ...], value: Value) -> dict[str, JsonValue]:
        made: dict[str, JsonValue] = {}
        self._put(made, node, path, names, value)
        return made

    def _value(self, node: Node, path: tuple[str, ...], value: Value) -> JsonValue:
        if "items" in node:
            element = self._schema.resolved(node["items"])
            if isinstance(value, dict) and self._schema.child(element, "Key"):
                return [{"Key": key, "Value": str(item)} for key, item in value.items()]
            items = value if isinstance(value, list) else [value]
            return [self._value(element, path, item) for item in items]
        if isinstance(value, dict) and "properties" in node:
            made: dict[str, JsonValue] = {}
            for key, item in value.items():
                deeper = (*path, key)
                moved = self._published.names.get(".".join(deeper), key).rpartition(".")[2]
                self._put(made, node, deeper, (moved,), item)
            return made
        return _scalar(node, value)


def _scalar(node: Node, value: Value) -> JsonValue:
    """The provider takes some numbers and truths as texts, and the other way around."""
    match node.get("type"), value:
        case "boolean", "true" | "false":
            return value == "true"
        case "integer", str() if value.isdigit():
            return int(value)
        case "string", int() if not isinstance(value, bool):
            return str(value)
        case _, dict():
            return {key: _scalar({}, item) for key, item in value.items()}
        case _, list():
            return [_scalar({}, item) for item in value]
        case _, Unknown():
            raise ValueError("a value that the simulated account does not give")
        case _:
            return value


def judge_table(kind: Kind) -> list[str]:
    """Entries of a simulated type that AWS has not, values that only it takes, and marks that differ."""
    published = TYPES[kind.token]
    known = schema(published.schema)
    return [
        f"{path}: {problem}"
        for path, prop in kind.properties.items()
        if not published.why_own(path)
        for problem in _entry(published, known, kind, path, prop)
    ]


def _entry(published: Published, known: Schema, kind: Kind, path: str, prop: Prop) -> Iterator[str]:
    found = known.find(published.path(tuple(path.split("."))))
    if found is None:
        yield f"{known.name} has no {'.'.join(published.path(tuple(path.split('.'))))}"
        return
    names, node = found
    yield from _values(published, known, node, path, prop.allowed)
    ours, theirs = kind.fixed_root(path), known.replaces(names)
    if theirs and not ours and not _argued(published.in_place, path):
        yield "a change makes a new object (createOnlyProperties), and ours changes in place"
    if ours and not theirs and not _argued(published.replaced, path):
        yield "a change is made in place, and ours makes a new object"


def _argued(exceptions: Mapping[str, str], path: str) -> bool:
    return any(path == known or path.startswith(f"{known}.") for known in exceptions)


def _values(published: Published, known: Schema, node: Node, path: str, allowed: Rule | None) -> Iterator[str]:
    element = known.element(node)
    if not isinstance(allowed, OneOf) or path in published.unlisted:
        return
    listed = _closed_list(element, published.shapes.get(path))
    if not isinstance(listed, list):
        yield "the schema has no closed list, so ours needs another source"
        return
    surplus = published.surplus.get(path, ("", ""))[0]
    invented = {str(value) for value in allowed.values} - {str(value) for value in listed} - {surplus}
    if invented:
        yield f"{', '.join(sorted(invented))} is not one of {', '.join(map(str, listed))}"


def _closed_list(element: Node, shape: str | None) -> JsonValue:
    if element.get("type") == "boolean":
        # The provider takes some truths as texts.
        return ["true", "false"]
    return element.get("enum") or (list(values_of(shape)) if shape else None)
