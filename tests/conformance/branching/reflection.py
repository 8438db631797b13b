"""The type of a value, and which fields it has, asked of the value itself."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from .source import Source, is_any, is_type, keys, last, tested, texts

_SUBJECTS = ("target", "settings")
"""Variables and fields whose type depends on the environment or the scope."""
_QUESTIONS = {"isinstance", "issubclass", "getattr", "hasattr", "vars", "dir", "asdict", "repr", "type"}
_FIELDS = {"model_fields_set", "model_extra", "__dict__"}
_ALL_FIELDS = {"model_fields", "__fields__", "__annotations__"}
_TYPE_NAMES = {"__name__", "__qualname__", "__module__"}
_GENERAL = {"object", "Target", "BaseModel", "Contract"}


def read(node: ast.AST, source: Source) -> Iterator[str]:
    """Such questions in a node.

    Of a target or settings no question is fine. Of other values types may be asked for, as of those of JSON; they are
    found where a type is compared or decides what is looked up.
    """
    if source.owner:
        return
    yield from _of_subject(node, source)
    yield from _of_type(node, source)
    match node:
        case ast.Call(func=function, args=[value, *_]) if last(function) == "hasattr":
            if not any(text.startswith("__") for text in texts(node)):
                yield f"hasattr of {ast.unparse(value)}"
        case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(name)), _]):
            yield f"getattr of {ast.unparse(value)}: {name}"
        case ast.Call(func=function, args=[_, kind]) if last(function) in {"isinstance", "issubclass"}:
            if is_any(kind, lambda part: isinstance(part, ast.Attribute) and part.attr == "settings"):
                yield f"{last(function)} of {ast.unparse(kind)}"
        case ast.ExceptHandler(type=ast.expr() as kind) if is_any(kind, lambda part: last(part) == "AttributeError"):
            yield "except AttributeError"
        case ast.MatchClass(cls=cls, kwd_attrs=[_, *_] as names) if last(cls) in _GENERAL:
            yield f"pattern {last(cls)} with fields {', '.join(names)}"
        case _:
            pass


def _of_subject(node: ast.AST, source: Source) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=function), args=[value, *_]) if function in _QUESTIONS:
            if _is_subject(value) and not _is_shown_type(node, source):
                yield f"question: {ast.unparse(node)}"
        case ast.Attribute(value=value, attr=name) if name in {*_FIELDS, *_TYPE_NAMES, "model_dump"}:
            if _is_subject(value):
                yield f"question: {ast.unparse(node)}"
        case ast.Compare(
            left=ast.Attribute(attr="settings"), ops=[ast.Is() | ast.IsNot() | ast.Eq()], comparators=[right]
        ):
            if not isinstance(right, ast.Constant):
                yield f"comparison of settings: {ast.unparse(node)}"
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]) if _is_subject(value, {"target"}):
            yield f"question: {ast.unparse(node)}"
        case _:
            pass


def _of_type(node: ast.AST, source: Source) -> Iterator[str]:
    match node:
        case ast.Attribute(attr="__class__"):
            yield "type of a value as __class__"
        case ast.Attribute(value=value, attr=name) if name in _TYPE_NAMES and is_type(value):
            if id(node) not in source.shown:
                yield f"name of a type: {ast.unparse(node)}"
        case ast.Attribute(value=value, attr=name) if name in _ALL_FIELDS and is_type(value):
            if not is_any(value, lambda part: last(part) in {"self", "cls"}):
                yield f"fields of a type: {ast.unparse(node)}"
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
            if is_any(value, lambda part: isinstance(part, ast.Attribute) and part.attr in _ALL_FIELDS):
                yield f"comparison of fields: {ast.unparse(node)}"
        case _:
            pass
    sides = tested(node)
    if any(is_any(side, is_type) for side in sides):
        yield f"comparison of types: {', '.join(map(ast.unparse, sides))}"
    yield from (f"choice by type: {ast.unparse(key)}" for _, key in keys(node) if is_any(key, is_type))


def _is_subject(node: ast.expr, subjects: Collection[str] = _SUBJECTS) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name in subjects
        case _:
            return False


def _is_shown_type(node: ast.Call, source: Source) -> bool:
    """Whether it is ``type(value)`` of which a message tells the name."""
    names = (part for part in ast.walk(source.tree) if isinstance(part, ast.Attribute) and id(part) in source.shown)
    return any(name.value is node and name.attr == "__name__" for name in names)
