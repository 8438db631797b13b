"""Changes to the project's own stacks, and configurations made from the schema alone."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

from hypothesis import strategies as st

from stacks.schema_nodes import Node, StackSchema
from stacks.yaml_file import Value, read_yaml
from tests.stack_files import Place, at


def places(value: Value, place: Place = ()) -> Iterator[Place]:
    """Every place in a value, outer ones first."""
    yield place
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*place, index))


_PROJECT = Path(__file__).parents[2]
STACKS = {path.name.split(".")[1]: read_yaml(path).value for path in sorted(_PROJECT.glob("Pulumi.*.yaml"))}
"""The project's stacks by name."""
PARTS: list[Value] = [at(value, place) for value in STACKS.values() for place in places(value) if len(place) > 1]
_TEXTS = (
    *(
        "",
        " ",
        "a",
        "A",
        "0",
        "-",
        "~",
        "null",
        "true",
        "no",
        "1.35",
        "1_000",
        "0x10",
        "1e309",
        "=cmd",
        "*",
        "&a",
        "!x",
    ),
    *(
        "../../etc/passwd",
        "/dev/zero",
        "~nosuchuser/x",
        "a\x00b",
        "a\nfix: b",
        "\x1b[2J",
        "\u202eabc",
        "\ud800",
        "ä" * 64,
    ),
    *(
        "0.0.0.0/0",
        "255.255.255.255/32",
        "10.0.0.0/30",
        "10.0.0.0/31",
        "10.0.0.0/32",
        "127.0.0.1",
        "224.0.0.1",
        "169.254.169.254",
        "::1",
        "10.0.0.0",
    ),
    *(
        "80Gi",
        "-1Gi",
        "1e40Gi",
        "0s",
        "-1s",
        "400d",
        "0",
        "9" * 400,
        "a" * 5_000,
        "[" * 300,
        "{{ x }}",
        "$(id)",
        "%s%n",
    ),
    *("kubernetes.io/x", "strata.dev/pool", "default", "kube-system", "spot", "adopt", "local", "eks", "hybrid", "all"),
)
_NUMBERS = (-1, 0, 1, 2, 3, 7, 255, 65_536, 2**31, 2**63, 10**30, -0.5, 0.1, 1e308, float("inf"), float("nan"))


def values() -> st.SearchStrategy[Value]:
    """Values for any place: hostile ones, plain ones, and parts of the project's stacks."""
    scalars: st.SearchStrategy[Value] = st.one_of(
        st.sampled_from(_TEXTS), st.sampled_from(_NUMBERS), st.sampled_from((None, True, False)), st.text(max_size=40)
    )
    nested = st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    )
    return st.one_of(scalars, st.integers(0, len(PARTS) - 1).map(lambda index: copy.deepcopy(PARTS[index])), nested)


@st.composite
def mutated(draw: st.DrawFn, stack: str, most: int = 3) -> Value:
    """A stack of the project with up to a few values replaced, removed, added or doubled, or keys misspelt."""
    changed = copy.deepcopy(STACKS[stack])
    for _ in range(draw(st.integers(1, most))):
        inside = [place for place in places(changed) if place[:1] == ("config",) and len(place) > 1]
        place = draw(st.sampled_from(inside))
        parent = at(changed, place[:-1])
        match parent, place[-1]:
            case dict(), str(key):
                _change_mapping(draw, parent, key)
            case list(), int(index):
                _change_list(draw, parent, index)
            case _:
                pass
    return changed


def _change_mapping(draw: st.DrawFn, parent: dict[str, Value], key: str) -> None:
    match draw(st.sampled_from(("replace", "remove", "misspell", "add"))):
        case "replace":
            parent[key] = draw(values())
        case "remove":
            del parent[key]
        case "misspell":
            parent[draw(st.sampled_from((key[:-1], f"{key}s", key.upper(), f"{key}\n", key.replace("_", "-"))))] = (
                parent.pop(key)
            )
        case _:
            parent[draw(st.text(min_size=1, max_size=20))] = draw(values())


def _change_list(draw: st.DrawFn, parent: list[Value], index: int) -> None:
    match draw(st.sampled_from(("replace", "remove", "double", "many", "reverse"))):
        case "replace":
            parent[index] = draw(values())
        case "remove":
            del parent[index]
        case "double":
            parent.append(copy.deepcopy(parent[index]))
        case "many":
            parent.extend(copy.deepcopy(parent[index]) for _ in range(draw(st.integers(1, 50))))
        case _:
            parent.reverse()


def from_schema(schema: StackSchema, node: Node, depth: int = 0) -> st.SearchStrategy[Value]:
    """Values of the form that the schema asks for.

    Args:
        schema: Where definitions are.
        node: What the value has to be.
        depth: How deep the value is; optional settings become rare further down.
    """
    if node.definition:
        return from_schema(schema, schema.definitions[node.definition], depth)
    if node.const is not None:
        return st.just(node.const)
    if node.enum:
        return st.sampled_from(node.enum)
    if node.choices:
        return st.one_of(
            [st.deferred(lambda choice=choice: from_schema(schema, choice, depth)) for choice in node.choices]
        )
    if node.properties or isinstance(node.additional, Node):
        return _object(schema, node, depth)
    if node.items:
        return st.lists(
            from_schema(schema, node.items, depth + 1), min_size=node.min_items, max_size=node.min_items + 2
        )
    kinds = [node.type] if isinstance(node.type, str) else node.type or ["string"]
    return st.one_of([_scalar(kind, node) for kind in kinds])


def _object(schema: StackSchema, node: Node, depth: int) -> st.SearchStrategy[Value]:
    if isinstance(node.additional, Node):
        inner = from_schema(schema, node.additional, depth + 1)
        return st.dictionaries(
            st.from_regex(r"[a-z]{1,8}", fullmatch=True),
            inner,
            min_size=node.min_properties,
            max_size=node.min_properties + 2,
        )
    required = {
        name: from_schema(schema, about, depth + 1) for name, about in node.properties.items() if name in node.required
    }
    optional = {
        name: from_schema(schema, about, depth + 1)
        for name, about in node.properties.items()
        if name not in node.required
    }
    return st.fixed_dictionaries(required, optional=optional if depth < 2 else {})


def _scalar(kind: str, node: Node) -> st.SearchStrategy[Value]:
    match kind:
        case "boolean":
            return st.booleans()
        case "integer":
            low = int(node.minimum or 0)
            return st.integers(low, int(node.maximum if node.maximum is not None else low + 1_000))
        case "number":
            low = node.minimum or 0.0
            return st.floats(low, node.maximum if node.maximum is not None else low + 1e6, allow_nan=False)
        case "null":
            return st.none()
        case "object":
            return st.just({})
        case _ if node.examples:
            return st.sampled_from(node.examples)
        case _ if node.pattern:
            return st.from_regex(node.pattern, fullmatch=True)
        case _:
            return st.text(min_size=1, max_size=30)
