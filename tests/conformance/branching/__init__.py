"""Reads source for everything by which code could tell one environment or scope from another.

It looks for ways to know, not for forms of branches: code that can neither name what belongs to one environment, nor
spell an environment or a scope, nor ask a value where it comes from has nothing to branch on. Only sources are read,
so that code is covered that no test runs. Each module beside this one is one way to know:

* ``names``: types, classes, constants and modules that belong to one environment or scope.
* ``words``: names of environments, clouds and scopes as texts or members of enumerations.
* ``fields``: fields of settings and facts that hold such a name.
* ``reflection``: the type of a target or of settings, and which fields it has.

Not found, because code that is no branch looks the same:

* Optional fields: ``if settings.foundation_stack is not None``, ``if machine.cloud``. The type checker refuses fields
  that a union's other types lack, so that code without reflection reads shared fields only.
* Attributes of an environment or a stack: ``environment.secrets``, ``environment.presence``, which are there to be
  asked, ``environment.create is other.create``, ``len(stack.layers) == 1``.
* Choices of a user that only some environments offer: ``case CapacityBlock()`` of a pool. Pools are a union of their
  own.
* Products of a cloud by a name that does not hold the cloud's, such as ``'efs' in provisioner`` and ``'vpc-'``.
* A place in a variable called otherwise (``where = facts.place``), and words put together at run time.
* Keys of raw mappings other than ``kind`` and ``scope``, unless they are looked for in ``raw['target']``.
* Errors of a bare ``except``, which ruff refuses anyway.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from . import fields, names, reflection, words
from .source import Knowledge, Source

__all__ = ["Finding", "Knowledge", "findings"]

_WAYS = (names.read, words.read, fields.read, reflection.read)


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


def findings(path: str, text: str, known: Knowledge, owner: str = "") -> Iterator[Finding]:
    """Everything in a file that tells environments or scopes apart.

    Args:
        path: The file, below the project; relative imports start there.
        text: What it holds.
        known: What outsiders are not to know.
        owner: Environment whose own code this is; it may name itself, and no other.
    """
    source = Source(path=PurePosixPath(path), tree=ast.parse(text), known=known, owner=owner)
    for statement in source.tree.body:
        for node in ast.walk(statement):
            for read in _WAYS:
                for what in read(node, source):
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
