"""Types, classes, constants and modules that belong to one environment or scope, by their names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .source import Source, last


def read(node: ast.AST, source: Source) -> Iterator[str]:
    """Names that a node mentions, without the nodes inside of it.

    A class of one cloud is found wherever it is named, because a tuple of such classes, or another name for one, can
    end up in an ``isinstance`` of another file.
    """
    match node:
        case ast.Import(names=names):
            yield from (found for name in names for found in _module(name.name, source))
        case ast.ImportFrom(names=names):
            yield from _import(node, [name.name for name in names], source)
        case ast.Name(id=name, ctx=ast.Load()):
            yield from _name(name, source)
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()):
            # ``Priority.SERVING`` is a member of an enumeration, ``serving.SERVING`` the layer.
            if not (name in source.known.values and last(value)[:1].isupper()):
                yield from _name(name, source)
        case ast.Constant(value=str(text)) if id(node) not in source.silent:
            yield from _text(text, source)
        case ast.Call(func=function, args=[ast.JoinedStr() as name, *_]) if last(function) == "import_module":
            yield f"import of {ast.unparse(name)}"
        case ast.Subscript(value=value, slice=index) if last(value) == "ENVIRONMENTS":
            yield f"one of ENVIRONMENTS by its place, {ast.unparse(index)}"
        case _:
            pass


def _import(node: ast.ImportFrom, names: list[str], source: Source) -> Iterator[str]:
    module = node.module or ""
    if node.level:
        folders = source.path.parent.parts
        module = ".".join((*folders[: len(folders) - node.level + 1], *filter(None, [module])))
    for name in names:
        if name == "*":
            yield f"import of everything in {module}"
        found = list(_module(f"{module}.{name}", source))
        yield from found or _name(name, source)


def _module(module: str, source: Source) -> Iterator[str]:
    for package, owner in source.known.packages.items():
        # Modules that are named in texts may leave the first part out, as relative ones do.
        inner = package.partition(".")[2] if package.count(".") > 1 else package
        if owner != source.owner and f".{inner}." in f".{module}.":
            yield f"import of {package}"


def _name(name: str, source: Source) -> Iterator[str]:
    known = source.known
    if not source.owner and (name in known.types or (name in known.values and name not in source.assigned)):
        yield f"name {name}"
    if name in known.classes and not str(source.path).startswith(tuple(known.classes[name])):
        yield f"class {name}"


def _text(text: str, source: Source) -> Iterator[str]:
    # One capital word, such as ``Vpc``, is a word of any text.
    if text in source.known.types or (text in source.known.classes and len(re.findall("[A-Z]", text)) > 1):
        yield from _name(text, source)
    elif "." in text and text.replace(".", "").isidentifier():
        yield from _module(text, source)
