"""Whether what is sent to Azure, and what the simulated Azure takes, is what Azure publishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from simulation.provider.rules import OneOf
from simulation.provider.tables import Kind, Prop
from tests.witnesses.azure.published import Field, Published, Source


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A published type that judges one type of ours.

    Attributes:
        source: Where it comes from.
        model: The published type.
        in_address: Properties that are part of the address that a request goes to, not of what is sent there.
    """

    source: Source
    model: type
    in_address: frozenset[str] = frozenset()

    @property
    def published(self) -> Published:
        """What it says."""
        return self.source(self.model)

    def field(self, path: str) -> Field | None:
        """The property at a dotted path; lists and maps on the way are not spelled."""
        published, found, is_key = self.published, None, False
        for step in path.split("."):
            if is_key:
                is_key = False
                continue
            found = published.fields.get(step)
            if found is None:
                return None
            published, is_key = self.source(found.of) if found.of is not None else _OPEN, found.keyed
        return found

    def reaches(self, path: str) -> bool:
        """Whether the path leads into something whose inside is published at all."""
        above = path.rpartition(".")[0]
        found = self.field(above) if above else None
        return not above or found is None or found.of is not None


_OPEN = Published(fields={}, required=frozenset())


def faults_of_inputs(witness: Witness, inputs: Mapping[str, JsonValue]) -> Iterator[str]:
    """What Azure would not take of these inputs, as ``path: reason``."""
    sent = {name: value for name, value in inputs.items() if name not in witness.in_address}
    yield from _faults(witness.source, witness.published, sent, "")


def _faults(source: Source, published: Published, inputs: Mapping[str, JsonValue], path: str) -> Iterator[str]:
    for name in sorted(published.required - inputs.keys()):
        yield f"{path}{name}: required"
    for name, value in inputs.items():
        field = published.fields.get(name)
        if field is None:
            yield f"{path}{name}: no such property"
        elif field.read_only:
            yield f"{path}{name}: only read"
        else:
            yield from _faults_of_value(source, field, value, f"{path}{name}")


def _faults_of_value(source: Source, field: Field, value: JsonValue, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for entry in value:
            yield from _faults_of_value(source, field, entry, path)
    elif isinstance(value, str) and field.values and value not in field.values:
        yield f"{path}: {value!r} is none of {', '.join(sorted(field.values))}"
    elif isinstance(value, dict) and field.keyed:
        for key, entry in value.items():
            yield from _faults_of_value(source, replace(field, keyed=False), entry, f"{path}.{key}")
    elif isinstance(value, dict) and field.of is not None:
        yield from _faults(source, source(field.of), value, f"{path}.")


def faults_of_table(witness: Witness, kind: Kind, changes_refused: frozenset[str]) -> Iterator[str]:
    """What a table of the simulated Azure says against what is published, as ``path: reason``.

    Args:
        witness: The published type.
        kind: The table.
        changes_refused: Further properties whose change its rules refuse.
    """
    for path, prop in kind.properties.items():
        if path.split(".")[0] in witness.in_address or not witness.reaches(path):
            continue
        field = witness.field(path)
        if field is None:
            yield f"{path}: no such property"
            continue
        if field.read_only:
            yield f"{path}: only read"
        if field.create_only and not (kind.fixed_root(path) or path in changes_refused):
            yield f"{path}: can only be set when it is made"
        for value in _values(prop):
            if field.values and value not in field.values:
                yield f"{path}: {value!r} is none of {', '.join(sorted(field.values))}"


def _values(prop: Prop) -> Iterator[str]:
    if isinstance(prop.allowed, OneOf):
        yield from (value for value in prop.allowed.values if isinstance(value, str))
    if isinstance(prop.default, str):
        yield prop.default
