"""Names of environments, clouds and scopes: as texts, as members of enumerations, and inside of texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from .source import Source, keys, tested, texts


def read(node: ast.AST, source: Source) -> Iterator[str]:
    """Words in a node.

    A text that is such a word counts wherever it is. Texts that hold one are mostly messages, so that they count only
    where a text is told apart or looked up: in comparisons, ``match``, tests such as ``startswith``, and keys.
    """
    match node:
        case ast.Constant(value=str(text)) if id(node) not in source.silent:
            if _is_foreign(source.known.words, text, source):
                yield f"word {text!r}"
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()):
            if _is_foreign(source.known.members, name, source):
                yield f"member {ast.unparse(value)}.{name}"
        case _:
            pass
    yield from (found for side in tested(node) for found in _compared(side, source))
    yield from (found for _, key in keys(node) for text in texts(key) for found in _named_in(text, source))
    yield from _chosen(node, source)


def _is_foreign(owners: Mapping[str, str], word: str, source: Source) -> bool:
    return owners.get(word, source.owner) != source.owner


def _compared(side: ast.expr, source: Source) -> Iterator[str]:
    for part in ast.walk(side):
        match part:
            case ast.Constant(value=str(text)) if _is_foreign(source.known.words, text, source):
                yield f"comparison with {text!r}"
            case ast.Constant(value=str(text)):
                yield from _inside(text, source)
            case ast.Attribute(attr=name) if _is_foreign(source.known.members, name, source):
                yield f"comparison with {ast.unparse(part)}"
            case _:
                pass


def _inside(text: str, source: Source) -> Iterator[str]:
    """Words inside of a longer text."""
    if not source.owner:
        small = _parts(text) & {*source.known.words}
        yield from (f"word {word!r} in {text!r}" for word in sorted(small))
    yield from _named_in(text, source)


def _named_in(text: str, source: Source) -> Iterator[str]:
    """Words of a cloud in any case, such as those in ``AWS_REGION`` and ``EksCluster``."""
    if text not in source.known.words:
        parts = {part for part in _parts(text) if _is_foreign(source.known.vendors, part.lower(), source)}
        yield from (f"word {word!r} in {text!r}" for word in sorted(parts - {*source.known.words}))


def _parts(text: str) -> set[str]:
    return {*re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", text)}


def _chosen(node: ast.AST, source: Source) -> Iterator[str]:
    """A table written where it is looked up in chooses as a ``match`` does."""
    for table, key in keys(node):
        if isinstance(table, ast.Dict) and any(
            _is_foreign(source.known.words, text, source) for word in table.keys if word for text in texts(word)
        ):
            yield f"choice by {ast.unparse(key)}"
