"""Reads source for everything by which code could tell one environment or scope from another.

It looks for ways to know, not for forms of branches: code that can neither name a target's type, nor spell an
environment or a scope, nor ask an object for its kind has nothing to branch on. Only sources are read, so that code
is covered that no test runs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

ASKED = ("kind", "scope")
"""Fields of settings that hold the name of an environment or a scope."""
# Fields of facts that hold such a name; to pass them on is fine, to take them apart or compare them is not.
_NAMES = {*ASKED, "environment", "cloud", "place"}
_READERS = {"get", "pop", "getattr", "hasattr", "attrgetter", "itemgetter", "setdefault"}
_TYPES = {"isinstance", "issubclass"}
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


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What outsiders are not to know.

    Attributes:
        types: Names of the types of targets and of the settings of scopes.
        values: Names of constants that hold one environment, or all of them in a fixed order.
        words: Names of environments, clouds and scopes, each with what owns it.
        members: Names of enumeration members that stand for an environment, each with what owns it.
        packages: Modules that know environments, each with what owns it.
        others: By field, names of variables whose field of that name holds something else.
    """

    types: Collection[str]
    values: Collection[str]
    words: Mapping[str, str]
    members: Mapping[str, str]
    packages: Mapping[str, str]
    others: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])


@dataclass(frozen=True)
class Finding:
    """Something that tells environments or scopes apart.

    Attributes:
        path: File, below the project.
        line: Line of it.
        where: Function, class or constant of the module that it is in; ``import`` for imports.
        what: What was found, such as ``word 'eks'``.
    """

    path: str
    line: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what} in {self.where}"


def findings(path: str, source: str, known: Knowledge, owner: str = "") -> Iterator[Finding]:
    """Everything in a file that tells environments or scopes apart.

    Args:
        path: The file, below the project; relative imports start there.
        source: Its text.
        known: What outsiders are not to know.
        owner: Environment whose own code this is; it may name itself, and no other.
    """
    tree = ast.parse(source)
    reader = _Reader(path=PurePosixPath(path), known=known, owner=owner, silent=_docstrings(tree) | _exports(tree))
    for statement in tree.body:
        for node in ast.walk(statement):
            for what in reader.read(node):
                yield Finding(path, getattr(node, "lineno", statement.lineno), _where(statement), what)


def _where(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.Import() | ast.ImportFrom():
            return "import"
        case _:
            return type(statement).__name__.lower()


def _docstrings(tree: ast.Module) -> set[int]:
    """Texts that are statements: they document and do nothing."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _exports(tree: ast.Module) -> set[int]:
    """Texts in ``__all__``, which export names and do nothing else."""
    return {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for part in ast.walk(node.value)
    }


@dataclass(frozen=True, kw_only=True)
class _Reader:
    path: PurePosixPath
    known: Knowledge
    owner: str
    silent: Collection[int]

    def read(self, node: ast.AST) -> Iterator[str]:
        """What a node tells, without the nodes inside of it."""
        yield from self._words(node)
        yield from self._questions(node)

    def _words(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Import(names=names):
                yield from (found for name in names for found in self._module(name.name))
            case ast.ImportFrom(names=names):
                yield from self._import(node, [name.name for name in names])
            case ast.Name(id=name, ctx=ast.Load()):
                yield from self._name(name)
            case ast.Attribute(value=value, attr=name, ctx=ast.Load()):
                yield from self._attribute(value, name)
            case ast.Constant(value=str(text)) if id(node) not in self.silent:
                yield from self._text(text)
            case _:
                pass

    def _questions(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Call(func=function, args=arguments):
                yield from self._call(function, arguments)
            case ast.Subscript(value=value, slice=index):
                yield from self._subscript(_last(value), index)
            case ast.Compare(left=left, ops=operators, comparators=right):
                yield from self._compare([left, *right])
                yield from self._fields([left, *right], operators)
            case ast.Match(subject=subject):
                yield from self._compare([subject])
            case ast.MatchClass(cls=cls, kwd_attrs=attributes):
                yield from self._pattern(_last(cls), attributes)
            case ast.MatchMapping(keys=keys):
                yield from (found for key in keys for found in self._key(key))
            case _:
                pass

    def _import(self, node: ast.ImportFrom, names: list[str]) -> Iterator[str]:
        module = node.module or ""
        if node.level:
            parents = self.path.parent.parts[: len(self.path.parent.parts) - node.level + 1]
            module = ".".join((*parents, *filter(None, [module])))
        for name in names:
            if name == "*":
                yield f"import of everything in {module}"
            found = list(self._module(f"{module}.{name}"))
            yield from found or self._name(name)

    def _module(self, module: str) -> Iterator[str]:
        for package, owner in self.known.packages.items():
            # Modules that are named in texts may leave the first part out, as relative ones do.
            inner = package.partition(".")[2] if package.count(".") > 1 else package
            if owner != self.owner and f".{inner}." in f".{module}.":
                yield f"import of {package}"

    def _name(self, name: str) -> Iterator[str]:
        if not self.owner and name in {*self.known.types, *self.known.values}:
            yield f"name {name}"

    def _attribute(self, value: ast.expr, name: str) -> Iterator[str]:
        yield from self._name(name)
        if name == "__class__":
            yield "type of a value as __class__"
        if self.known.members.get(name, self.owner) != self.owner:
            yield f"member {ast.unparse(value)}.{name}"
        if name in ASKED and not self.owner and _last(value) not in self.known.others.get(name, ()):
            yield f"attribute {ast.unparse(value)}.{name}"

    def _text(self, text: str) -> Iterator[str]:
        is_type = text in self.known.types and not self.owner
        if is_type or self.known.words.get(text, self.owner) != self.owner:
            yield f"word {text!r}"
        elif "." in text and text.replace(".", "").isidentifier():
            yield from self._module(text)

    def _call(self, called: ast.expr, arguments: list[ast.expr]) -> Iterator[str]:
        if self.owner:
            return
        function = _last(called)
        if function in _READERS:
            yield from (found for argument in arguments for found in self._key(argument))
        if function == "hasattr" and not _has_text(arguments[-1], lambda text: text.startswith("__")):
            yield f"hasattr of {ast.unparse(arguments[0])}"
        if function in _TYPES and _has_attribute(arguments[-1], {"settings"}):
            yield f"{function} of {ast.unparse(arguments[-1])}"
        if function in _TEXT_TESTS:
            yield from (found for argument in arguments for found in self._inside(argument))
            if isinstance(called, ast.Attribute) and self._is_name(called.value):
                yield f"text test {ast.unparse(called)}"

    def _is_name(self, node: ast.expr) -> bool:
        match node:
            case ast.Attribute(value=value, attr=name) if name in _NAMES:
                return _last(value) not in self.known.others.get(name, ())
            case _:
                return False

    def _subscript(self, value: str, index: ast.expr) -> Iterator[str]:
        if value == "ENVIRONMENTS":
            yield "one of ENVIRONMENTS by its place"
        yield from self._key(index)

    def _key(self, key: ast.expr) -> Iterator[str]:
        if isinstance(key, ast.Constant) and key.value in ASKED and not self.owner:
            yield f"key {key.value!r}"

    def _inside(self, node: ast.expr) -> Iterator[str]:
        """Longer texts that hold such a word, where a text is tested."""
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value not in self.known.words:
                held = {*re.split("[^a-z]+", part.value)} & {*self.known.words}
                yield from (f"word {word!r} in {part.value!r}" for word in sorted(held))

    def _compare(self, sides: list[ast.expr]) -> Iterator[str]:
        if self.owner:
            return
        text = ", ".join(map(ast.unparse, sides))
        if any(_any(side, _is_type) for side in sides):
            yield f"comparison of types: {text}"
        is_asked = any(isinstance(side, ast.Name | ast.Attribute) and _last(side) == "environment" for side in sides)
        if is_asked and not any(isinstance(side, ast.Constant) and side.value is None for side in sides):
            yield f"comparison of environments: {text}"
        yield from (found for side in sides for found in self._inside(side))

    def _fields(self, sides: list[ast.expr], operators: list[ast.cmpop]) -> Iterator[str]:
        is_membership = any(isinstance(operator, ast.In | ast.NotIn) for operator in operators)
        if is_membership and _has_attribute(sides[-1], {"model_fields", "__fields__"}) and not self.owner:
            yield f"comparison of fields: {', '.join(map(ast.unparse, sides))}"

    def _pattern(self, name: str, attributes: list[str]) -> Iterator[str]:
        asked = {*attributes} & {*ASKED}
        if asked and not self.owner and name in {"object", "Target", "BaseModel"}:
            yield f"pattern {name} with {', '.join(sorted(asked))}"


def _last(node: ast.expr) -> str:
    """The last name in an expression: ``pool`` in ``view.pool``, ``get`` in ``table.get``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return _last(function)
        case ast.Subscript(value=value):
            return _last(value)
        case _:
            return ""


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _last(node.func) == "type" and len(node.args) == 1


def _any(node: ast.expr, test: Callable[[ast.AST], bool]) -> bool:
    return any(test(part) for part in ast.walk(node))


def _has_text(node: ast.expr, test: Callable[[str], bool]) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and test(node.value)


def _has_attribute(node: ast.expr, names: Collection[str]) -> bool:
    return _any(node, lambda part: isinstance(part, ast.Attribute) and part.attr in names)
