"""What the rule knows, the file that it reads, and small questions about expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What outsiders are not to know.

    Attributes:
        types: Names of the types of targets and of the settings of scopes.
        values: Names of constants that hold one environment or one layer, or all of them in a fixed order.
        words: Names of environments, clouds and scopes, each with what owns it.
        vendors: Words by which people and vendors call a cloud, in lower case, each with what owns it.
        members: Names of enumeration members that stand for an environment, each with what owns it.
        packages: Modules that know environments, each with what owns it.
        classes: Names of classes that belong to one cloud, each with the folders or files that may name it.
        tables: Tables with one row for each cloud, as an expression; to look a row up is no branch.
        others: By field, names of variables whose field of that name holds something else.
    """

    types: Collection[str]
    values: Collection[str]
    words: Mapping[str, str]
    vendors: Mapping[str, str]
    members: Mapping[str, str]
    packages: Mapping[str, str]
    classes: Mapping[str, Collection[str]]
    tables: Collection[str] = ()
    others: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file.

    Attributes:
        path: The file, below the project; relative imports start there.
        tree: Its statements.
        known: What outsiders are not to know.
        owner: Environment whose own code this is; it may name itself, and no other.
    """

    path: PurePosixPath
    tree: ast.Module
    known: Knowledge
    owner: str

    @cached_property
    def silent(self) -> set[int]:
        """Texts that do nothing: docstrings, and names in ``__all__``."""
        documents = (node.value for node in ast.walk(self.tree) if isinstance(node, ast.Expr))
        exports = (
            part
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            for part in ast.walk(node.value)
        )
        return {id(text) for text in (*documents, *exports) if isinstance(text, ast.Constant)}

    @cached_property
    def shown(self) -> set[int]:
        """Expressions that are parts of a text, such as of a message."""
        return {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.FormattedValue)}

    @cached_property
    def assigned(self) -> set[str]:
        """Names that the file gives values of its own, in the module or in a class."""
        bodies = [self.tree.body, *(node.body for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))]
        return {
            name.id
            for body in bodies
            for statement in body
            if isinstance(statement, ast.Assign | ast.AnnAssign)
            for name in ast.walk(statement)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }


def last(node: ast.AST) -> str:
    """The last name in an expression: ``pool`` in ``view.pool``, ``get`` in ``table.get``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=value) | ast.Subscript(value=value):
            return last(value)
        case _:
            return ""


def is_any(node: ast.AST, test: Callable[[ast.AST], bool]) -> bool:
    """Whether the test holds for the expression or a part of it."""
    return any(test(part) for part in ast.walk(node))


def is_type(node: ast.AST) -> bool:
    """Whether that is ``type(value)``."""
    return isinstance(node, ast.Call) and last(node.func) == "type" and len(node.args) == 1


def texts(node: ast.AST) -> Iterator[str]:
    """All texts in an expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def keys(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Keys by which something is looked up, each with what it is looked up in."""
    match node:
        case ast.Subscript(value=table, slice=key) if last(table) not in {"Annotated", "Literal"}:
            yield table, key
        case ast.Call(func=ast.Attribute(value=table, attr="get" | "pop" | "setdefault"), args=[key, *_]):
            yield table, key
        case ast.Call(func=ast.Name(id="getattr"), args=[table, key, *_]):
            yield table, key
        case _:
            pass


def tested(node: ast.AST) -> list[ast.expr]:
    """What is told apart: sides of a comparison, subject and values of a ``match``, what a text is tested for."""
    match node:
        case ast.Compare(left=left, comparators=right):
            return [left, *right]
        case ast.Match(subject=side) | ast.MatchValue(value=side):
            return [side]
        case ast.Call(func=function, args=arguments) if last(function) in _TEXT_TESTS:
            return [*([function.value] if isinstance(function, ast.Attribute) else []), *arguments]
        case _:
            return []


_TEXT_TESTS = {
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "find",
    "count",
    "fullmatch",
    "match",
    "search",
}
