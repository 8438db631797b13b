"""Fields that hold the name of an environment, a cloud or a scope."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .source import Source, keys, last, tested, texts

ASKED = ("kind", "scope")
"""Fields of settings that hold such a name; nobody else reads them."""
_PASSED_ON = ("environment", "cloud", "place")
"""Fields of facts that hold such a name; passing them on is fine, comparing them or looking something up is not."""
_SPELLED = ("instance_type", "machine_type", "vm_size")
"""Fields whose texts each cloud spells in its own way; to take such a text apart tells which one it was."""
_READERS = {"get", "pop", "getattr", "hasattr", "attrgetter", "itemgetter", "setdefault"}


def read(node: ast.AST, source: Source) -> Iterator[str]:
    """Questions of a node for such fields."""
    if source.owner:
        return
    match node:
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if name in ASKED:
            if last(value) not in source.known.others.get(name, ()):
                yield f"attribute {ast.unparse(value)}.{name}"
        case ast.Call(func=function, args=arguments) if last(function) in _READERS:
            yield from (found for argument in arguments for found in _key(argument))
        case ast.Subscript(slice=index):
            yield from _key(index)
        case ast.MatchMapping(keys=names):
            yield from (found for name in names for found in _key(name))
        case _:
            pass
    yield from _compared(node, source)
    yield from _looked_up(node, source)
    yield from _spelled(node)
    yield from _layer_by_place(node)


def _spelled(node: ast.AST) -> Iterator[str]:
    """Machine types that are compared with texts, in whatever form."""
    if not isinstance(node, ast.Compare | ast.Call):
        return
    sides = tested(node)
    named = any(_is_machine_name(part) for side in sides for part in ast.walk(side))
    if named and any(isinstance(part, ast.Constant) and part.value for side in sides for part in ast.walk(side)):
        yield f"machine type by its name: {ast.unparse(node)}"


def _is_machine_name(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name) if name in _SPELLED:
            return True
        case ast.Attribute(value=value, attr="name"):
            return last(value) == "machine"
        case _:
            return False


def _layer_by_place(node: ast.AST) -> Iterator[str]:
    """Which layers a stack has, by their number or their order."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=int())) if last(value) == "layers":
            yield f"layer by its place: {ast.unparse(node)}"
        case ast.Compare(left=ast.Call(func=ast.Name(id="len"), args=[value])) if last(value) == "layers":
            yield f"number of layers: {ast.unparse(node)}"
        case _:
            pass


def _key(key: ast.expr) -> Iterator[str]:
    # Keys of the engine's configuration start with the project, as ``strata:scope`` does.
    if isinstance(key, ast.Constant) and str(key.value).rpartition(":")[2] in ASKED:
        yield f"key {key.value!r}"


def _compared(node: ast.AST, source: Source) -> Iterator[str]:
    """Fields that are told apart, besides that they are read: where reading one is allowed, this is not."""
    sides = tested(node)
    if any(isinstance(side, ast.Constant) and side.value is None for side in sides):
        return
    spelled = () if isinstance(node, ast.Compare | ast.Match) else _SPELLED
    if any(_is_field(side, (*_PASSED_ON, *ASKED, *spelled), source) for side in sides):
        shown = node.subject if isinstance(node, ast.Match) else node
        yield f"comparison by field: {ast.unparse(shown)}"


def _looked_up(node: ast.AST, source: Source) -> Iterator[str]:
    for table, key in keys(node):
        if (
            _is_field(key, ("cloud", "place", "settings", *ASKED), source)
            and ast.unparse(table) not in source.known.tables
        ):
            yield f"choice by field: {ast.unparse(table)} by {ast.unparse(key)}"


def _is_field(node: ast.expr, fields: tuple[str, ...], source: Source) -> bool:
    match node:
        case ast.Attribute(value=value, attr="value" | "name") if last(value) in _PASSED_ON:
            return _is_field(value, fields, source)
        case ast.Attribute(value=value, attr=name):
            return name in fields and last(value) not in source.known.others.get(name, ())
        case ast.Subscript(slice=key) | ast.Call(func=ast.Attribute(attr="get"), args=[key, *_]):
            return any(text in ASKED for text in texts(key)) and isinstance(key, ast.Constant)
        case ast.Name(id=name):
            # Places of other things, and kinds, are variables of many functions.
            return name in fields and name not in {"place", *ASKED}
        case _:
            return False
