"""Descriptions of a contract's fields: the docstrings below them in the source.

They are read when the JSON schema or the message about a wrong value needs them. pydantic can read them while it builds
a class (``use_attribute_docstrings``), which took a quarter of the time that the program's imports take.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

_DESCRIBED = re.compile(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


@cache
def described_arguments(docstring: str) -> Mapping[str, str]:
    """What the sections ``Args`` and ``Attributes`` of a docstring say, by name."""
    return {name: " ".join(text.split()) for name, text in _DESCRIBED.findall(inspect.cleandoc(docstring))}


@cache
def field_descriptions(model: type) -> Mapping[str, str]:
    """Docstrings below annotated fields by the field's name, those of base classes included.

    Classes without source, built-in or made at run time, have none.
    """
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        found |= _own_descriptions(base)
    return found


def _own_descriptions(model: type) -> dict[str, str]:
    try:
        parsed = ast.parse(textwrap.dedent(inspect.getsource(model)))
    # The last one is a fault of CPython 3.11, where a collected coroutine may parse as well in the meantime: gh-106905.
    except (OSError, TypeError, SystemError):
        return {}
    statements = [
        statement for definition in parsed.body if isinstance(definition, ast.ClassDef) for statement in definition.body
    ]
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(statements)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }
