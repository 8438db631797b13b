"""Descriptions of a contract's fields: the docstrings below them in the source.

They are read when the JSON schema or the message about a wrong value needs them. pydantic can read them while it builds
a class (``use_attribute_docstrings``), which took a quarter of the time that the program's imports take.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache
from itertools import pairwise


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
        source = inspect.getsource(model)
    except (OSError, TypeError):
        return {}
    statements = [
        statement
        for definition in ast.parse(textwrap.dedent(source)).body
        if isinstance(definition, ast.ClassDef)
        for statement in definition.body
    ]
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(statements)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }
